"""What a delivery says: one message, or a digest that lists several, in the receiver's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from server.services.notify.channels import Content, Line
from server.settings import Settings
from server.store.messages import Delivery, Message

DIGEST: Final = {
    "zh": "亮牌督导：{count}条消息",
    "en": "Liangpai: {count} messages",
}
PREFIX: Final = {"zh": "【亮牌】", "en": "[Liangpai] "}
URGENT: Final = {"zh": "【紧急】", "en": "[urgent] "}
MOST: Final = 60
MORE: Final = {"zh": "另有{count}条，请登录查看。", "en": "And {count} more: please sign in."}
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def content_of(settings: Settings, delivery: Delivery, messages: Sequence[Message], language: str) -> Content:
    """What a delivery carries, ready for any channel."""
    lines = tuple(_line(settings, message, language) for message in messages[:MOST])
    if len(messages) > MOST:
        words = MORE[language].format(count=len(messages) - MOST)
        lines = (*lines, Line("more", "", words, "", absolute(settings, "/inbox"), ""))
    if delivery.message_id is None:
        title = DIGEST[language].format(count=len(messages))
    else:
        title = (URGENT if delivery.urgent else PREFIX)[language] + lines[0].title
    return Content(delivery.key, title, lines, delivery.urgent, language)


def absolute(settings: Settings, path: str) -> str:
    """The address of a path of this server; "" where the server does not know its own."""
    base = settings.public_url.rstrip("/")
    return f"{base}{path}" if base and path.startswith("/") else ""


def one_line(text: str) -> str:
    """A text without line breaks and control characters: no title of ours can add a header to a mail."""
    return CONTROL.sub(" ", text).strip()


def plain(content: Content) -> str:
    """The content as a mail's text."""
    parts = []
    for line in content.lines:
        head = f"■ {line.title}" + (f"（{line.at}）" if line.at and content.language == "zh" else "")
        head += f" ({line.at})" if line.at and content.language == "en" else ""
        parts.append("\n".join(part for part in (head, line.body, line.link) if part))
    return "\n\n".join(parts) + "\n"


def markdown(content: Content, limit: int) -> str:
    """The content as the markdown that the robots of WeCom and DingTalk understand, at most ``limit`` UTF-8 bytes."""
    parts = [f"**{_escaped(content.title)}**"] if len(content.lines) > 1 else []
    for line in content.lines:
        title = _escaped(line.title)
        head = f"[{title}]({line.link})" if line.link else title
        parts.append(f"### {head}" if len(content.lines) == 1 else f"- {head}")
        if line.body and len(content.lines) == 1:
            parts.append(_escaped(line.body))
    return _cut("\n\n".join(parts), limit)


def _line(settings: Settings, message: Message, language: str) -> Line:
    zone: ZoneInfo = settings.zone
    english = language == "en"
    title = (message.title_en if english else "") or message.title_zh
    body = (message.body_en if english else "") or message.body_zh
    link = absolute(settings, message.link or "/inbox")
    at = message.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return Line(message.kind, message.subject, one_line(title), body.strip(), link, at)


def _escaped(text: str) -> str:
    """Text whose characters mean nothing to markdown: nobody's school name becomes a link or calls a member."""
    return re.sub(r"([\\`*_\[\]()<>#@|])", r"\\\1", text)


def _cut(text: str, limit: int) -> str:
    data = text.encode()
    return text if len(data) <= limit else data[: limit - 3].decode(errors="ignore") + "…"
