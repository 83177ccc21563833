"""Mail against a real mail server: encrypted, signed in, Chinese, once."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import SecretStr

from server.services.notify import MessageWords, mail, sending
from server.services.notify.channels import ChannelError, Content, Line
from server.settings import Settings
from server.store.messages import Delivery
from tests.conftest import District
from tests.server.notify.conftest import NOW, MailServer, Post

# Behind TLS from the first byte the test's server does not see that there is TLS.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def rows(post: Post) -> list[Delivery]:
    from sqlmodel import col, select

    with post.district.database.read() as session:
        return list(session.exec(select(Delivery).order_by(col(Delivery.id))))


@pytest.mark.parametrize("mail_server", ["starttls", "tls", "none"], indirect=True)
def test_a_message_arrives_by_mail_in_chinese_with_a_link_and_an_identity(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    post.say("a", "head1")
    assert sending.deliver_all(post.context) == 1
    (mail,) = mail_server.inbox.mails
    assert mail["Subject"] == "【亮牌】整改通知：食堂留样"
    assert mail["To"].addresses[0].display_name == "校长 何"
    assert mail["To"].addresses[0].addr_spec == "head1@example.org"
    assert mail["From"].addresses[0].addr_spec == "dudao@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    (row,) = rows(post)
    assert mail["Message-ID"] == f"<{row.key}@liangpai.example.org>"
    text = mail.get_content()
    assert "请于12月1日前整改。" in text
    assert "https://liangpai.example.org/findings/S01-f01_a02-261110" in text
    assert (row.state, row.tries, row.lease_holder, row.error) == ("sent", 1, "", "")


def test_the_mail_is_in_the_readers_language(post: Post, mail_server: MailServer) -> None:
    from server.store.people import Person

    with post.district.database.write() as session:
        person = session.get(Person, post.district.people.persons["head1"])
        assert person is not None
        person.language = "en"
        session.add(person)
    post.wants("head1")
    post.say("a", "head1", urgent=True)
    sending.deliver_all(post.context)
    assert mail_server.inbox.mails[0]["Subject"] == "[urgent] Notice: food samples"
    assert mail_server.inbox.mails[0]["Importance"] == "high"


def test_a_second_round_sends_nothing_again(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    post.say("a", "head1")
    assert [sending.deliver_all(post.context) for _ in range(3)] == [1, 0, 0]
    assert len(mail_server.inbox.mails) == 1


def test_a_title_with_line_breaks_adds_no_header(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    words = MessageWords("整改\r\nBcc: thief@example.org\r\n\r\n正文", "x")
    post.say("a", "head1", words=words)
    assert sending.deliver_all(post.context) == 1
    (mail,) = mail_server.inbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "【亮牌】整改 Bcc: thief@example.org 正文"


def test_a_name_with_quotes_and_line_breaks_stays_a_name(post: Post, mail_server: MailServer) -> None:
    settings = post.context.settings
    content = Content("k", "标题", (Line("k", "s", "标题", "", "", ""),), False)
    written = mail.written(settings, name='何"\r\nX: y, <a@b.c>', address="a@example.org", content=content, at=NOW)
    assert [address.addr_spec for address in written["To"].addresses] == ["a@example.org"]
    assert written["X"] is None


def test_a_wrong_password_is_told_in_the_log_and_tried_again_later(post: Post, mail_server: MailServer) -> None:
    settings = post.context.settings
    settings.smtp_password = SecretStr("wrong")
    post.wants("head1")
    post.say("a", "head1")
    assert sending.deliver_all(post.context) == 0
    (row,) = rows(post)
    assert (row.state, row.due_at) == ("waiting", NOW + dt.timedelta(minutes=1))
    assert row.error.startswith("mail server: 535")
    settings.smtp_password = SecretStr("secret word")
    post.district.clock.now = NOW + dt.timedelta(minutes=2)
    assert sending.deliver_all(post.context) == 1
    assert len(mail_server.inbox.mails) == 1


def test_a_server_without_a_certificate_that_we_trust_gets_no_password(post: Post, mail_server: MailServer) -> None:
    post.context.settings.smtp_ca_file = ""
    post.wants("head1")
    post.say("a", "head1")
    assert sending.deliver_all(post.context) == 0
    assert "certificate" in rows(post)[0].error.lower()


@pytest.mark.parametrize("mail_server", ["none"], indirect=True)
def test_no_password_and_no_mail_goes_over_an_open_line_unless_told_so(post: Post, mail_server: MailServer) -> None:
    settings = post.context.settings
    post.wants("head1")
    post.say("a", "head1")
    settings.smtp_security = "starttls"
    assert sending.deliver_all(post.context) == 0
    settings.smtp_security, settings.smtp_user = "none", "liangpai"
    post.district.clock.now = NOW + dt.timedelta(hours=1)
    assert sending.deliver_all(post.context) == 0
    assert "TLS" in rows(post)[0].error
    assert mail_server.inbox.mails == []


def test_an_address_that_does_not_exist_is_given_up_and_stops_nobody_else(post: Post, mail_server: MailServer) -> None:
    mail_server.inbox.refused.add("head1@example.org")
    for login in ("head1", "office", "leader"):
        post.wants(login)
    post.say("a", "head1", "office", "leader")
    assert sending.deliver_all(post.context) == 2
    assert {mail["To"].addresses[0].addr_spec for mail in mail_server.inbox.mails} == {
        "office@example.org",
        "leader@example.org",
    }
    states = {row.person_id: (row.state, row.error) for row in rows(post)}
    assert states[post.district.people.persons["head1"]] == ("failed", "550 no such user here")


def test_mail_that_a_server_puts_off_is_tried_twelve_times_and_then_given_up(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.inbox.answer = "451 try again later"
    post.wants("head1")
    post.say("a", "head1")
    waits = []
    for _ in range(12):
        assert sending.deliver_all(post.context) == 0
        (row,) = rows(post)
        waits.append(int((row.due_at - post.district.clock.now) / dt.timedelta(minutes=1)))
        # Late enough for the try, and at ten in the morning of some day: never in the quiet hours.
        post.district.clock.now = NOW + dt.timedelta(days=len(waits))
    assert waits[:9] == [1, 2, 4, 8, 16, 32, 64, 120, 120]
    (row,) = rows(post)
    assert (row.state, row.tries) == ("failed", 12)
    assert row.error.startswith("451")


def test_a_mail_server_that_is_away_for_days_loses_nothing(post: Post, mail_server: MailServer) -> None:
    port = post.context.settings.smtp_port
    post.context.settings.smtp_port = 9  # nothing listens there
    post.wants("head1")
    post.say("a", "head1")
    for hours in range(0, 72, 3):
        post.district.clock.now = NOW + dt.timedelta(hours=hours)
        assert sending.deliver_all(post.context) == 0
    assert rows(post)[0].state == "waiting"
    post.context.settings.smtp_port = port
    post.district.clock.now = NOW + dt.timedelta(days=3)
    assert sending.deliver_all(post.context) == 1


def test_without_a_mail_server_mail_is_dropped_and_says_so(district: District, settings: Settings) -> None:
    settings.smtp_host = ""
    post = Post(district)
    post.wants("head1")
    post.say("a", "head1")
    assert sending.deliver_all(post.context) == 0
    assert (rows(post)[0].state, rows(post)[0].error) == ("dropped", "why.no_mail")


def test_who_wants_no_mail_any_more_or_has_left_gets_none(post: Post, mail_server: MailServer) -> None:
    post.wants("head1")
    post.say("a", "head1")
    post.wants("head1", "off")
    assert sending.deliver_all(post.context) == 0
    assert rows(post)[0].state == "dropped"
    assert mail_server.inbox.mails == []


def test_a_hostile_address_fails_alone(post: Post, mail_server: MailServer) -> None:
    post.wants("head1", email="head1@例え\r\nRCPT TO:<thief@example.org>")
    post.wants("office")
    post.say("a", "head1", "office")
    assert sending.deliver_all(post.context) == 1
    assert [mail["To"].addresses[0].addr_spec for mail in mail_server.inbox.mails] == ["office@example.org"]
    states = {row.person_id: row.state for row in rows(post)}
    assert states[post.district.people.persons["head1"]] == "failed"


def test_the_password_is_in_no_repr_of_the_settings(settings: Settings) -> None:
    assert "secret word" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_channel_errors_say_whether_the_channel_or_the_delivery_failed() -> None:
    assert ChannelError("x").whole
    assert not ChannelError("x", whole=False).whole
