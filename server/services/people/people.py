"""People: accounts, passwords, roles held at units, and an inspector's appointment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from server.problems import Problem
from server.security.passwords import digest_ha1, hash_password
from server.store import people
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.people import ROLES, Person, RoleGrant
from server.store.units import Unit, unit_by_code

# Where a role can be held. The areas of an inspector are towns, schools or the whole district.
HELD_AT: dict[str, frozenset[str]] = {
    "administrator": frozenset({"province", "city", "district"}),
    "office": frozenset({"province", "city", "district", "town"}),
    "inspector": frozenset({"city", "district", "town", "school"}),
    "leading": frozenset({"province", "city", "district", "town"}),
    "department": frozenset({"department"}),
    "school": frozenset({"school"}),
}


# Basic cuts at a colon; the others have a meaning in addresses.
UNFIT = frozenset(":/?#%\\")

# The unit paths below which the caller administers people; what commands on the server itself do reaches everything.
Reach = Sequence[str]
EVERYWHERE: Reach = ("/",)


def person_named(session: ReadSession | WriteSession, login: str) -> Person:
    """The person with this login. Raises Problem("person.unknown")."""
    person = people.person_by_login(session, login.strip())
    if person is None:
        raise Problem("person.unknown", login=login)
    return person


def unit_named(session: ReadSession | WriteSession, code: str, within: Reach = EVERYWHERE) -> Unit:
    """The unit with this code. Raises Problem("unit.unknown"), also for one that lies outside ``within``."""
    unit = unit_by_code(session, code.strip())
    if unit is None or not unit.path.startswith(tuple(within)):
        raise Problem("unit.unknown", code=code)
    return unit


def in_reach(session: ReadSession | WriteSession, person: Person, within: Reach) -> bool:
    """True if whoever administers the subtrees ``within`` may change this account: every role held lies there.

    Else whoever administers a district could take over an account of the city. Who holds no role counts by those held
    before, since what was sent from an account stays readable with it.
    """
    assert person.id is not None
    if "/" in within:
        return True
    held = [path for _role, _unit, path in people.grants_of(session, person.id)]
    return all(path.startswith(tuple(within)) for path in held or people.paths_once_held(session, person.login))


def managed(session: ReadSession | WriteSession, login: str, within: Reach) -> Person:
    """The person whose account may be changed. Raises Problem: person.unknown, auth.forbidden."""
    person = person_named(session, login)
    if not in_reach(session, person, within):
        raise Problem("auth.forbidden")
    return person


def create_person(
    session: WriteSession,
    *,
    login: str,
    name: str,
    password: str | None,
    language: str = "zh",
    by: int | None,
    at: dt.datetime,
) -> Person:
    """Open an account. With ``password`` None nobody can sign in with it until one is set (phones still can).

    Raises Problem: person.login, person.taken, password.weak.
    """
    login = login.strip()
    if (
        not 1 <= len(login) <= 64
        or login in (".", "..")
        or not login.isprintable()
        or any(c.isspace() or c in UNFIT for c in login)
    ):
        raise Problem("person.login")
    if people.person_by_login(session, login):
        raise Problem("person.taken", login=login)
    person = Person(
        login=login,
        name=name.strip() or login,
        password_hash=hash_password(password) if password is not None else "",
        digest_ha1=digest_ha1(login, password) if password is not None else "",
        language=language,
        created_at=at,
    )
    session.add(person)
    session.flush()
    record(session, "person.created", subject=login, by=by, at=at, name=person.name)
    return person


def set_password(
    session: WriteSession, *, login: str, password: str, within: Reach = EVERYWHERE, by: int | None, at: dt.datetime
) -> None:
    """Give a new password; every open session of the person ends.

    Raises Problem: person.unknown, auth.forbidden, password.weak.
    """
    person = managed(session, login, within)
    assert person.id is not None
    person.password_hash = hash_password(password)
    person.digest_ha1 = digest_ha1(person.login, password)
    session.add(person)
    people.forget_sign_ins(session, person.id)
    record(session, "person.password_set", subject=person.login, by=by, at=at)


def grant(
    session: WriteSession,
    *,
    login: str,
    role: str,
    unit_code: str,
    within: Reach = EVERYWHERE,
    by: int | None,
    at: dt.datetime,
) -> None:
    """Give a role at a unit (and so in its whole subtree); giving it twice changes nothing.

    Raises Problem: person.unknown, unit.unknown (also outside ``within``), role.unknown, unit.kind.
    """
    person, unit = _holder(session, login, role, unit_code, within)
    if unit.kind not in HELD_AT[role]:
        raise Problem("unit.kind", role=role, code=unit_code)
    assert person.id is not None and unit.id is not None
    if people.grant_row(session, person.id, role, unit.id):
        return
    session.add(RoleGrant(person_id=person.id, role=role, unit_id=unit.id))
    record(session, "person.granted", subject=person.login, by=by, at=at, role=role, unit=unit.code)


def revoke(
    session: WriteSession,
    *,
    login: str,
    role: str,
    unit_code: str,
    within: Reach = EVERYWHERE,
    by: int | None,
    at: dt.datetime,
) -> None:
    """Take a role at a unit away. Raises Problem: person.unknown, unit.unknown (also outside), role.unknown."""
    person, unit = _holder(session, login, role, unit_code, within)
    assert person.id is not None and unit.id is not None
    held = people.grant_row(session, person.id, role, unit.id)
    if held is None:
        return
    session.delete(held)
    record(session, "person.revoked", subject=person.login, by=by, at=at, role=role, unit=unit.code)


def deactivate(
    session: WriteSession, *, login: str, within: Reach = EVERYWHERE, by: int | None, at: dt.datetime
) -> None:
    """Close an account: its sessions end and its phone keys are revoked; what it sent stays.

    Raises Problem: person.unknown, auth.forbidden.
    """
    person = managed(session, login, within)
    assert person.id is not None
    person.active = False
    session.add(person)
    people.forget_sign_ins(session, person.id)
    people.revoke_keys(session, person.id, at)
    record(session, "person.deactivated", subject=person.login, by=by, at=at)


def appoint_inspector(
    session: WriteSession,
    *,
    login: str,
    certificate: str,
    term_from: dt.date | None = None,
    term_to: dt.date | None = None,
    areas: Iterable[str] = (),
    by: int | None,
    at: dt.datetime,
) -> None:
    """An inspector's certificate, term and areas (codes of schools, towns or a district; they replace the old ones).

    Raises Problem: person.unknown, person.term, unit.unknown, unit.kind.
    """
    person = person_named(session, login)
    assert person.id is not None
    if term_from and term_to and term_to < term_from:
        raise Problem("person.term")
    person.certificate, person.term_from, person.term_to = certificate.strip(), term_from, term_to
    session.add(person)
    record(
        session,
        "inspector.appointed",
        subject=person.login,
        by=by,
        at=at,
        certificate=person.certificate,
        term=[str(term_from or ""), str(term_to or "")],
    )
    wanted = set(areas)
    held = {unit_id for role, unit_id, _ in people.grants_of(session, person.id) if role == "inspector"}
    keep = {unit_named(session, code).id for code in wanted}
    for unit_id in held - keep:
        unit = session.get(Unit, unit_id)
        assert unit is not None
        revoke(session, login=login, role="inspector", unit_code=unit.code, by=by, at=at)
    for code in sorted(wanted):
        grant(session, login=login, role="inspector", unit_code=code, by=by, at=at)


def _holder(session: WriteSession, login: str, role: str, unit_code: str, within: Reach) -> tuple[Person, Unit]:
    if role not in ROLES:
        raise Problem("role.unknown", role=role)
    return person_named(session, login), unit_named(session, unit_code, within)
