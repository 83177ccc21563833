"""The keys in phones: made once, shown once as a QR code, revoked at will."""

from __future__ import annotations

import datetime as dt

from server.problems import Problem
from server.security.passwords import new_token, token_hash
from server.store import people
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.forms import Project
from server.store.people import Person, PhoneKey


def make_key(
    session: WriteSession, *, person_id: int, project_id: int, name: str = "", by: int | None, at: dt.datetime
) -> str:
    """Make a key for a person's phone and give its token, which is stored nowhere and cannot be shown again.

    Raises Problem: person.unknown (also for a closed account), project.unknown.
    """
    person = session.get(Person, person_id)
    if person is None or not person.active:
        raise Problem("person.unknown", login=person.login if person else person_id)
    if session.get(Project, project_id) is None:
        raise Problem("project.unknown")
    token = new_token()
    session.add(
        PhoneKey(
            token_hash=token_hash(token), person_id=person_id, project_id=project_id, name=name[:100], created_at=at
        )
    )
    record(session, "phone.key_made", subject=person.login, by=by, at=at, name=name, project=project_id)
    return token


def revoke_key(session: WriteSession, *, key_id: int, by: int | None, at: dt.datetime) -> None:
    """Revoke a key: the phone is refused from now on. Revoking twice changes nothing. Raises phone.unknown."""
    key = session.get(PhoneKey, key_id)
    if key is None:
        raise Problem("phone.unknown")
    if key.revoked_at is not None:
        return
    key.revoked_at = at
    session.add(key)
    person = session.get(Person, key.person_id)
    record(session, "phone.key_revoked", subject=person.login if person else "", by=by, at=at, name=key.name)


def list_keys(session: ReadSession | WriteSession, *, person_id: int, revoked: bool = False) -> list[PhoneKey]:
    """A person's keys, newest first; the revoked ones too if asked."""
    return people.keys_of(session, person_id, revoked=revoked)
