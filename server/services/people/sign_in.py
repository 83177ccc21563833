"""Signing in and out, and finding out who is asking."""

from __future__ import annotations

import datetime as dt

from server.problems import Problem
from server.security.passwords import new_token, token_hash, verify_password
from server.security.viewer import Grant, Viewer
from server.store import people
from server.store.db import ReadSession, WriteSession
from server.store.events import record


def viewer_for(session: ReadSession | WriteSession, person: people.Person, *, session_token: str = "") -> Viewer:
    """The viewer that a person is, with the grants as they stand now."""
    assert person.id is not None
    grants = tuple(Grant(*row) for row in people.grants_of(session, person.id))
    return Viewer(person.id, person.login, person.name, person.language, grants, session_token)


def check_password(session: ReadSession | WriteSession, login: str, password: str) -> people.Person:
    """The person behind a login and password. Raises Problem("auth.wrong"), never saying which was wrong."""
    person = people.person_by_login(session, login.strip())
    fits = verify_password(person.password_hash if person and person.active else None, password)
    if person is None or not fits:
        raise Problem("auth.wrong")
    return person


def sign_in(session: WriteSession, person: people.Person, *, at: dt.datetime, hours: int) -> str:
    """Open a session for a person and give its token, which is stored nowhere."""
    assert person.id is not None
    token = new_token()
    people.forget_expired(session, at)
    session.add(
        people.SignIn(
            token_hash=token_hash(token), person_id=person.id, created_at=at, expires_at=at + dt.timedelta(hours=hours)
        )
    )
    record(session, "person.signed_in", subject=person.login, by=person.id, at=at)
    return token


def sign_out(session: WriteSession, viewer: Viewer, *, at: dt.datetime) -> None:
    """Close the viewer's session."""
    people.forget_sign_in(session, token_hash(viewer.session_token))
    record(session, "person.signed_out", subject=viewer.login, by=viewer.person_id, at=at)


def viewer_of_session(session: ReadSession | WriteSession, token: str, *, at: dt.datetime) -> Viewer | None:
    """The viewer behind a session token, or None if it is unknown or has run out."""
    person = people.person_of_sign_in(session, token_hash(token), at)
    return viewer_for(session, person, session_token=token) if person else None
