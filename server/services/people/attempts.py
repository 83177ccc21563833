"""Signing in with a password: attempts are counted per login and address, and too many are slowed down."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

from server.problems import Problem
from server.services.context import Context
from server.services.people import sign_in
from server.store.events import record
from server.store.people import Person
from server.store.reading import lights as reading

WINDOW: Final = dt.timedelta(minutes=15)
MOST_FAILURES: Final = 8
FAILED: Final = "person.sign_in_failed"


def sign_in_with_password(context: Context, *, login: str, password: str, address: str) -> str:
    """The token of a new session. Raises Problem: auth.wrong (the same for an unknown login), auth.slow_down."""
    person = check_password(context, login, password, address=address)
    with context.database.write() as session:
        return sign_in.sign_in(session, person, at=context.clock(), hours=context.settings.session_hours)


def check_password(context: Context, login: str, password: str, *, address: str) -> Person:
    """The person behind a login and password. Raises Problem: auth.wrong, auth.slow_down.

    The password is hashed outside any transaction, which would otherwise hold up every writer for its whole time.
    """
    refuse_too_many(context, login, address=address)
    try:
        with context.database.read() as session:
            return sign_in.check_password(session, login, password)
    except Problem as problem:
        if problem.code == "auth.wrong":
            count_failure(context, login, address=address)
        raise


def refuse_too_many(context: Context, login: str, *, address: str) -> None:
    """Raises Problem("auth.slow_down") where this login failed too often from this address."""
    at = context.clock()
    with context.database.read() as session:
        failures, oldest = reading.events_since(session, FAILED, _subject(login, address), at - WINDOW)
    if failures >= MOST_FAILURES and oldest:
        seconds = max(1, int((oldest + WINDOW - at).total_seconds()))
        raise Problem("auth.slow_down", seconds=seconds, headers={"Retry-After": str(seconds)})


def count_failure(context: Context, login: str, *, address: str) -> None:
    """One more failure of this login from this address."""
    with context.database.write() as session:
        record(session, FAILED, subject=_subject(login, address), by=None, at=context.clock())


def _subject(login: str, address: str) -> str:
    # What was typed is not stored: people type passwords into the wrong field.
    return hashlib.sha256(f"{login.strip().lower()}|{address}".encode(errors="replace")).hexdigest()[:40]
