"""Webhooks: the group robots of WeCom and DingTalk, and any receiver that checks a signature.

Only hosts that the settings name are ever asked, over https, without following redirects: a robot cannot be pointed at
what only this machine reaches.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import logging
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import orjson

from server.services.notify.channels import ChannelError, Content
from server.services.notify.wording import markdown
from server.settings import Settings
from server.store.messages import Robot

SECONDS: Final = 10
MOST_BYTES: Final = 65_536
# What each robot takes: bytes of markdown (WeCom counts 4096, DingTalk 20000).
LIMITS: Final = {"wecom": 4000, "dingtalk": 19_000}
# A client that notes each address would write robots' keys into the log.
logging.getLogger("httpx2").setLevel(logging.WARNING)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
HOME: Final = {"wecom": "qyapi.weixin.qq.com", "dingtalk": "oapi.dingtalk.com"}


def refused(settings: Settings, kind: str, url: str, secret: str) -> str:
    """Why a robot may not have this address, as a code of server.problems; "" if it may."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "robot.url"
    if not host or parts.username or parts.password or parts.fragment or not url.isascii() or not url.isprintable():
        return "robot.url"
    local = settings.webhook_loopback and host in LOOPBACK
    if not local and (parts.scheme != "https" or port not in (None, 443)):
        return "robot.https"
    if local and parts.scheme not in ("http", "https"):
        return "robot.url"
    if not local and host not in settings.webhook_hosts.lower().split():
        return "robot.host"
    query = parse_qs(parts.query)
    if kind == "wecom" and "key" not in query:
        return "robot.key"
    if kind == "dingtalk" and "access_token" not in query:
        return "robot.token"
    if kind != "wecom" and not secret:
        return "robot.secret"
    return ""


def post(settings: Settings, robot: Robot, content: Content, at: dt.datetime) -> None:
    """Post one delivery to a robot. Raises ChannelError."""
    why = refused(settings, robot.kind, robot.url, robot.secret)
    if why:
        raise ChannelError(why, final=True)
    url, headers, body = signed(robot, content, at)
    status, answer = _ask(settings, url, headers, body)
    if status != 200 and not (robot.kind == "generic" and 200 <= status < 300):
        raise ChannelError(f"HTTP {status}")
    if robot.kind == "generic":
        return
    try:
        said = orjson.loads(answer)
        code, words = int(said["errcode"]), str(said.get("errmsg", ""))
    except (ValueError, TypeError, KeyError) as error:
        raise ChannelError("the answer is not a robot's") from error
    if code != 0:
        raise ChannelError(f"{code} {words}"[:300])


def signed(robot: Robot, content: Content, at: dt.datetime) -> tuple[str, dict[str, str], bytes]:
    """(address, headers, body) of a post, signed in the way of the robot's kind."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": content.key}
    if robot.kind == "generic":
        body = orjson.dumps(_generic(content))
        stamp = str(int(at.timestamp()))
        mark = hmac.new(robot.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers |= {"X-Liangpai-Timestamp": stamp, "X-Liangpai-Signature": f"sha256={mark}"}
        return robot.url, headers, body
    text = markdown(content, LIMITS[robot.kind])
    if robot.kind == "wecom":
        # WeCom's robots carry their key in the address; there is nothing to sign.
        return robot.url, headers, orjson.dumps({"msgtype": "markdown", "markdown": {"content": text}})
    payload = {"msgtype": "markdown", "markdown": {"title": content.title[:100], "text": text}}
    joint = "&" if urlsplit(robot.url).query else "?"
    return f"{robot.url}{joint}{urlencode(dingtalk_sign(robot.secret, at))}", headers, orjson.dumps(payload)


def dingtalk_sign(secret: str, at: dt.datetime) -> dict[str, str]:
    """DingTalk's ``timestamp`` (milliseconds) and ``sign``: base64 of HMAC-SHA256 of "timestamp newline secret"."""
    stamp = str(round(at.timestamp() * 1000))
    mark = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(mark).decode()}


def _generic(content: Content) -> dict[str, Any]:
    return {
        "id": content.key,
        "title": content.title,
        "urgent": content.urgent,
        "messages": [
            {
                "kind": line.kind,
                "subject": line.subject,
                "title": line.title,
                "body": line.body,
                "link": line.link,
                "at": line.at,
            }
            for line in content.lines
        ],
    }


def _ask(settings: Settings, url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Status and the first bytes of the answer. The address, which holds the key, is in no error's words."""
    local = (urlsplit(url).hostname or "") in LOOPBACK
    try:
        with (
            httpx2.Client(timeout=SECONDS, follow_redirects=False, trust_env=not local) as client,
            client.stream("POST", url, headers=headers, content=body) as answer,
        ):
            got = b""
            for chunk in answer.iter_bytes():
                got += chunk
                if len(got) > MOST_BYTES:
                    raise ChannelError("the answer is too long")
            return answer.status_code, got
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise ChannelError(f"no answer: {type(error).__name__}") from None
