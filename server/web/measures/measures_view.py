"""A measure's page: the rule and the data behind it, its steps, and persons' names for the few who may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

import orjson

from forms.meaning import Light
from scorecards.lifecycle import rectification
from scorecards.lifecycle.measures import KINDS, TABLE, is_personal
from scorecards.lifecycle.table import StateSpec, StepSpec, Words
from server.problems import Problem
from server.security.permissions import PERMISSIONS, may
from server.security.viewer import Viewer
from server.services.measures import measures
from server.services.reference import in_force
from server.services.work_calendar import calendar_of
from server.store.cases import MeasurePerson, MeasureRow
from server.store.db import ReadSession, WriteSession
from server.store.reading import cases as reading_cases
from server.store.units import Unit
from server.web.locale import has_text
from server.web.reach import project_around
from server.web.rectification import form as rectify_form
from server.web.rectification import story as rectify_story
from server.web.rectification.limit import Left, left_of
from server.web.render import SignedPage

LIGHTS: Final = {light.word: int(light) for light in Light}
FINDING_STATES: Final = rectification.TABLE.states
# What is asked only where an exemption is decided.
EXEMPTION_FIELDS: Final = frozenset({"visits", "until"})
CONCERNED: Final = frozenset({"school", "department"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A measure that the viewer may see, with the steps the viewer may take now."""

    measure: MeasureRow
    unit: Unit
    finding_code: str
    steps: Sequence[StepSpec]

    @property
    def url(self) -> str:
        return f"/measures/{quote(self.measure.code, safe='')}"


@dataclass
class MeasurePage:
    """Everything that a measure's page shows. ``persons`` is None where the names were not asked for."""

    measure: MeasureRow
    unit: Unit
    finding_code: str
    url: str
    kind: Words
    state: StateSpec
    turn: str
    mine: bool
    left: Left | None
    rule: str  # how the limit was counted
    clause: str
    clause_words: str
    data: Sequence[tuple[str, str, str]]
    forms: list[rectify_form.StepForm]
    told: Sequence[rectify_story.Told]
    documents: Sequence[rectify_story.ShownDocument]
    facts: Sequence[tuple[str, str]]
    named: int
    may_name: bool
    persons: Sequence[MeasurePerson] | None
    looks: Sequence[Any]
    diagram: str
    taken: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What a measure says on its unit's light: ``mark`` is review or corrected; ``url`` "" for who may not see it."""

    mark: str
    kind: Words
    state: Words
    url: str


def marks(page: SignedPage, session: ReadSession, unit: Unit, quarter: int) -> list[Mark]:
    """The marks on a unit's light in a quarter."""
    return [
        Mark(
            measure.mark,
            KINDS[measure.kind],
            TABLE.states[measure.state].words,
            f"/measures/{quote(measure.code, safe='')}" if measures.visible(page.viewer, unit, measure.state) else "",
        )
        for measure in reading_cases.marks_on(session, unit.id or 0, quarter)
    ]


def reach_of(viewer: Viewer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where the viewer sees all measures, and where only what was decided about the own unit."""
    return viewer.paths(PERMISSIONS["measure.see"] - CONCERNED), viewer.paths(CONCERNED)


def row_of(page: SignedPage, session: ReadSession | WriteSession, code: str) -> Any:
    """(measure, unit, finding's code). Raises Problem: auth.forbidden, not_found."""
    above, own = reach_of(page.viewer)
    if not above and not own:
        raise Problem("auth.forbidden")
    row = reading_cases.measure(session, above, code, own=own)
    if row is None:
        raise Problem("not_found")
    return row


def seen(page: SignedPage, session: ReadSession, code: str) -> Seen:
    """The measure of this code with the viewer's steps. Raises Problem: auth.forbidden, not_found."""
    measure, unit, finding_code = row_of(page, session, code)
    steps = [_fitting(step, measure.kind) for step in measures.offered(session, page.context, measure, page.viewer)]
    return Seen(measure, unit, finding_code or "", rectify_form.ranked(steps, TABLE, measure.state))


def _fitting(step: StepSpec, kind: str) -> StepSpec:
    """A step without the fields that only an exemption has, where it is none."""
    if kind == "exempt":
        return step
    return replace(step, fields=tuple(spec for spec in step.fields if spec.name not in EXEMPTION_FIELDS))


def build(
    page: SignedPage,
    session: ReadSession,
    found: Seen,
    *,
    back: rectify_form.StepForm | None = None,
    taken: str = "",
    persons: Sequence[MeasurePerson] | None = None,
) -> MeasurePage:
    """The page of a measure."""
    measure, unit = found.measure, found.unit
    assert measure.id is not None
    state = TABLE.states[measure.state]
    may_name = may(page.viewer, "measure.names", unit.path)
    story = rectify_story.of(page, session, TABLE, found.url, measure_id=measure.id)
    step = next((entry for entry in TABLE.steps if entry.action == taken), None)
    return MeasurePage(
        measure,
        unit,
        "" if '"finding"' in measure.data else found.finding_code,
        found.url,
        KINDS[measure.kind],
        state,
        state.waits_for,
        state.waits_for in page.viewer.roles and any(state.waits_for in entry.roles for entry in found.steps),
        left_of(page, measure.step_due_on, calendar=calendar_of(session)) if measure.step_due_on else None,
        "",
        measure.rule,
        _rule_words(page, session, unit, measure.rule),
        _data(page, orjson.loads(measure.data)),
        [back] if back else blank_forms(found),
        _told(story.told, may_see_files(measure.kind, may_name)),
        rectify_story.documents(page, session, reading_cases.documents_of_measure(session, measure.id)),
        _facts(page, session, measure),
        reading_cases.persons_of_measure(session, measure.id),
        may_name,
        persons,
        reading_cases.looks_at(session, measure.id) if may_name else (),
        f"/lifecycles/{TABLE.name}.svg?now={state.name}",
        page.name(step.words.zh, step.words.en) if step else "",
    )


def blank_forms(found: Seen) -> list[rectify_form.StepForm]:
    """The forms of the viewer's steps before anything is entered."""
    return [
        rectify_form.blank(step, f"{found.url}/steps/{step.action}", start={}, options={}, seen=found.measure.steps)
        for step in found.steps
    ]


def may_see_files(kind: str, may_name: bool) -> bool:
    """Papers about a person carry the name: they are for those who may see names."""
    return may_name or not is_personal(kind)


def _told(told: Sequence[rectify_story.Told], files: bool) -> Sequence[rectify_story.Told]:
    return told if files else [rectify_story.without_files(step) for step in told]


def _rule_words(page: SignedPage, session: ReadSession, unit: Unit, rule: str) -> str:
    """The rule's sentence in the rulebook in force, "" for a clause that it does not hold."""
    try:
        rules = in_force(session, project_around(session, unit).id).rulebook.rules
    except Problem:
        return ""
    return page.label(rules[rule].labels) if rule in rules else ""


def _data(page: SignedPage, data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, value, address) of what a proposal rests on."""
    shown = []
    for name, value in data.items():
        words = page.t(f"measure.data.{name}") if has_text(f"measure.data.{name}") else name
        link = f"/findings/{quote(str(value), safe='')}" if name == "finding" else ""
        shown.append((words, _value(page, name, value), link))
    return shown


def _value(page: SignedPage, name: str, value: Any) -> str:
    """One datum in words: codes of states, severities and lights as the other pages name them."""
    if isinstance(value, dict):
        pairs = (f"{key} {_value(page, name, entry)}" for key, entry in value.items())
        return page.t("joined").join(pairs)
    if isinstance(value, list):
        return page.t("joined").join(str(entry) for entry in value)
    if name == "state" and value in FINDING_STATES:
        return page.name(FINDING_STATES[value].words.zh, FINDING_STATES[value].words.en)
    key = {"severity": f"severity.{value}", "level": f"matter.level.{value}"}.get(name, "")
    if name == "lights" and value in LIGHTS:
        key = f"light.unit.{LIGHTS[value]}"
    return page.t(key) if key and has_text(key) else str(value)


def _facts(page: SignedPage, session: ReadSession, measure: MeasureRow) -> list[tuple[str, str]]:
    names = reading_cases.names_of(session, (measure.proposed_by_id, measure.decided_by_id))
    kept = orjson.loads(measure.facts)
    proposer = names.get(measure.proposed_by_id or 0, "") or page.t("measure.by_rule")
    said = [
        (page.t("measure.proposed"), f"{measure.proposed_on} {proposer}"),
        (page.t("measure.decided"), str(measure.decided_on or "")),
        (page.t("measure.decision"), measure.decision_number),
        (page.t("measure.body"), str(kept.get("body", ""))),
        (page.t("measure.registered"), names.get(measure.decided_by_id or 0, "")),
        (page.t("measure.served"), str(kept.get("served_on", ""))),
        (page.t("measure.held"), str(measure.held_on or "")),
        (page.t("measure.until"), str(kept.get("until", ""))),
        (page.t("measure.appealed"), str(measure.appealed_on or "")),
        (page.t("measure.closed"), str(measure.closed_on or "")),
    ]
    return [(words, value) for words, value in said if value]
