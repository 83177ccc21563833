"""Units as a tree and people with their roles, as the administrator's pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.problems import Problem
from server.services.people import people, phone
from server.store.db import ReadSession, WriteSession
from server.store.people import Person
from server.store.reading import work as reading_work
from server.store.units import Unit


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role and the unit at which it is held."""

    role: str
    unit_code: str
    unit_name: str
    unit_name_en: str


@dataclass
class PersonRow:
    """A person with the roles held within the administrator's reach; ``outside`` says that there are others."""

    person: Person
    roles: list[HeldRole]
    keys: Sequence[Any] = ()
    outside: bool = False


def indented(units: Sequence[Unit], *, flat: bool) -> list[tuple[int, Unit]]:
    """Units in the order of the tree with their depth below the highest one; all at depth 0 for a search's result."""
    depths = [unit.path.count("/") for unit in units]
    highest = min(depths, default=0)
    ordered = sorted(units, key=lambda unit: [int(part) for part in unit.path.strip("/").split("/")])
    return [(0 if flat else unit.path.count("/") - highest, unit) for unit in ordered]


def people_list(session: ReadSession | WriteSession, paths: Sequence[str], text: str = "") -> list[PersonRow]:
    """Everybody with a role in these subtrees, and whoever has none and never held one elsewhere."""
    found: dict[str, PersonRow] = {}
    for person, role, code, name, name_en in reading_work.people_within(session, paths, text):
        row = found.setdefault(person.login, PersonRow(person, []))
        if role:
            row.roles.append(HeldRole(role, code, name, name_en))
    return [row for row in found.values() if row.roles or people.in_reach(session, row.person, paths)]


def one_person(session: ReadSession | WriteSession, paths: Sequence[str], login: str) -> PersonRow:
    """A person in reach, with the keys of their phones. Raises Problem("not_found")."""
    row = next((row for row in people_list(session, paths, login) if row.person.login == login), None)
    if row is None or row.person.id is None:
        raise Problem("not_found")
    row.outside = not people.in_reach(session, row.person, paths)
    row.keys = phone.list_keys(session, person_id=row.person.id)
    return row


def managed_person(session: WriteSession, paths: Sequence[str], login: str) -> PersonRow:
    """A person whose account this administrator may change: all roles lie in reach, else whoever administers a
    district could take over an account of the city. Raises Problem: not_found, auth.forbidden."""
    row = one_person(session, paths, login)
    if row.outside:
        raise Problem("auth.forbidden")
    return row
