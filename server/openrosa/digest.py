"""HTTP Digest (RFC 7616 with MD5 and qop "auth", which is what okhttp-digest in ODK Collect speaks)."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.security.passwords import DIGEST_REALM

NONCE_SECONDS: Final = 300
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Digest:
    """The parameters of an Authorization header; ``uri`` is the target that the client signed."""

    username: str
    nonce: str
    uri: str
    nc: str
    cnonce: str
    qop: str
    response: str

    def fits(self, ha1: str, method: str) -> bool:
        """True if whoever made this knew the password behind ``ha1``."""
        expected = _md5(f"{ha1}:{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}:{_md5(f'{method}:{self.uri}')}")
        return bool(ha1) and hmac.compare_digest(expected.encode(), self.response.lower().encode())


def parse_digest(header: str) -> Digest | None:
    """Read ``Digest ...``; None if it is another scheme, another realm or lacks a parameter."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest":
        return None
    found = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for name, quoted, bare in _PARAMETER.findall(rest)
    }
    wanted = ("username", "nonce", "uri", "nc", "cnonce", "qop", "response")
    if found.get("realm") != DIGEST_REALM or found.get("algorithm", "MD5").upper() != "MD5":
        return None
    if any(not found.get(name) for name in wanted) or found["qop"] != "auth":
        return None
    return Digest(**{name: found[name] for name in wanted})


class Nonces:
    """Nonces that any process of this server can check without a store: a moment and its HMAC."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, seconds: int) -> str:
        """A nonce made at ``seconds`` since 1970."""
        stamp = seconds.to_bytes(8, "big") + secrets.token_bytes(8)
        return urlsafe_b64encode(stamp + self._sign(stamp)).decode()

    def state(self, nonce: str, seconds: int) -> str:
        """``good``, ``stale`` (made by us, but too old) or ``unknown``."""
        try:
            raw = urlsafe_b64decode(nonce.encode())
        except ValueError:
            return "unknown"
        stamp, signature = raw[:16], raw[16:]
        if not hmac.compare_digest(signature, self._sign(stamp)):
            return "unknown"
        return "good" if 0 <= seconds - int.from_bytes(stamp[:8], "big") <= NONCE_SECONDS else "stale"

    def _sign(self, stamp: bytes) -> bytes:
        return hmac.new(self._secret, stamp, hashlib.sha256).digest()[:16]


def challenge(nonce: str, *, stale: bool) -> str:
    """The value of WWW-Authenticate."""
    note = ", stale=true" if stale else ""
    return f'Digest realm="{DIGEST_REALM}", qop="auth", algorithm=MD5, nonce="{nonce}"{note}'


def server_secret(directory: Path) -> bytes:
    """32 secret bytes that all processes of one district share, made by whichever comes first."""
    path = directory / "digest.key"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        fresh = directory / f"digest.key.{secrets.token_hex(8)}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
