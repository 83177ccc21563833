"""Each delivery goes out once: with several schedulers, after crashes, in digests, outside quiet hours."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time

import pytest
from sqlmodel import col, select

from server.jobs.posting import Posting
from server.services.notify import mail, sending
from server.settings import Settings
from server.store import outbox
from server.store.messages import Delivery
from server.store.outbox import MAIL
from tests.server.notify.conftest import NOW, MailServer, Post, Receiver


def rows(post: Post) -> list[Delivery]:
    with post.district.database.read() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


def at(hour: int, minute: int = 0, *, day: int = 20) -> dt.datetime:
    """A moment of November 2026 in Shanghai."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def test_four_schedulers_at_once_send_each_message_once(
    post: Post, mail_server: MailServer, receiver: Receiver
) -> None:
    logins = ("admin", "office", "amina", "leader", "jyj", "head1", "head3", "bola")
    for login in logins:
        post.wants(login)
    post.robot("wecom", f"{receiver.address}/send?key=K")
    for number in range(8):
        post.say(str(number), *logins)
    problems: list[BaseException] = []

    def scheduler() -> None:
        try:
            for _ in range(12):
                for channel in sending.channels_due(post.context):
                    sending.deliver(post.context, channel)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=scheduler) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    identities = [mail["Message-ID"] for mail in mail_server.inbox.mails]
    assert len(identities) == len(set(identities)) == 8 * len(logins)
    assert {row.state for row in rows(post)} == {"sent"}


def test_a_process_that_dies_before_sending_leaves_its_mail_to_the_next(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    post.say("a", "head1")
    with post.district.database.write() as session:
        claimed = outbox.claim(session, MAIL, NOW, quiet=False, holder="dead", until=NOW + sending.LEASE, most=10)
    assert len(claimed) == 1
    assert sending.deliver_all(post.context) == 0  # it is the dead one's as long as the lease lasts
    post.district.clock.now = NOW + sending.LEASE + dt.timedelta(seconds=1)
    assert sending.deliver_all(post.context) == 1
    assert len(mail_server.inbox.mails) == 1


def test_a_process_that_dies_after_the_servers_yes_sends_again_with_the_same_identity(
    post: Post, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.wants("head1")
    post.say("a", "head1")

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "settle", killed)
        with pytest.raises(Killed):
            sending.deliver_all(post.context)
    post.district.clock.now = NOW + sending.LEASE + dt.timedelta(seconds=1)
    assert sending.deliver_all(post.context) == 1
    first, second = mail_server.inbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_whoever_lost_the_lease_changes_nothing_any_more(post: Post) -> None:
    post.wants("head1")
    post.say("a", "head1")
    later = NOW + sending.LEASE + dt.timedelta(seconds=1)
    with post.district.database.write() as session:
        (row,) = outbox.claim(session, MAIL, NOW, quiet=False, holder="one", until=NOW + sending.LEASE, most=9)
        outbox.claim(session, MAIL, later, quiet=False, holder="two", until=later + sending.LEASE, most=9)
        assert row.id is not None
        assert not outbox.settle(session, row.id, "one", state="failed", at=later)
        assert outbox.settle(session, row.id, "two", state="sent", at=later)
    assert rows(post)[0].state == "sent"


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(21, 29, False), (21, 30, True), (0, 0, True), (7, 29, True), (7, 30, False)]
)
def test_quiet_hours_pass_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert sending.is_quiet(Settings(), at(hour, minute)) is quiet


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = Settings(quiet_from="12:00", quiet_to="14:00")
    assert [sending.is_quiet(noon, at(hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]
    none = Settings(quiet_from="00:00", quiet_to="00:00")
    assert not any(sending.is_quiet(none, at(hour)) for hour in range(24))


def test_at_night_only_what_is_urgent_leaves_and_the_rest_in_the_morning(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    post.district.clock.now = at(22)
    post.say("calm", "head1")
    post.say("urgent", "head1", urgent=True)
    assert sending.deliver_all(post.context) == 1
    assert mail_server.inbox.mails[0]["Subject"].startswith("【紧急】")
    post.district.clock.now = at(7, 30, day=21)
    assert sending.deliver_all(post.context) == 1


def test_a_digest_is_one_mail_a_day_that_lists_everything_since_the_last(post: Post, mail_server: MailServer) -> None:
    post.wants("leader", "digest")
    for day, hour, key in ((20, 10, "a"), (20, 17, "b"), (21, 7, "c"), (21, 9, "d")):
        post.district.clock.now = at(hour, day=day)
        post.say(key, "leader")
        assert sending.deliver_all(post.context) == 0
        if key == "c":
            post.district.clock.now = at(8, 0, day=21)
            assert sending.deliver_all(post.context) == 1
    (digest,) = mail_server.inbox.mails
    assert digest["Subject"] == "亮牌督导：3条消息"
    assert digest.get_content().count("■ 整改通知") == 3
    post.district.clock.now = at(8, 1, day=22)
    assert sending.deliver_all(post.context) == 1
    assert mail_server.inbox.mails[1]["Subject"] == "亮牌督导：1条消息"
    post.district.clock.now = at(8, 1, day=23)
    assert sending.deliver_all(post.context) == 0


def test_what_is_urgent_does_not_wait_for_the_digest(post: Post, mail_server: MailServer) -> None:
    post.wants("leader", "digest")
    post.say("a", "leader", urgent=True)
    assert sending.deliver_all(post.context) == 1


def test_digests_put_together_by_four_schedulers_are_sent_once(post: Post, mail_server: MailServer) -> None:
    logins = ("admin", "office", "leader")
    for login in logins:
        post.wants(login, "digest")
    for number in range(5):
        post.say(str(number), *logins)
    post.district.clock.now = at(8, 30, day=21)
    problems: list[BaseException] = []

    def scheduler() -> None:
        try:
            sending.deliver_all(post.context)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=scheduler) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(mail_server.inbox.mails) == 3
    assert all(mail.get_content().count("■") == 5 for mail in mail_server.inbox.mails)


def test_a_flood_becomes_one_listing(post: Post, mail_server: MailServer, receiver: Receiver) -> None:
    post.wants("office")
    post.robot("wecom", f"{receiver.address}/send?key=K")
    for number in range(30):
        post.say(str(number))
    post.say("urgent", urgent=True)
    assert sending.deliver_all(post.context) == 4
    assert sorted(mail["Subject"] for mail in mail_server.inbox.mails) == [
        "【紧急】整改通知：食堂留样",
        "亮牌督导：30条消息",
    ]
    assert len(receiver.posts) == 2


def test_one_that_was_given_up_can_be_tried_anew(post: Post, mail_server: MailServer) -> None:
    mail_server.inbox.refused.add("head1@example.org")
    post.wants("head1")
    post.say("a", "head1")
    sending.deliver_all(post.context)
    mail_server.inbox.refused.clear()
    (row,) = rows(post)
    with post.district.database.write() as session:
        assert row.id is not None
        assert outbox.again(session, row.id, NOW)
        assert not outbox.again(session, row.id, NOW)
    assert sending.deliver_all(post.context) == 1


def test_a_mail_server_that_hangs_delays_no_robot(
    post: Post, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "SECONDS", 3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        post.context.settings.smtp_port = silent.getsockname()[1]
        post.wants("office")
        post.robot("wecom", f"{receiver.address}/send?key=K")
        post.say("a")
        posting = Posting(post.context)
        begun = time.monotonic()
        posting.start()
        while not receiver.posts and time.monotonic() - begun < 10:
            time.sleep(0.02)
        waited = time.monotonic() - begun
        posting.stop()
    assert waited < 2
    assert {row.state for row in rows(post)} == {"sent", "waiting"}
