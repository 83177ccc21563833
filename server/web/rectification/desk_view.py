"""The desks: what waits for a school, a department, an inspector, the office, the leading group, the most pressing
first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import orjson

from scorecards.lifecycle import engine, measures
from scorecards.lifecycle.rectification import KEPT, LIFECYCLE, TABLE, UNDER_WAY, facts
from scorecards.lifecycle.table import StateSpec, StepSpec, Table
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.rectification.case import actor_of
from server.services.work_calendar import calendar_of
from server.store.db import ReadSession
from server.store.findings import Finding
from server.store.reading import cases as reading_cases
from server.store.units import Unit
from server.web.rectification.form import ranked
from server.web.rectification.limit import Left, left_of, left_of_finding, told_left
from server.web.render import SignedPage
from server.web.visits import submission_view

ROLES: Final = ("school", "department", "inspector", "office", "leading")
OWN: Final = ("school", "department")
LISTED: Final = 200
SHOWN: Final = 30
OLD_PHOTOS: Final = 3
WATCH_AHEAD: Final = 20  # working days
STEPS_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One matter in a list; ``photos`` are (address, address of the small one)."""

    url: str
    title: str
    fact: str
    unit: str
    severity: int
    state: StateSpec
    level: int
    left: Left
    steps: Sequence[str] = ()
    photos: Sequence[tuple[str, str]] = ()
    responsible: str = ""


@dataclass
class Group:
    """What is to be done of one kind; ``more`` are not listed."""

    title: str
    items: list[Item]
    more: int = 0
    text: str = ""
    link: tuple[str, str] | None = None

    @property
    def total(self) -> int:
        return len(self.items) + self.more


@dataclass
class Desk:
    """Everything that a desk shows."""

    role: str
    unit: Unit | None
    groups: list[Group] = field(default_factory=list)
    others: list[Item] = field(default_factory=list)
    others_total: int = 0
    measures: list[Item] = field(default_factory=list)
    total: int = 0
    overdue: int = 0
    soon: int = 0
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def chosen_role(viewer: Viewer, wanted: str) -> str:
    """The desk asked for, or the viewer's first. Raises Problem: auth.forbidden, not_found."""
    found = [role for role in ROLES if role in viewer.roles]
    if not found:
        raise Problem("auth.forbidden")
    if wanted and wanted not in found:
        raise Problem("not_found")
    return wanted or found[0]


def waiting_states(role: str) -> list[str]:
    """The states in which it is this role's turn, in the order of the table."""
    return [state.name for state in TABLE.states.values() if state.waits_for == role]


def turns_of(role: str) -> dict[str, list[str]]:
    """When it is a role's turn, as ``desk_findings`` asks: what is routed to a department is the office's to send and
    the department's, not the school's, to put right (scorecards.lifecycle, route R4)."""
    states = waiting_states(role)
    if role == "school":
        return {"states": [], "never_routed": states}
    if role == "department":
        return {"states": states, "only_routed": waiting_states("school")}
    if role == "inspector":
        return {"states": [name for name in states if name != "open"], "never_routed": ["open"]}
    return {"states": states, "only_routed": ["open"] if role == "office" else []}


def open_states() -> list[str]:
    """The states in which a matter is under way."""
    return [state.name for state in TABLE.states.values() if not state.closing]


def build(page: SignedPage, session: ReadSession, role: str, unit: Unit | None) -> Desk:
    """The desk of a role: of a school or department that of ``unit``."""
    paths = [unit.path] if unit else list(page.viewer.paths(frozenset({role})))
    desk = Desk(role, unit)
    through = "department" if role == "department" else "unit"
    me = page.viewer.person_id if role == "inspector" else None
    total, rows = reading_cases.desk_findings(
        session, paths, **turns_of(role), through=through, rechecker=me, most=LISTED
    )
    lister = Lister(page, session, role, rows)
    items = {row[0].id: lister.item(row) for row in rows}
    desk.groups = _groups(page, role, rows, items, total - len(rows))
    if role == "office":
        desk.groups += _extensions(page, session, paths)
    desk.total = sum(group.total for group in desk.groups)
    shown = [item for group in desk.groups for item in group.items]
    desk.overdue = sum(1 for item in shown if item.left.overdue)
    desk.soon = sum(1 for item in shown if item.left.soon)
    if role in (*OWN, "inspector"):
        _others(page, session, desk, paths, through, set(items))
    desk.measures = _measures(page, session, role, paths)
    desk.total += len(desk.measures)
    return desk


def _groups(page: SignedPage, role: str, rows: Sequence[Any], items: dict[int, Item], more: int) -> list[Group]:
    """A school has one list by days left; all others one a stage, in the order of the table."""
    if role in OWN:
        listed = sorted(items.values(), key=lambda item: (item.left.order, -item.severity))
        return [Group(page.t("desk.turn"), listed, more)] if listed else []
    groups = []
    names = [name for part in turns_of(role).values() for name in part]
    for name in sorted(set(names), key=list(TABLE.states).index):
        found = [items[row[0].id] for row in rows if row[0].state == name and row[0].id in items]
        if name == "watching":  # a look back is due within the watch, not from its first day
            found = [item for item in found if item.left.order <= WATCH_AHEAD]
        if not found:
            continue
        found.sort(key=lambda item: (item.left.order, -item.severity))
        words = TABLE.states[name].words
        title = page.name(words.zh, words.en)
        group = Group(title, found[:SHOWN], len(found) - len(found[:SHOWN]))
        if name == "rechecking":
            group = Group(page.t("desk.recheck"), found, 0, page.t("desk.recheck.text"))
            group.link = (page.t("desk.recheck.open"), "/collect")
        groups.append(group)
    if groups and more:
        groups[-1].more += more
    return groups


def _extensions(page: SignedPage, session: ReadSession, paths: Sequence[str]) -> list[Group]:
    total, rows = reading_cases.desk_findings(session, paths, UNDER_WAY, extension=True, most=SHOWN)
    lister = Lister(page, session, "office", rows)
    steps = [TABLE.step("rectifying", action) for action in ("grant_extension", "refuse_extension")]
    named = [page.name(step.words.zh, step.words.en) for step in steps if step is not None]
    items = [replace(lister.item(row), steps=named) for row in rows]
    return [Group(page.t("desk.extensions"), items, total - len(rows))] if rows else []


def _others(
    page: SignedPage, session: ReadSession, desk: Desk, paths: Sequence[str], through: str, mine: set[int]
) -> None:
    """What lies with others now, so that the whole is seen in one place."""
    total, rows = reading_cases.desk_findings(session, paths, open_states(), through=through, most=LISTED)
    lister = Lister(page, session, "", rows)
    desk.others = [lister.item(row) for row in rows if row[0].id not in mine][:SHOWN]
    desk.others_total = total - len(mine)


def told_rows(session: ReadSession, unit: Unit) -> list[Any]:
    """The open matters of a unit whose limit was told, those due first."""
    _, rows = reading_cases.desk_findings(session, [unit.path], open_states(), most=LISTED)
    told = [row for row in rows if row[0].told_on is not None and row[0].closed_on is None]
    return sorted(told, key=lambda row: (row[0].due_on, -row[0].severity))


def told_items(page: SignedPage, session: ReadSession, unit: Unit) -> list[Item]:
    """The same for a list, each by its own limit."""
    rows = told_rows(session, unit)
    lister = Lister(page, session, "", rows)
    return [replace(lister.item(row), left=told_left(page, row[0], lister.calendar)) for row in rows]


class Lister:
    """Makes items of rows: everything that needs the store is asked for once."""

    def __init__(self, page: SignedPage, session: ReadSession, role: str, rows: Sequence[Any]) -> None:
        self.page, self.role = page, role
        self.calendar = calendar_of(session)
        checked = [row[0].submission_id for row in rows if row[0].state == "rechecking" and row[0].submission_id]
        self.photos = reading_cases.old_photos(session, checked)

    def item(self, row: Any) -> Item:
        finding, unit, department, instance_id = row
        page = self.page
        where = page.name(unit.name, unit.name_en)
        if department is not None:
            where = f"{where} → {page.name(department.name, department.name_en)}"
        return Item(
            f"/findings/{quote(finding.code, safe='')}",
            page.name(finding.title, finding.title_en),
            finding.fact if finding.fact != finding.title else "",
            "" if self.role == "school" else where,
            finding.severity,
            TABLE.states[finding.state],
            finding.level,
            left_of_finding(page, finding, self.calendar),
            self._steps(finding, unit, department),
            self._old_photos(finding, instance_id),
            finding.responsible,
        )

    def _steps(self, finding: Finding, unit: Unit, department: Unit | None) -> list[str]:
        """The first steps that lead on, by their names. No statement is asked for a finding."""
        if not self.role:
            return []
        consulted = finding.department_id if finding.route == 4 and finding.department_id else finding.unit_id
        kept = {name: value for name, value in orjson.loads(finding.facts).items() if name in KEPT}
        case = engine.Case(
            finding.state,
            facts(
                severity=finding.severity,
                route=finding.route,
                days=finding.days,
                responsible=frozenset({consulted}),
                department_id=finding.department_id or 0,
                turn_due=finding.step_due_on,
                term_on=finding.due_on if finding.told_on else None,
                closed_on=finding.closed_on,
                **kept,
            ),
        )
        actor = actor_of(self.page.viewer, unit, department)
        steps = engine.allowed(LIFECYCLE, case, actor, today=self.page.context.today(), calendar=self.calendar)
        return named_steps(self.page, steps, TABLE, finding.state)

    def _old_photos(self, finding: Finding, instance_id: str | None) -> list[tuple[str, str]]:
        if not instance_id or finding.submission_id not in self.photos:
            return []
        base = f"/submissions/{quote(instance_id, safe='')}"
        there = self.photos[finding.submission_id]
        names = [quote(name, safe="") for name in submission_view.photos_of(finding.photos) if name in there]
        return [(f"{base}/files/{name}", f"{base}/thumbs/{name}") for name in names[:OLD_PHOTOS]]


def named_steps(page: SignedPage, steps: Sequence[StepSpec], table: Table, state: str) -> list[str]:
    """The names of the steps that lead on, the likeliest first; none that cannot be taken back."""
    order = [step for step in ranked(steps, table, state) if not step.danger]
    onwards = [step for step in order if step.target and step.target != state] or order
    return [page.name(step.words.zh, step.words.en) for step in onwards[:STEPS_NAMED]]


def _measures(page: SignedPage, session: ReadSession, role: str, paths: Sequence[str]) -> list[Item]:
    """The measures that wait for this role."""
    states = [state.name for state in measures.TABLE.states.values() if state.waits_for == role]
    if not states or role not in ("office", "leading"):
        return []
    found = []
    for measure, unit, _ in reading_cases.measures(session, paths, states=states, most=SHOWN):
        words = measures.KINDS[measure.kind]
        found.append(
            Item(
                f"/measures/{quote(measure.code, safe='')}",
                page.name(words.zh, words.en),
                "",
                page.name(unit.name, unit.name_en),
                0,
                measures.TABLE.states[measure.state],
                0,
                left_of(page, measure.step_due_on, calendar=calendar_of(session)),
            )
        )
    return sorted(found, key=lambda item: item.left.order)
