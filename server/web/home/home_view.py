"""The homes of an inspector, a school and a department: what is mine, what is due, what is open."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.windows import day_number
from forms.meaning import Light, quarter_of
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.people import phone
from server.services.reference import in_force
from server.store.db import ReadSession
from server.store.forms import forms_of
from server.store.reading import ledgers as reading_ledgers
from server.store.reading import lights as reading
from server.store.reading import work as reading_work
from server.store.reading.lights import Tally
from server.store.units import Unit
from server.web.scorecard import unit_view
from server.web.scorecard.matrix_view import NONE
from server.web.scorecard.unit_view import UnitPage, day_of

# A school year's terms begin in these months; the second half of a term's year counts from its start.
TERM_STARTS: Final = (2, 9)
RETURN_KINDS: Final = {"school": "school_return", "department": "department_return"}


@dataclass(frozen=True, slots=True)
class MySchool:
    """One school of an inspector's area: when last seen, when next due and what is open."""

    code: str
    name: str
    name_en: str
    light: int
    last: dt.date | None
    in_month: int
    in_term: int
    due: dt.date
    findings: Tally


@dataclass
class InspectorHome:
    """Everything that the page shows, the schools due first in front."""

    schools: list[MySchool]
    per_month: int
    per_term: int
    forms: list[Any]
    keys: list[Any]
    own: list[Any]
    own_total: int
    findings: list[Any]
    finding_total: int
    quarter: int
    project: Any


@dataclass(frozen=True, slots=True)
class ReturnDue:
    """A return that this unit fills in, and when it last did."""

    form_id: str
    title: str
    title_en: str
    cadence: str
    last: dt.date | None
    instance_id: str


@dataclass
class UnitHome:
    """The home of a school or a department: its page, what is wrong with it, and its returns."""

    unit: Unit
    page: UnitPage
    wrong: list[tuple[str, Any, int, list[Any]]]
    returns: list[ReturnDue]
    units: Sequence[Unit]


def term_start(day: dt.date) -> dt.date:
    """The first day of the school term that a day lies in: 1 February or 1 September."""
    if day.month >= TERM_STARTS[1]:
        return dt.date(day.year, TERM_STARTS[1], 1)
    if day.month >= TERM_STARTS[0]:
        return dt.date(day.year, TERM_STARTS[0], 1)
    return dt.date(day.year - 1, TERM_STARTS[1], 1)


def month_end(day: dt.date) -> dt.date:
    """The last day of a month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def inspector_home(session: ReadSession, viewer: Viewer, today: dt.date) -> InspectorHome:
    """An inspector's home. Raises Problem("auth.forbidden") for anybody else."""
    paths = viewer.paths(frozenset({"inspector"}))
    if not paths:
        raise Problem("auth.forbidden")
    quarter = quarter_of(today)
    projects = reading.projects_within(session, paths)
    per_month, per_term = _visits_wanted(session, projects)
    term, month = day_number(term_start(today)), day_number(today.replace(day=1))
    recent = reading_work.visit_days(session, paths, term)
    last = reading_work.last_visits(session, paths)
    findings = reading.open_findings(session, paths, today)
    schools = []
    for row in reading.units_with_cards(session, paths, quarter, ("school",)):
        days = [day for unit, day in recent if unit == row.id]
        in_month = sum(1 for day in days if day >= month)
        due = month_end(today) if in_month < per_month else month_end(month_end(today) + dt.timedelta(days=1))
        seen = last.get(row.id)
        light = int(Light.GREY) if row.light is None else row.light
        schools.append(
            MySchool(
                row.code,
                row.name,
                row.name_en,
                light,
                day_of(seen[0]) if seen else None,
                in_month,
                len(days),
                due,
                findings.get(row.id, NONE),
            )
        )
    schools.sort(key=lambda school: (school.due, school.last or dt.date.min, school.code))
    mine = reading_work.SubmissionFilters(submitter=viewer.person_id)
    total, own = reading_work.submissions(session, paths, mine, start=0, most=12)
    found, listed = reading_ledgers.open_findings(session, paths, today, most=12)
    return InspectorHome(
        schools,
        per_month,
        per_term,
        [form for project in projects for form in forms_of(session, project.id) if _for_visits(form)],
        phone.list_keys(session, person_id=viewer.person_id),
        own,
        total,
        listed,
        found,
        quarter,
        projects[0] if projects else None,
    )


def _for_visits(form: Any) -> bool:
    return form.current_id is not None and form.kind in reading.VISIT_KINDS


def _visits_wanted(session: ReadSession, projects: Sequence[Any]) -> tuple[int, int]:
    """How often a school is to be seen in a month and in a term, as the rulebook says."""
    try:
        rules = in_force(session, projects[0].id).rulebook if projects else None
    except Problem:
        rules = None
    if rules is None or "D.visits_per_month" not in rules.rules:
        return 1, 2
    return rules["D.visits_per_month"].number("visits"), rules["D.visits_per_term"].number("visits")


def own_unit(session: ReadSession, viewer: Viewer, role: str, code: str) -> tuple[Unit, list[Unit]]:
    """The unit where the viewer holds a role, and all such units. Raises Problem: auth.forbidden, not_found."""
    ids = [grant.unit_id for grant in viewer.grants if grant.role == role]
    if not ids:
        raise Problem("auth.forbidden")
    units = [unit for number in ids if (unit := session.get(Unit, number)) is not None]
    chosen = next((unit for unit in units if not code or unit.code == code), None)
    if chosen is None:
        raise Problem("not_found")
    return chosen, units


def unit_home(session: ReadSession, unit: Unit, units: Sequence[Unit], project_id: int, today: dt.date) -> UnitHome:
    """The home of a school or department."""
    page = unit_view.build(session, unit, None, today)
    wrong = [
        (code, labels, light, [row for row in rows if row.light in (Light.RED, Light.YELLOW)])
        for code, labels, light, rows in page.dimensions
        if light in (Light.RED, Light.YELLOW)
    ]
    wrong.sort(key=lambda entry: -entry[2])
    return UnitHome(unit, page, wrong, returns_of(session, unit, project_id), units)


def returns_of(session: ReadSession, unit: Unit, project_id: int) -> list[ReturnDue]:
    """The administrative returns of a unit's kind and when each was last sent."""
    assert unit.id is not None
    kind = RETURN_KINDS.get(unit.kind, "")
    sent = reading_work.visits_of_unit(session, unit.id, 200)
    found = []
    for form in forms_of(session, project_id):
        if form.kind == kind and form.current_id is not None:
            last = next((row for row in sent if row.form_id == form.form_id), None)
            day = day_of(last.observed_on) if last else None
            instance = last.instance_id if last else ""
            cadence = "quarter" if "quarter" in form.form_id else "year"
            found.append(ReturnDue(form.form_id, form.title, form.title_en, cadence, day, instance))
    return found
