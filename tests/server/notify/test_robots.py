"""Robots against a real receiver that checks the signature, and the addresses that no robot may have."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from sqlmodel import col, select

from server.services.notify import MessageWords, robots, sending
from server.settings import Settings
from server.store.messages import Delivery
from tests.server.notify.conftest import NOW, Post, Receiver


def rows(post: Post) -> list[Delivery]:
    with post.district.database.read() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


def test_dingtalk_gets_markdown_signed_with_its_secret(post: Post, receiver: Receiver) -> None:
    post.robot("dingtalk", f"{receiver.address}/robot/send?access_token=T", secret="SEC-Geheimnis")
    post.say("a")
    assert sending.deliver_all(post.context) == 1
    ((address, _headers, body),) = receiver.posts
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert query["access_token"] == "T"
    assert query["timestamp"] == str(int(NOW.timestamp() * 1000))
    wanted = hmac.new(b"SEC-Geheimnis", f"{query['timestamp']}\nSEC-Geheimnis".encode(), hashlib.sha256).digest()
    assert base64.b64decode(query["sign"]) == wanted
    said = orjson.loads(body)
    assert said["msgtype"] == "markdown"
    assert said["markdown"]["title"] == "【亮牌】整改通知：食堂留样"
    assert "(https://liangpai.example.org/findings/S01-f01_a02-261110)" in said["markdown"]["text"]


def test_wecom_gets_markdown_of_at_most_4096_bytes(post: Post, receiver: Receiver) -> None:
    post.robot("wecom", f"{receiver.address}/cgi-bin/webhook/send?key=K")
    post.say("a", words=MessageWords("标题", "t", "很长的正文" * 1000))
    assert sending.deliver_all(post.context) == 1
    ((address, _headers, body),) = receiver.posts
    assert address == "/cgi-bin/webhook/send?key=K"
    assert len(orjson.loads(body)["markdown"]["content"].encode()) <= 4096


def test_another_receiver_can_check_who_posted_and_recognise_a_repetition(post: Post, receiver: Receiver) -> None:
    receiver.status, receiver.answer = 204, b""
    post.robot("generic", f"{receiver.address}/hook", secret="s3cret")
    post.say("a", urgent=True)
    assert sending.deliver_all(post.context) == 1
    ((_address, headers, body),) = receiver.posts
    signed = f"{headers['x-liangpai-timestamp']}.".encode() + body
    assert headers["x-liangpai-signature"] == f"sha256={hmac.new(b's3cret', signed, hashlib.sha256).hexdigest()}"
    said = orjson.loads(body)
    assert headers["idempotency-key"] == said["id"] == rows(post)[0].key
    assert said["urgent"] is True
    assert said["messages"][0]["subject"] == "S01-f01_a02-261110"


def test_nobodys_words_become_markdown(post: Post, receiver: Receiver) -> None:
    post.robot("wecom", f"{receiver.address}/send?key=K")
    post.say("a", words=MessageWords("[点我](https://evil.example) <@all>", "t"))
    sending.deliver_all(post.context)
    text = orjson.loads(receiver.posts[0][2])["markdown"]["content"]
    assert "](https://evil.example)" not in text.replace("\\]\\(", "")
    assert "<@all>" not in text


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "45009 api freq out of limit"),
        (500, b"", "HTTP 500"),
        (302, b"", "HTTP 302"),
        (200, b"<html>", "the answer is not a robot's"),
        (200, b"[]", "the answer is not a robot's"),
        (200, b"x" * 100_000, "the answer is too long"),
    ],
)
def test_whatever_a_robot_answers_but_yes_is_noted_and_tried_again(
    post: Post, receiver: Receiver, status: int, answer: bytes, error: str
) -> None:
    receiver.status, receiver.answer, receiver.location = status, answer, f"{receiver.address}/elsewhere"
    post.robot("wecom", f"{receiver.address}/send?key=K")
    post.say("a")
    assert sending.deliver_all(post.context) == 0
    assert [(row.state, row.error, row.tries) for row in rows(post)] == [("waiting", error, 1)]
    assert len(receiver.posts) == 1  # a redirect is not followed
    receiver.status, receiver.answer = 200, b'{"errcode":0}'
    post.district.clock.now = NOW + dt.timedelta(minutes=1)
    assert sending.deliver_all(post.context) == 1


def test_a_robot_that_is_out_of_order_delays_neither_mail_nor_other_robots(post: Post, receiver: Receiver) -> None:
    post.wants("office")
    post.robot("wecom", "http://127.0.0.1:9/send?key=K")
    post.robot("wecom", f"{receiver.address}/send?key=K")
    for number in range(3):
        post.say(str(number))
    assert sending.deliver_all(post.context) == 6
    assert len(receiver.posts) == 3
    waiting = [row for row in rows(post) if row.state == "waiting"]
    # The first was tried; the two behind it only wait.
    assert [row.tries for row in waiting] == [1, 0, 0]
    assert all(row.error.startswith("no answer") for row in waiting)


def test_the_key_of_a_robot_is_in_no_error(post: Post) -> None:
    post.robot("wecom", "http://127.0.0.1:9/send?key=TOPSECRET")
    post.say("a")
    sending.deliver_all(post.context)
    assert "TOPSECRET" not in rows(post)[0].error


def test_a_robot_switched_off_gets_nothing_more(post: Post, receiver: Receiver) -> None:
    from server.store.messages import Robot

    robot = post.robot("wecom", f"{receiver.address}/send?key=K")
    post.say("a")
    with post.district.database.write() as session:
        row = session.get(Robot, robot)
        assert row is not None
        row.active = False
        session.add(row)
    assert sending.deliver_all(post.context) == 0
    assert (receiver.posts, rows(post)[0].state) == ([], "dropped")


WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"


@pytest.mark.parametrize(
    ("kind", "url", "why"),
    [
        ("wecom", WECOM, ""),
        ("wecom", WECOM.replace("?key=1", ""), "robot.key"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=1", ""),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send", "robot.token"),
        ("wecom", WECOM.replace("https", "http"), "robot.https"),
        ("wecom", WECOM.replace(".com/", ".com:8443/"), "robot.https"),
        ("wecom", "file:///etc/passwd", "robot.url"),
        ("wecom", "https://169.254.169.254/latest/meta-data?key=1", "robot.host"),
        ("wecom", "https://127.0.0.1/?key=1", "robot.host"),
        ("wecom", "https://[::1]/?key=1", "robot.host"),
        ("wecom", "https://2130706433/?key=1", "robot.host"),
        ("wecom", "https://qyapi.weixin.qq.com.evil.example/?key=1", "robot.host"),
        ("wecom", "https://qyapi.weixin.qq.com@evil.example/?key=1", "robot.url"),
        ("wecom", "https://evil.example\\@qyapi.weixin.qq.com/?key=1", "robot.url"),
        ("wecom", "https://qyapi.weixin.qq.com:99999/?key=1", "robot.url"),
        ("wecom", "https://[::1/?key=1", "robot.url"),
        ("wecom", "https://qyapi.weixin.qq.com/?key=1\r\nHost: x", "robot.url"),
        ("wecom", "https://企业.example/?key=1", "robot.url"),
        ("wecom", "", "robot.url"),
    ],
)
def test_a_robot_has_an_address_that_is_meant_for_robots(kind: str, url: str, why: str) -> None:
    assert robots.refused(Settings(), kind, url, "secret") == why


def test_a_generic_receiver_must_be_named_by_whoever_runs_the_server() -> None:
    url = "https://hooks.example.org/in"
    assert robots.refused(Settings(), "generic", url, "s") == "robot.host"
    allowed = Settings(webhook_hosts="hooks.example.org")
    assert robots.refused(allowed, "generic", url, "s") == ""
    assert robots.refused(allowed, "generic", url, "") == "robot.secret"


def test_an_address_that_was_allowed_once_is_asked_no_more_when_its_host_is_taken_off_the_list(
    post: Post, receiver: Receiver
) -> None:
    post.robot("wecom", f"{receiver.address}/send?key=K")
    post.context.settings.webhook_loopback = False
    post.say("a")
    assert sending.deliver_all(post.context) == 0
    assert (receiver.posts, rows(post)[0].state, rows(post)[0].error) == ([], "failed", "robot.https")
