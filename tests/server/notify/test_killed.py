"""A sender that is really killed: everything still arrives, and at most the mail in its hands arrives a second time."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest

from server.services.notify import sending
from tests.server.notify.conftest import NOW, MailServer, Post

SENDER = """
import datetime as dt, sys
from pydantic import SecretStr
from server.services.context import open_context
from server.services.notify import sending
from server.settings import Settings
url, port, how, ca, directory = sys.argv[1:]
settings = Settings(directory=directory, database_url=url, smtp_host="127.0.0.1", smtp_port=int(port),
    smtp_security=how, smtp_user="liangpai", smtp_password=SecretStr("secret word"), smtp_from="dudao@example.org",
    smtp_ca_file=ca, public_url="https://liangpai.example.org")
context = open_context(settings, clock=lambda: dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC))
print("ready", flush=True)
while True:
    sending.deliver_all(context)
"""


@pytest.mark.slow
def test_everything_arrives_when_the_sender_is_killed_in_the_middle(
    post: Post, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = ("admin", "office", "amina", "leader", "jyj", "head1", "head3", "bola")
    for login in logins:
        post.wants(login)
    for number in range(5):
        post.say(str(number), *logins)
    received = mail_server.inbox.handle_DATA

    async def slowly(*arguments: Any) -> str:
        answer: str = await received(*arguments)
        time.sleep(0.05)
        return answer

    monkeypatch.setattr(mail_server.inbox, "handle_DATA", slowly)
    settings = post.context.settings
    arguments = (
        settings.database,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_ca_file,
        settings.directory,
    )
    command = [sys.executable, "-c", SENDER, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        waited = time.monotonic()
        while len(mail_server.inbox.mails) < 7 and time.monotonic() - waited < 60:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    time.sleep(0.3)
    before = len(mail_server.inbox.mails)
    assert 7 <= before < 40
    post.district.clock.now = NOW + sending.LEASE + dt.timedelta(seconds=1)
    while sending.deliver_all(post.context):
        pass
    counted = Counter(str(mail["Message-ID"]) for mail in mail_server.inbox.mails)
    assert len(counted) == 5 * len(logins)
    assert sum(counted.values()) <= len(counted) + 1
