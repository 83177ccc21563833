"""Signing in with a password: attempts are counted per login and address, and too many are slowed down."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

from server.problems import Problem
from server.services import sign_in
from server.services.context import Context
from server.store import reading
from server.store.events import record

WINDOW: Final = dt.timedelta(minutes=15)
MOST_FAILURES: Final = 8
FAILED: Final = "person.sign_in_failed"


def sign_in_with_password(context: Context, *, login: str, password: str, address: str) -> str:
    """The token of a new session. Raises Problem: auth.wrong (the same for an unknown login), auth.slow_down.

    The password is hashed outside any transaction, which would otherwise hold up every writer for its whole time.
    """
    at = context.clock()
    # What was typed is not stored: people type passwords into the wrong field.
    subject = hashlib.sha256(f"{login.strip().lower()}|{address}".encode()).hexdigest()[:40]
    try:
        with context.database.read() as session:
            failures, oldest = reading.events_since(session, FAILED, subject, at - WINDOW)
            if failures >= MOST_FAILURES and oldest:
                seconds = max(1, int((oldest + WINDOW - at).total_seconds()))
                raise Problem("auth.slow_down", seconds=seconds, headers={"Retry-After": str(seconds)})
            person = sign_in.check_password(session, login, password)
            session.expunge(person)
    except Problem as problem:
        if problem.code == "auth.wrong":
            with context.database.write() as session:
                record(session, FAILED, subject=subject, by=None, at=at)
        raise
    with context.database.write() as session:
        return sign_in.sign_in(session, person, at=at, hours=context.settings.session_hours)
