"""The statements behind the pages of lights and units: each gives what one page shows, in few round trips."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, case, func, or_
from sqlmodel import col, select

from server.store.db import ReadSession, WriteSession
from server.store.events import Event
from server.store.findings import Finding
from server.store.forms import Form, FormVersion, Project
from server.store.lights import LiveCard, Snapshot
from server.store.people import Person, RoleGrant
from server.store.submissions import Submission
from server.store.units import Unit, UnitMember

VISIT_KINDS = ("regular", "thematic", "recheck")
AnySession = ReadSession | WriteSession
Paths = Sequence[str]


class Tally(NamedTuple):
    """Open and overdue findings of a unit."""

    open: int
    overdue: int


def below(paths: Paths) -> ColumnElement[bool]:
    """The condition that a unit lies in one of these subtrees."""
    return or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths))


def counts() -> ColumnElement[bool]:
    """The condition that a submission is the newest of its kind and was not rejected."""
    return and_(col(Submission.superseded_by) == "", col(Submission.review_state) != "rejected")


def late(today: dt.date) -> ColumnElement[bool]:
    """The condition that a finding is overdue as the lights count it: its limit was told, it is open, and nothing was
    handed in by the limit (scorecards.record.FindingFacts.days_overdue)."""
    return and_(
        col(Finding.closed_on).is_(None),
        col(Finding.told_on) <= today,
        col(Finding.due_on) < func.coalesce(col(Finding.handed_on), today),
    )


def events_since(session: AnySession, kind: str, subject: str, since: dt.datetime) -> tuple[int, dt.datetime | None]:
    """How many events of a kind a subject has had since a moment, and when the first of them was."""
    row = session.exec(
        select(func.count(), func.min(col(Event.at))).where(
            col(Event.subject) == subject, col(Event.kind) == kind, col(Event.at) > since
        )
    ).one()
    oldest = row[1]
    return row[0], oldest.replace(tzinfo=dt.UTC) if oldest and oldest.tzinfo is None else oldest


def projects_within(session: AnySession, paths: Paths) -> list[Row[Any]]:
    """(project id, unit code, name, name_en, path) of the projects in reach of these subtrees, or around them."""
    query = (
        select(Project.id, Unit.code, Unit.name, Unit.name_en, Unit.path)
        .join(Unit, col(Unit.id) == Project.unit_id)
        .order_by(Unit.code)
    )
    found = session.connection().execute(query).all()
    return [row for row in found if any(row.path.startswith(path) or path.startswith(row.path) for path in paths)]


def unit_with_code(session: AnySession, code: str) -> Unit | None:
    """The unit with this code."""
    return session.exec(select(Unit).where(col(Unit.code) == code)).first()


def ancestors(session: AnySession, unit: Unit) -> list[Unit]:
    """A unit's ancestors, the highest first."""
    ids = [int(part) for part in unit.path.strip("/").split("/")[:-1] if part]
    found = session.exec(select(Unit).where(col(Unit.id).in_(ids))) if ids else ()
    return sorted(found, key=lambda above: above.path.count("/"))


def quarters_with_cards(session: AnySession, paths: Paths) -> list[int]:
    """The quarters in which units of these subtrees have cards, newest first."""
    query = select(LiveCard.quarter).join(Unit, col(Unit.id) == LiveCard.unit_id).where(below(paths)).distinct()
    return sorted(session.exec(query), reverse=True)


def units_with_cards(session: AnySession, paths: Paths, quarter: int, kinds: Collection[str]) -> list[Row[Any]]:
    """Every active unit of these kinds with its card of a quarter, None where it has none; by unit code."""
    query = (
        select(
            Unit.id,
            Unit.code,
            Unit.kind,
            Unit.name,
            Unit.name_en,
            Unit.parent_id,
            Unit.stage,
            Unit.enrolment,
            LiveCard.light,
            LiveCard.managed_as,
            LiveCard.score,
            LiveCard.dimensions,
            LiveCard.computed_at,
        )
        .outerjoin(LiveCard, and_(col(LiveCard.unit_id) == Unit.id, col(LiveCard.quarter) == quarter))
        .where(below(paths), col(Unit.kind).in_(sorted(kinds)), col(Unit.active))
        .order_by(Unit.code)
    )
    return list(session.connection().execute(query))


def light_counts(session: AnySession, paths: Paths, kind: str = "school") -> dict[int, dict[int, int]]:
    """How many units of a kind showed each light, by quarter."""
    query = (
        select(LiveCard.quarter, LiveCard.light, func.count())
        .join(Unit, col(Unit.id) == LiveCard.unit_id)
        .where(below(paths), col(Unit.kind) == kind, col(Unit.active))
        .group_by(col(LiveCard.quarter), col(LiveCard.light))
    )
    found: dict[int, dict[int, int]] = {}
    for quarter, light, number in session.exec(query):
        found.setdefault(quarter, {})[light] = number
    return found


def open_findings(session: AnySession, paths: Paths, today: dt.date) -> dict[int, Tally]:
    """Open findings by the unit that must act: the department where they were routed to one, else the school."""
    actor = func.coalesce(col(Finding.department_id), col(Finding.unit_id))
    query = (
        select(actor, func.count(), func.sum(case((late(today), 1), else_=0)))
        .join(Unit, col(Unit.id) == actor)
        .where(below(paths), col(Finding.closed_on).is_(None))
        .group_by(actor)
    )
    return {unit: Tally(number, int(overdue)) for unit, number, overdue in session.exec(query)}


def visit_counts(session: AnySession, paths: Paths, quarter: int) -> dict[int, int]:
    """How many visits that count each unit had in a quarter."""
    query = (
        select(Submission.unit_id, func.count())
        .join(Unit, col(Unit.id) == Submission.unit_id)
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .where(below(paths), col(Submission.quarter) == quarter, counts(), col(Form.kind).in_(VISIT_KINDS))
        .group_by(col(Submission.unit_id))
    )
    return {unit: number for unit, number in session.exec(query) if unit is not None}


def newest_snapshot(session: AnySession, project_id: int, quarter: int) -> Row[Any] | None:
    """(version, sha256, frozen_at) of a quarter's newest snapshot."""
    query = (
        select(Snapshot.version, Snapshot.sha256, Snapshot.frozen_at)
        .where(col(Snapshot.project_id) == project_id, col(Snapshot.quarter) == quarter)
        .order_by(col(Snapshot.version).desc())
    )
    return session.connection().execute(query).first()


def card(session: AnySession, unit_id: int, quarter: int) -> LiveCard | None:
    """A unit's live card."""
    return session.get(LiveCard, (unit_id, quarter))


def cards_of(session: AnySession, unit_id: int) -> list[LiveCard]:
    """A unit's cards, oldest quarter first."""
    query = select(LiveCard).where(col(LiveCard.unit_id) == unit_id).order_by(col(LiveCard.quarter))
    return list(session.exec(query))


def groups_of(session: AnySession, unit_id: int) -> list[Row[Any]]:
    """(code, name, name_en, role) of the groups that a unit is a member of."""
    query = (
        select(Unit.code, Unit.name, Unit.name_en, UnitMember.role)
        .join(UnitMember, col(UnitMember.group_id) == Unit.id)
        .where(col(UnitMember.unit_id) == unit_id)
        .order_by(Unit.code)
    )
    return list(session.connection().execute(query))


def members_of(session: AnySession, group_id: int) -> list[str]:
    """The paths of a group's members."""
    query = (
        select(Unit.path).join(UnitMember, col(UnitMember.unit_id) == Unit.id).where(UnitMember.group_id == group_id)
    )
    return list(session.exec(query))


def inspectors_of(session: AnySession, path: str) -> list[Row[Any]]:
    """(name, certificate) of the inspectors whose area holds this unit."""
    query = (
        select(Person.name, Person.certificate, Unit.path)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(RoleGrant.role == "inspector", col(Person.active))
        .order_by(Person.name)
    )
    return [row for row in session.connection().execute(query) if path.startswith(row.path)]


def find_units(session: AnySession, paths: Paths, text: str = "", kind: str = "", most: int = 2000) -> list[Unit]:
    """Units of these subtrees, those whose name or code holds ``text``; in the order of the tree."""
    query = select(Unit).where(below(paths)).order_by(col(Unit.path)).limit(most)
    if text:
        query = query.where(
            or_(
                col(Unit.name).contains(text, autoescape=True),
                col(Unit.code).contains(text, autoescape=True),
                col(Unit.name_en).icontains(text, autoescape=True),
            )
        )
    if kind:
        query = query.where(col(Unit.kind) == kind)
    return list(session.exec(query))
