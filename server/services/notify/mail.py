"""Mail by SMTP: one connection for what is to be sent now, encrypted wherever a password is used."""

from __future__ import annotations

import contextlib
import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from server.services.notify.channels import ChannelError, Content
from server.services.notify.wording import one_line, plain
from server.settings import Settings

SECONDS: Final = 15
SENDER: Final = {"zh": "亮牌督导", "en": "Liangpai"}


def is_set_up(settings: Settings) -> bool:
    """True if a mail server is named."""
    return bool(settings.smtp_host and settings.smtp_from)


@contextlib.contextmanager
def mail_server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server, encrypted and signed in as the settings say. Raises ChannelError."""
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise ChannelError(f"mail server: {_said(error)}") from error
    try:
        yield server
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port, name = settings.smtp_host, settings.smtp_port, domain_of(settings)
    trusted = ssl.create_default_context(cafile=settings.smtp_ca_file or None)
    server: smtplib.SMTP
    if settings.smtp_security == "tls":
        server = smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=SECONDS, context=trusted)
    else:
        server = smtplib.SMTP(host, port, local_hostname=name, timeout=SECONDS)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=trusted)
        if settings.smtp_user:
            if settings.smtp_security == "none":
                raise ValueError("a password is sent over TLS only: set smtp_security")
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def send_mail(
    server: smtplib.SMTP, settings: Settings, *, name: str, address: str, content: Content, at: dt.datetime
) -> None:
    """Send one mail. Raises ChannelError: final where the address is refused for good, whole where the server fails."""
    try:
        message = written(settings, name=name, address=address, content=content, at=at)
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise ChannelError(f"{code} {_text(words)}", whole=False, final=500 <= code < 600) from error
    except smtplib.SMTPDataError as error:
        final = 500 <= error.smtp_code < 600
        raise ChannelError(f"{error.smtp_code} {_text(error.smtp_error)}", whole=False, final=final) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"mail server: {_said(error)}") from error
    except (ValueError, UnicodeError) as error:
        raise ChannelError(f"address: {error}", whole=False, final=True) from error


def written(settings: Settings, *, name: str, address: str, content: Content, at: dt.datetime) -> EmailMessage:
    """The mail. Its Message-ID is made of the delivery's key: a repetition is recognised as one."""
    message = EmailMessage()
    message["Subject"] = one_line(content.title)
    message["From"] = _address(SENDER[content.language], settings.smtp_from)
    message["To"] = _address(name, address)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{content.key}@{domain_of(settings)}>"
    message["Auto-Submitted"] = "auto-generated"
    if content.urgent:
        message["Importance"] = "high"
    message.set_content(plain(content), charset="utf-8", cte="base64")
    return message


def domain_of(settings: Settings) -> str:
    """The name of this server towards mail servers and in Message-IDs."""
    named = urlsplit(settings.public_url).hostname or settings.smtp_from.rpartition("@")[2]
    return named or "liangpai.localhost"


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(one_line(name), user, domain)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
