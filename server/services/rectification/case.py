"""A finding as the lifecycle's engine sees it: its facts from the store, its actor from the roles held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from scorecards.deadlines import WorkCalendar
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Case, Refusal
from scorecards.lifecycle.facts import KEPT, facts
from scorecards.lifecycle.settings import settings_of
from server.problems import Problem
from server.security.permissions import may
from server.security.viewer import Viewer
from server.services.reference import in_force
from server.services.scope import project_of
from server.services.work_calendar import calendar_of
from server.store import case_rows, people
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.forms import Project
from server.store.units import Unit

AnySession = ReadSession | WriteSession
# Roles that reach a finding from above; schools and departments act on what is their own only.
ABOVE: Final = ("office", "inspector", "leading", "administrator")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter lies: its project, the district whose numbers documents get, and the numbers of its rules."""

    project_id: int
    district_id: int
    settings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Matter:
    """A finding ready for the engine. ``department`` is the one it was routed to."""

    case: Case
    unit: Unit
    department: Unit | None
    place: Place
    calendar: WorkCalendar


def place_of(session: AnySession, path: str) -> Place:
    """The project above a unit and what it is judged by; read once in a session.

    Raises Problem("not_found") for a unit that lies in no project.
    """
    homes: dict[str, int] = session.info.setdefault("homes", {})
    project_id = homes.setdefault(path, 0) or project_of(session, path)
    homes[path] = project_id
    kept: dict[int, Place] = session.info.setdefault("places", {})
    if project_id not in kept:
        project = session.get_one(Project, project_id)
        try:
            settings = settings_of(in_force(session, project_id).rulebook)
        except Problem:
            settings = {}
        kept[project_id] = Place(project_id, project.unit_id, settings)
    return kept[project_id]


def unit_of(session: AnySession, unit_id: int) -> Unit:
    """A unit, read once in a session: many findings of one school may move in it."""
    kept: dict[int, Unit] = session.info.setdefault("units", {})
    if unit_id not in kept:
        kept[unit_id] = session.get_one(Unit, unit_id)
    return kept[unit_id]


def matter_of(session: AnySession, finding: Finding, *, candidate: Viewer | None = None) -> Matter:
    """A finding's facts. ``candidate`` is the person whom a step names for the re-check."""
    unit = unit_of(session, finding.unit_id)
    department = unit_of(session, finding.department_id) if finding.department_id else None
    return Matter(
        Case(finding.state, _facts(session, finding, candidate)),
        unit,
        department,
        place_of(session, unit.path),
        calendar_of(session),
    )


def _facts(session: AnySession, finding: Finding, candidate: Viewer | None) -> dict[str, Any]:
    consulted = finding.department_id if finding.route == 4 and finding.department_id else None
    involved = {finding.unit_id} | ({finding.department_id} if finding.department_id else set())
    kept = {name: value for name, value in orjson.loads(finding.facts).items() if name in KEPT}
    return facts(
        severity=finding.severity,
        route=finding.route,
        days=finding.days,
        responsible=frozenset({consulted or finding.unit_id}),
        involved=frozenset(involved),
        department_id=finding.department_id or 0,
        finder_id=finding.opened_by_id or case_rows.submitter_of(session, finding.submission_id),
        candidate_units=own_units(candidate) if candidate else frozenset(),
        drawn_on_site=finding.on_site,
        turn_due=finding.step_due_on,
        term_on=finding.due_on if finding.told_on else None,
        closed_on=finding.closed_on,
        **kept,
    )


def own_units(viewer: Viewer) -> frozenset[int]:
    """The units for which a person acts as school or department."""
    return frozenset(grant.unit_id for grant in viewer.grants if grant.role in ("school", "department"))


def actor_of(viewer: Viewer | None, unit: Unit, department: Unit | None = None) -> Actor:
    """Who acts on a matter of a unit: the roles that reach it, None for the system."""
    if viewer is None:
        return SYSTEM_ACTOR
    roles = {grant.role for grant in viewer.grants if grant.role in ABOVE and unit.path.startswith(grant.path)}
    own = own_units(viewer)
    if unit.id in own:
        roles |= {grant.role for grant in viewer.grants if grant.unit_id == unit.id}
    if department is not None and department.id in own:
        roles.add("department")
    return Actor(viewer.person_id, frozenset(roles), own)


def require_seen(viewer: Viewer, unit: Unit, department: Unit | None = None) -> None:
    """Raises Problem("not_found") for somebody who may not even see a matter of this unit."""
    if may(viewer, "finding.see", unit.path):
        return
    if department is not None and may(viewer, "finding.see", department.path):
        return
    raise Problem("not_found")


def viewer_of(session: AnySession, person_id: int | None) -> Viewer | None:
    """The viewer that a person is now; None for nobody and for somebody who has left."""
    from server.services.people.sign_in import viewer_for

    person = session.get(people.Person, person_id) if person_id else None
    return viewer_for(session, person) if person is not None and person.active else None


def named_department(session: AnySession, given: str, place: Place) -> Refusal | None:
    """The refusal of a department that is none of the project's."""
    if not given.strip().isdigit():
        return None
    unit = session.get(Unit, int(given))
    home = session.get_one(Unit, place.district_id)
    if unit is not None and unit.kind == "department" and unit.active and unit.path.startswith(home.path):
        return None
    return Refusal("field.department", "没有这个责任部门。", "There is no such department here.")


def named_finding(session: AnySession, code: str, finding: Finding) -> Finding | Refusal:
    """The open finding of the same unit that another is merged into."""
    from server.store.findings import with_code

    other = with_code(session, code.strip())  # type: ignore[arg-type]
    if other is not None and other.unit_id == finding.unit_id and other.id != finding.id and other.closed_on is None:
        return other
    return Refusal("field.into", "该校没有这个未办结的问题编号。", "This unit has no open finding with that code.")


def reaches(viewer: Viewer, unit: Unit) -> bool:
    """True for an inspector or an office that the unit belongs to: who may be asked to re-check there."""
    return bool(actor_of(viewer, unit).roles & {"inspector", "office"})


def today_of(at: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """The day of a moment in the district's time zone."""
    return at.astimezone(zone).date()
