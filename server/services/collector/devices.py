"""Binding a phone's web collector to a person, hearing what it holds, and signing it out, also from afar."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from server.problems import Problem
from server.security.passwords import token_hash
from server.security.permissions import reach
from server.security.viewer import Viewer
from server.services.people import phone
from server.services.people.sign_in import viewer_for
from server.store import devices
from server.store.db import ReadSession, WriteSession
from server.store.devices import Device, KeyHolder
from server.store.events import record
from server.store.forms import Project, all_projects
from server.store.people import Person
from server.store.units import Unit

# A device that says the same again is noted only so often: looking must not become writing.
SEEN_EVERY = dt.timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Bound:
    """A device and its key; the key is stored nowhere and shown only now."""

    device: Device
    key: str
    project_id: int
    person: Person


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that asks, its person's rights as they stand now, and the project that its key is for."""

    device: Device
    viewer: Viewer
    project: Project
    project_path: str


def bind(
    session: WriteSession, person: Person, project: Project, *, label: str, user_agent: str, at: dt.datetime
) -> Bound:
    """Make a device and its key for a person. Raises Problem: person.unknown, project.unknown."""
    assert person.id is not None and project.id is not None
    label = label.strip()[:100] or "?"
    token = phone.make_key(session, person_id=person.id, project_id=project.id, name=label, by=person.id, at=at)
    session.flush()
    holder = devices.holder_of_key(session, token_hash(token))
    assert holder is not None and holder.key.id is not None
    device = Device(
        code=f"liangpai-{secrets.token_hex(8)}",
        key_id=holder.key.id,
        person_id=person.id,
        label=label,
        user_agent=user_agent[:300],
        created_at=at,
        seen_at=at,
    )
    session.add(device)
    session.flush()
    return Bound(device, token, project.id, person)


def bind_with_code(session: WriteSession, code: str, *, label: str, user_agent: str, at: dt.datetime) -> Bound:
    """Exchange the one-time code of a link for a device's own key.

    Raises Problem("auth.token") for what is no code, was used or was taken back.
    """
    holder = devices.holder_of_key(session, token_hash(code))
    if holder is None or holder.device is not None or not holder.good:
        raise Problem("auth.token")
    project = session.get(Project, holder.key.project_id)
    assert project is not None and holder.key.id is not None
    phone.revoke_key(session, key_id=holder.key.id, by=holder.person.id, at=at)
    return bind(session, holder.person, project, label=label or holder.key.name, user_agent=user_agent, at=at)


def project_for(session: ReadSession | WriteSession, viewer: Viewer) -> Project:
    """The project whose forms a person fills: the one that most closely holds where they may send submissions.

    Raises Problem: auth.forbidden, project.unknown.
    """
    paths = reach(viewer, "submission.send")
    if not paths:
        raise Problem("auth.forbidden")
    inside: list[tuple[int, Project]] = []
    for project in all_projects(session):
        home = session.get(Unit, project.unit_id)
        if home is not None and any(path.startswith(home.path) or home.path.startswith(path) for path in paths):
            inside.append((-len(home.path), project))
    if not inside:
        raise Problem("project.unknown")
    return min(inside, key=lambda entry: (entry[0], entry[1].id or 0))[1]


def caller_of(session: ReadSession | WriteSession, token: str) -> Caller:
    """The device behind a key.

    Raises Problem: auth.required for a stranger's token, device.revoked, auth.forbidden where its person may fill in
    nothing here any more (what is on the phone stays there).
    """
    holder = devices.holder_of_key(session, token_hash(token)) if token else None
    if holder is None or holder.device is None:
        raise Problem("auth.required")
    if not holder.good:
        raise Problem("device.revoked")
    viewer = viewer_for(session, holder.person)
    project = session.get(Project, holder.key.project_id)
    home = session.get(Unit, project.unit_id) if project else None
    if project is None or home is None or not _reaches(viewer, home):
        raise Problem("auth.forbidden")
    return Caller(holder.device, viewer, project, home.path)


def _reaches(viewer: Viewer, home: Unit) -> bool:
    """Whoever has no role in the project any more gets nothing of it."""
    return any(path.startswith(home.path) or home.path.startswith(path) for path in reach(viewer, "submission.send"))


def worth_noting(device: Device, *, waiting: int, drafts: int, at: dt.datetime) -> bool:
    """True where a report says something new, or the last is some minutes old."""
    return (device.waiting, device.drafts) != (waiting, drafts) or at - device.seen_at >= SEEN_EVERY


def note(session: WriteSession, device: Device, *, waiting: int, drafts: int, at: dt.datetime) -> None:
    """Keep what a device says is unsent."""
    assert device.id is not None
    most = 1_000_000
    devices.mark_seen(session, device.id, waiting=min(max(waiting, 0), most), drafts=min(max(drafts, 0), most), at=at)


def sign_out(session: WriteSession, holder: KeyHolder, *, by: int | None, at: dt.datetime) -> None:
    """Take a device's key back: refused at its next contact, it wipes what it keeps. Twice changes nothing."""
    device = holder.device
    assert device is not None
    if device.signed_out_at is None:
        device.signed_out_at = at
        session.add(device)
    if holder.key.revoked_at is None:
        assert holder.key.id is not None
        phone.revoke_key(session, key_id=holder.key.id, by=by, at=at)
        record(session, "device.signed_out", subject=holder.person.login, by=by, at=at, device=device.code)
