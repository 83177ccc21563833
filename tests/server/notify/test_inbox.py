"""The inbox, the bell, everybody's own choice, and what an administrator sees of the channels."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import col, select

from server.services.notify import MessageWords, sending, tell
from server.store.events import Event
from server.store.messages import Delivery, MessageChoice, Robot
from tests.conftest import District, Queries
from tests.server.notify.conftest import NOW, MailServer, Post, Receiver

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=TOPSECRET"


def send(district: District, login: str, path: str, **data: str) -> Any:
    return district.as_(login).post(path, data={"token": district.form_token(login), **data})


def bell(district: District, login: str) -> str:
    """What the bell says."""
    page = district.as_(login).get("/inbox/choice").text
    found = re.search(r'class="bell" href="/inbox" aria-label="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_bell_counts_what_is_unread_and_reading_takes_it_away(post: Post) -> None:
    district = post.district
    assert bell(district, "head1") == "消息，没有未读"
    for number in range(3):
        post.say(str(number), "head1", words=MessageWords(f"第{number}条", f"No. {number}", "正文"))
    assert bell(district, "head1") == "消息，3条未读"
    assert bell(district, "head3") == "消息，没有未读"
    page = district.as_("head1").get("/inbox").text
    assert page.index("第2条") < page.index("第1条") < page.index("第0条")
    first = re.findall(r'href="(/inbox/\d+)"', page)[0]
    opened = district.as_("head1").get(first)
    assert "正文" in opened.text
    assert 'href="/findings/S01-f01_a02-261110"' in opened.text
    assert bell(district, "head1") == "消息，2条未读"
    assert len(re.findall(r'href="/inbox/\d+"', district.as_("head1").get("/inbox?show=unread").text)) == 2
    assert send(district, "head1", "/inbox/read").status_code == 303
    assert bell(district, "head1") == "消息，没有未读"


def test_nobody_reads_or_marks_anothers_message(post: Post) -> None:
    district = post.district
    post.say("a", "head1")
    page = district.as_("head1").get("/inbox").text
    address = re.findall(r'href="(/inbox/\d+)"', page)[0]
    for login in ("head3", "admin", "office", "strange"):
        assert district.as_(login).get(address).status_code == 404
        send(district, login, "/inbox/read")
    assert bell(district, "head1") == "消息，1条未读"


def test_messages_are_found_by_word_and_urgency(post: Post) -> None:
    district = post.district
    post.say("a", "head1", words=MessageWords("食堂100%合格", "x"))
    post.say("b", "head1", words=MessageWords("校车", "x"), urgent=True)
    for query, expected in (
        ("q=食堂", 1),
        ("q=100%25", 1),
        ("q=%25", 1),
        ("urgent=yes", 1),
        ("q=f01_a02", 2),
        ("q=_", 2),
    ):
        page = district.as_("head1").get(f"/inbox?{query}").text
        assert len(re.findall(r'href="/inbox/\d+"', page)) == expected, query


def test_hostile_words_stay_words_and_a_foreign_link_is_none(post: Post) -> None:
    district = post.district
    with district.database.write() as session:
        words = MessageWords("<script>alert(1)</script>", "x", "<img src=x onerror=alert(1)>")
        to = [district.people.persons["head1"]]
        tell(session, kind="t", to=to, subject="s", words=words, at=NOW, key="x", link="//evil.example/")
    client = district.as_("head1")
    page = client.get("/inbox").text
    assert "<script>alert" not in page and "<img src=x" not in page
    message = client.get(re.findall(r'href="(/inbox/\d+)"', page)[0]).text
    assert "evil.example" not in message and "<img src=x" not in message


def test_the_inbox_asks_the_store_a_fixed_number_of_times(post: Post, queries: Queries) -> None:
    for number in range(60):
        post.say(str(number), "head1")
    client = post.district.as_("head1")
    client.get("/inbox")
    queries.reset()
    assert client.get("/inbox").status_code == 200
    assert queries.count <= 6, "\n".join(queries.statements)


def test_a_choice_is_kept_and_followed(post: Post, mail_server: MailServer) -> None:
    district = post.district
    assert send(district, "head1", "/inbox/choice", email="he@example.org", mode="now").status_code == 303
    post.say("a", "head1")
    sending.deliver_all(district.context)
    assert mail_server.inbox.mails[0]["To"].addresses[0].addr_spec == "he@example.org"
    send(district, "head1", "/inbox/choice", email="he@example.org", mode="off")
    post.say("b", "head1")
    assert sending.deliver_all(district.context) == 0


@pytest.mark.parametrize(
    ("email", "mode"),
    [("", "now"), ("x", "now"), ("a@b", "digest"), ("a@b.c\nBcc: d@e.f", "now"), ("a b@c.de", "now"), ("a@b.cd", "x")],
)
def test_an_address_that_is_none_is_refused_and_nothing_typed_is_lost(post: Post, email: str, mode: str) -> None:
    answer = send(post.district, "head1", "/inbox/choice", email=email, mode=mode)
    assert answer.status_code == 400
    assert "notice-bad" in answer.text
    with post.district.database.read() as session:
        assert session.exec(select(MessageChoice)).all() == []


def test_an_administrator_sets_up_a_robot_and_its_secrets_are_shown_nowhere(post: Post) -> None:
    district = post.district
    data = {"name": "督导群", "kind": "wecom", "url": WECOM, "unit": "330100", "role": "office", "mode": "now"}
    assert send(district, "admin", "/robots", **data).status_code == 303
    admin = district.as_("admin")
    assert "督导群" in admin.get("/robots").text
    for page in ("/robots", "/deliveries", "/inbox/choice"):
        assert "TOPSECRET" not in admin.get(page).text
    with district.database.read() as session:
        assert [row.url for row in session.exec(select(Robot))] == [WECOM]
        events = session.exec(select(Event).where(col(Event.kind) == "robot.added")).all()
    assert len(events) == 1 and "TOPSECRET" not in events[0].data


def test_a_robot_pointed_elsewhere_is_refused_and_its_address_not_shown_back(post: Post) -> None:
    district = post.district
    data = {"name": "群", "kind": "wecom", "unit": "330100", "mode": "now"}
    answer = send(district, "admin", "/robots", **data, url="https://10.0.0.1/?key=TOPSECRET")
    assert answer.status_code == 400
    assert "webhook_hosts" in answer.text and "TOPSECRET" not in answer.text
    with district.database.read() as session:
        assert session.exec(select(Robot)).all() == []


def test_a_robot_is_tried_switched_off_and_its_failure_sent_again(post: Post, receiver: Receiver) -> None:
    district = post.district
    url = f"{receiver.address}/send?key=K"
    data = {"name": "群", "kind": "wecom", "unit": "330100", "mode": "now", "url": url}
    assert send(district, "admin", "/robots", **data).status_code == 303
    with district.database.read() as session:
        robot = session.exec(select(Robot.id)).one()
    assert send(district, "admin", f"/robots/{robot}/try").status_code == 303
    assert sending.deliver_all(district.context) == 1
    assert "测试" in receiver.posts[0][2].decode()
    assert bell(district, "admin") == "消息，没有未读"  # a trial is told to the robot alone
    send(district, "admin", f"/robots/{robot}/switch", active="")
    post.say("a")
    assert sending.deliver_all(district.context) == 0
    send(district, "admin", f"/robots/{robot}/switch", active="yes")
    with district.database.write() as session:
        row = session.exec(select(Delivery)).one()
        row.state, row.error = "failed", "45009 too fast"
        session.add(row)
    page = district.as_("admin").get("/deliveries").text
    assert "已放弃" in page and "45009 too fast" in page
    assert send(district, "admin", f"/deliveries/{row.id}/again").status_code == 303
    assert sending.deliver_all(district.context) == 1
    assert "已送出" in district.as_("admin").get("/deliveries?state=sent").text


def test_an_administrator_of_a_district_sees_no_other_districts_channels(post: Post) -> None:
    district = post.district
    token = district.form_token("admin")
    grant = {"token": token, "role": "administrator", "unit": "330200"}
    assert district.as_("admin").post("/people/strange/grant", data=grant).status_code == 303
    data = {"name": "青山群", "kind": "wecom", "url": WECOM, "unit": "330100", "mode": "now"}
    send(district, "admin", "/robots", **data)
    post.wants("head1")
    post.say("a", "head1")
    other = district.as_("strange")
    assert "青山群" not in other.get("/robots").text
    assert "校长 何" not in other.get("/deliveries").text
    assert "校长 何" in district.as_("admin").get("/deliveries").text
    with district.database.read() as session:
        robot = session.exec(select(Robot.id)).one()
    assert send(district, "strange", f"/robots/{robot}/switch").status_code == 404
    assert send(district, "strange", "/robots", **data).status_code == 404
