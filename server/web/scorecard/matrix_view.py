"""The quarter's matrix: what the leading group sees first, made of the cards' small columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from forms.meaning import Light, quarter_before, quarter_of
from server.problems import Problem
from server.services.reference import in_force
from server.store.db import ReadSession
from server.store.forms import current_reference
from server.store.reading import lights as reading
from server.store.reading.lights import Tally

SORTS: Final = ("town", "worst", "name", "score", "enrolment")
# Red before yellow before grey before green: what needs a look comes first.
GRAVITY: Final = {Light.RED: 0, Light.YELLOW: 1, Light.GREY: 2, Light.GREEN: 3, Light.NA: 4}
PAGE_SIZE: Final = 120
NONE: Final = Tally(0, 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """The district looked at, as far as the viewer reaches, and its choices of quarter."""

    project_id: int
    code: str
    name: str
    name_en: str
    path: str
    paths: tuple[str, ...]
    quarter: int
    quarters: tuple[int, ...]
    projects: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of the matrix. ``light`` is grey where the quarter has no card yet."""

    id: int
    code: str
    name: str
    name_en: str
    stage: str
    enrolment: int | None
    town: int | None
    light: int
    turned_red: bool
    score: int | None
    dimensions: Mapping[str, int]
    findings: Tally
    visits: int

    @property
    def reds(self) -> int:
        return sum(1 for light in self.dimensions.values() if light == Light.RED)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for."""

    town: str = ""
    stage: str = ""
    light: str = ""
    text: str = ""
    sort: str = "town"
    page: int = 1
    whole: bool = False


@dataclass
class Matrix:
    """Everything that the page shows."""

    scope: Scope
    filters: Filters
    dimensions: Mapping[str, Mapping[str, str]]
    schools: list[UnitRow]
    shown: list[UnitRow]
    matching: int
    towns: list[UnitRow]
    departments: list[UnitRow]
    groups: list[UnitRow]
    counted: dict[int, int]
    before: dict[int, int]
    trend: list[tuple[int, dict[int, int]]]
    town_counts: dict[int, dict[int, int]]
    snapshot: Any = None
    computed_at: dt.datetime | None = None
    stages: list[str] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return 1 if self.filters.whole else max(1, -(-self.matching // PAGE_SIZE))

    @property
    def trend_height(self) -> int:
        return max((sum(counted.values()) for _, counted in self.trend), default=1) or 1

    @property
    def tallies(self) -> dict[str, int]:
        """Visits, schools not visited, open and overdue findings of the whole district."""
        every = [*self.schools, *self.departments]
        return {
            "visits": sum(row.visits for row in self.schools),
            "unvisited": sum(1 for row in self.schools if not row.visits),
            "open": sum(row.findings.open for row in every),
            "overdue": sum(row.findings.overdue for row in every),
        }

    @property
    def town_names(self) -> dict[int, UnitRow]:
        return {town.id: town for town in self.towns}


def find_scope(
    session: ReadSession, reach: tuple[str, ...], *, district: str, quarter: int | None, today: dt.date
) -> Scope:
    """The district and quarter to look at. Raises Problem("not_found") where the viewer reaches none such."""
    projects = reading.projects_within(session, reach)
    chosen = next((row for row in projects if not district or row.code == district), None)
    if chosen is None:
        raise Problem("not_found")
    paths = tuple(sorted({max(path, chosen.path, key=len) for path in reach if _meet(path, chosen.path)}))
    known = set(reading.quarters_with_cards(session, paths))
    newest = max(known, default=quarter_of(today))
    quarters = tuple(sorted(known | {newest} | ({quarter} if quarter else set()), reverse=True))
    return Scope(
        chosen.id, chosen.code, chosen.name, chosen.name_en, chosen.path, paths, quarter or newest, quarters, projects
    )


def _meet(first: str, second: str) -> bool:
    return first.startswith(second) or second.startswith(first)


def dimension_labels(session: ReadSession, project_id: int) -> Mapping[str, Mapping[str, str]]:
    """The dimensions in force with their labels; none before a catalogue is loaded."""
    if current_reference(session, project_id, "catalogue") is None:
        return {}
    return in_force(session, project_id).catalogue.dimensions


def build(session: ReadSession, scope: Scope, filters: Filters, today: dt.date) -> Matrix:
    """The matrix of a scope."""
    kinds = ("school", "town", "department", "group")
    rows = reading.units_with_cards(session, scope.paths, scope.quarter, kinds)
    findings = reading.open_findings(session, scope.paths, today)
    visits = reading.visit_counts(session, scope.paths, scope.quarter)
    trend = reading.light_counts(session, scope.paths)
    units = {kind: [unit_row(row, findings, visits) for row in rows if row.kind == kind] for kind in kinds}
    labels = dimension_labels(session, scope.project_id)
    schools = units["school"]
    towns = {town.id: town for town in units["town"]}
    matching = _sorted([row for row in schools if _fits(row, filters, towns)], filters.sort, towns, labels)
    start = 0 if filters.whole else (filters.page - 1) * PAGE_SIZE
    town_counts: dict[int, dict[int, int]] = {}
    for school in schools:
        counted = town_counts.setdefault(school.town or 0, {})
        counted[school.light] = counted.get(school.light, 0) + 1
    return Matrix(
        scope,
        filters,
        labels,
        schools,
        matching if filters.whole else matching[start : start + PAGE_SIZE],
        len(matching),
        units["town"],
        units["department"],
        units["group"],
        {light: sum(1 for row in schools if row.light == light) for light in (3, 2, 1, 4)},
        trend.get(quarter_before(scope.quarter), {}),
        [(name, trend[name]) for name in sorted(trend) if name <= scope.quarter][-8:],
        town_counts,
        reading.newest_snapshot(session, scope.project_id, scope.quarter),
        max((row.computed_at for row in rows if row.computed_at), default=None),
        sorted({row.stage for row in schools if row.stage}),
    )


def unit_row(row: Any, findings: Mapping[int, Tally], visits: Mapping[int, int]) -> UnitRow:
    light = Light.GREY if row.light is None else row.light
    turned = light == Light.YELLOW and row.managed_as == Light.RED
    dimensions = orjson.loads(row.dimensions) if row.dimensions else {}
    return UnitRow(
        row.id,
        row.code,
        row.name,
        row.name_en,
        row.stage,
        row.enrolment,
        row.parent_id,
        int(light),
        turned,
        row.score,
        dimensions,
        findings.get(row.id, NONE),
        visits.get(row.id, 0),
    )


def _fits(row: UnitRow, filters: Filters, towns: Mapping[int, UnitRow]) -> bool:
    town = towns.get(row.town or 0)
    words = filters.text.lower()
    return (
        (not filters.town or (town is not None and town.code == filters.town))
        and (not filters.stage or row.stage == filters.stage)
        and (not filters.light or str(row.light) == filters.light)
        and (not words or words in row.name.lower() or words in row.name_en.lower() or words in row.code.lower())
    )


def _sorted(
    rows: list[UnitRow], sort: str, towns: Mapping[int, UnitRow], dimensions: Mapping[str, object]
) -> list[UnitRow]:
    def town(row: UnitRow) -> str:
        return towns[row.town].code if row.town in towns else ""

    def gravity(row: UnitRow) -> tuple[int, bool, int]:
        return GRAVITY[Light(row.light)], not row.turned_red, -row.reds

    if sort in dimensions:
        return sorted(
            rows, key=lambda row: (GRAVITY[Light(row.dimensions.get(sort, Light.GREY))], gravity(row), row.code)
        )
    keys: dict[str, Any] = {
        "town": lambda row: (town(row), gravity(row), row.code),
        "worst": lambda row: (gravity(row), -row.findings.overdue, row.code),
        "name": lambda row: (row.name, row.code),
        "score": lambda row: (row.score is None, row.score or 0, row.code),
        "enrolment": lambda row: (-(row.enrolment or 0), row.code),
    }
    return sorted(rows, key=keys.get(sort, keys["town"]))
