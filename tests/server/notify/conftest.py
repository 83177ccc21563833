"""A real mail server and a real receiver of webhooks on this machine, and a district that knows both."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from server.services.context import Context
from server.services.notify import Holders, MessageWords, tell
from server.settings import Settings
from server.store.messages import MessageChoice, Robot
from tests.conftest import District

NOW = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)  # 10:00 in Shanghai, a Friday
WORDS = MessageWords("整改通知：食堂留样", "Notice: food samples", "请于12月1日前整改。", "Put it right by 1 December.")


class Inbox:
    """aiosmtpd's handler: keeps what arrives; refuses whom it is told to refuse."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.answer = "250 OK"

    async def handle_RCPT(self, _server, _session, envelope: Envelope, address: str, options):  # type: ignore[no-untyped-def]  # noqa: N802
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session: Session, envelope: Envelope):  # type: ignore[no-untyped-def]  # noqa: N802
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return self.answer


@dataclass
class MailServer:
    """A running mail server."""

    host: str
    port: int
    inbox: Inbox
    ca: Path
    how: str
    stop: Callable[[], None]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself: (certificate, key)."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    return made, key


def _authenticate(_server, _session, _envelope, _mechanism, data: LoginPassword) -> AuthResult:  # type: ignore[no-untyped-def]
    good = (data.login, data.password) == (b"liangpai", b"secret word")
    return AuthResult(success=good, handled=good)


@pytest.fixture(params=["starttls"])
def mail_server(request: pytest.FixtureRequest, certificate: tuple[Path, Path]) -> Iterator[MailServer]:
    """A mail server that takes mail only over TLS and with a password (``tls``: from the first byte) or is open."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*map(str, certificate))
    inbox, how = Inbox(), request.param
    options: dict[str, object] = {"none": {}, "tls": {"ssl_context": context}}.get(how, {"tls_context": context})
    if how == "starttls":
        options |= {"require_starttls": True}
    if how != "none":
        options |= {"auth_required": True, "authenticator": _authenticate, "auth_require_tls": how == "starttls"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            controller.stop()

    yield MailServer("127.0.0.1", port, inbox, certificate[0], how, stop)
    stop()


@dataclass
class Receiver:
    """A receiver of webhooks: what was posted, and what it answers."""

    address: str
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode":0,"errmsg":"ok"}'
    location: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that notes every post."""
    seen = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(seen.status)
            if seen.location:
                self.send_header("Location", seen.location)
            self.send_header("Content-Length", str(len(seen.answer)))
            self.end_headers()
            self.wfile.write(seen.answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    seen.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield seen
    server.shutdown()
    server.server_close()
    thread.join(10)


@dataclass
class Post:
    """A district with its channels, and short ways to say something."""

    district: District

    @property
    def context(self) -> Context:
        return self.district.context

    def wants(self, login: str, mode: str = "now", email: str = "") -> None:
        """Let somebody want mail."""
        person = self.district.people.persons[login]
        with self.district.database.write() as session:
            session.merge(
                MessageChoice(person_id=person, email=email or f"{login}@example.org", email_mode=mode, changed_at=NOW)
            )

    def robot(self, kind: str, url: str, *, secret: str = "", mode: str = "now", role: str = "") -> int:
        """Add a robot of the district."""
        unit = self.district.people.units["330100"]
        with self.district.database.write() as session:
            made = Robot(
                name=kind, kind=kind, url=url, secret=secret, role=role, unit_id=unit, mode=mode, created_at=NOW
            )
            session.add(made)
            session.flush()
            assert made.id is not None
            return made.id

    def say(self, key: str, *logins: str, urgent: bool = False, words: MessageWords = WORDS) -> None:
        """Tell these people, or the district's office."""
        path = self.district.people.paths["330100"]
        to: list[int | Holders] = [self.district.people.persons[login] for login in logins]
        with self.district.database.write() as session:
            tell(
                session,
                kind="finding.noticed",
                to=to or [Holders("office", path)],
                subject="S01-f01_a02-261110",
                words=words,
                at=self.district.clock(),
                key=key,
                urgent=urgent,
                link="/findings/S01-f01_a02-261110",
                about=path,
            )


@pytest.fixture
def settings(store_url, tmp_path: Path, mail_server: MailServer) -> Settings:  # type: ignore[no-untyped-def]
    return Settings(
        directory=tmp_path / "district",
        database_url=store_url[0],
        jobs=False,
        database_pool=4,
        public_url="https://liangpai.example.org",
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        smtp_security=mail_server.how,
        smtp_user="" if mail_server.how == "none" else "liangpai",
        smtp_password=SecretStr("secret word"),
        smtp_from="dudao@example.org",
        smtp_ca_file=str(mail_server.ca),
        webhook_loopback=True,
    )


@pytest.fixture
def post(district: District) -> Post:
    return Post(district)
