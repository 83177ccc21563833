"""Password hashes and random tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.problems import Problem

MINIMUM_LENGTH = 8
DIGEST_REALM = "Liangpai"

# Each comparison takes 64 MB and a core: strangers who guess must not take all of both.
AT_ONCE = 4
SECONDS_FOR_A_TURN = 5

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(AT_ONCE)
# Compared against when the login is unknown, so that the answer takes as long as for a known one.
_nobody = _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """An argon2id hash. Raises Problem("password.weak") below eight characters."""
    if len(password) < MINIMUM_LENGTH:
        raise Problem("password.weak", length=MINIMUM_LENGTH)
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """True if the password fits; takes as long for an unknown person (``stored`` None).

    Raises Problem("auth.slow_down") while too many others are being compared.
    """
    if not _turns.acquire(timeout=SECONDS_FOR_A_TURN):
        raise Problem("auth.slow_down", seconds=SECONDS_FOR_A_TURN, headers={"Retry-After": str(SECONDS_FOR_A_TURN)})
    try:
        return _hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _turns.release()


def digest_ha1(login: str, password: str) -> str:
    """HTTP Digest's A1 hash (RFC 7616, MD5: the only algorithm that ODK Collect speaks)."""
    return hashlib.md5(f"{login}:{DIGEST_REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


def new_token() -> str:
    """64 URL-safe characters that name a session or a phone; only ``token_hash`` of it is stored."""
    return secrets.token_urlsafe(48)


def token_hash(token: str) -> str:
    """SHA-256 of a token, as stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(session_token: str) -> str:
    """The value that a page's forms carry against cross-site posts: bound to the session, useless without it."""
    return hmac.new(session_token.encode(), b"form", hashlib.sha256).hexdigest()
