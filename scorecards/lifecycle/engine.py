"""The one engine of all lifecycles: is this step allowed now, for this actor, with these fields; what changes?

Pure: the day and the actor are arguments. A refusal names the rule that refuses, in both languages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, add_calendar_days, add_working_days
from scorecards.lifecycle.settings import DEFAULTS
from scorecards.lifecycle.table import SYSTEM, Duration, FieldKind, FieldSpec, Limit, StepSpec, Table


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes the step: 0 for the system. ``roles`` are those held at the matter's unit; ``unit_ids`` are the units
    at which this person holds school or department roles."""

    person_id: int
    roles: frozenset[str]
    unit_ids: frozenset[int] = frozenset()

    @property
    def is_system(self) -> bool:
        """The clock or the follow-up of a submission, not a person."""
        return self.roles == frozenset({SYSTEM})


MOST_DIGITS = 9  # of a number that somebody types
SYSTEM_ACTOR = Actor(0, frozenset({SYSTEM}))


@dataclass(frozen=True, slots=True)
class Case:
    """A matter as the engine sees it. ``facts`` are what the table's guards read (severity, counts, people)."""

    state: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A step asked for: ``fields`` are the texts entered by name, ``files`` the number of files by field name."""

    action: str
    actor: Actor
    at: dt.datetime  # aware
    today: dt.date  # in the district's time zone
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step is not taken: ``rule`` is stable, the sentences say what to do instead."""

    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What rules count with: the calendar, and the rulebook's numbers by setting (``D.plan.returns``)."""

    calendar: WorkCalendar = DEFAULT_CALENDAR
    settings: Mapping[str, int] = field(default_factory=dict)

    def number(self, setting: str) -> int:
        """A setting, or what the shipped rulebook says. Raises KeyError for a name that neither knows."""
        found = self.settings.get(setting)
        return DEFAULTS[setting] if found is None else found


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that may be taken, and what follows.

    ``due`` / ``due_at``: by when whoever's turn it is next must act; None leaves it where the state stays, and means
    that the turn has no limit of its own where the state is new.
    ``term`` / ``term_at``: the matter's own limit, where the step sets it; None leaves it as it was.
    ``document``: the kind of document to produce, "" for none. ``changes``: facts to keep, of plain JSON types.
    """

    step: StepSpec
    before: str
    after: str
    due: dt.date | None = None
    due_at: dt.datetime | None = None
    term: dt.date | None = None
    term_at: dt.datetime | None = None
    document: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


Guard = Callable[[Case, Request, Terms], Refusal | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step changes beyond its row of the table: ``changes`` of facts, and in place of the row's own: the
    state, the two limits (a duration from now, or a date), the document."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    state: str = ""
    due: Duration | dt.date | None = None
    term: Duration | dt.date | None = None
    document: str = ""


Effect = Callable[[Case, Request, Terms], Outcome]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A table with the rules that its guard names mean and the effects that its actions have.

    ``standing`` are the guards that depend on nothing that is typed: a page offers no step that one of them refuses.
    """

    table: Table
    guards: Mapping[str, Guard]
    effects: Mapping[str, Effect] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()


def take(
    lifecycle: Lifecycle,
    case: Case,
    request: Request,
    *,
    calendar: WorkCalendar = DEFAULT_CALENDAR,
    settings: Mapping[str, int] | None = None,
) -> Taken | Refusal:
    """The step that the request asks for, or the rule that refuses it. Changes nothing.

    ``settings`` overrides durations and bounds by their setting's name (``settings.settings_of(rulebook)``).
    """
    step = lifecycle.table.step(case.state, request.action)
    if step is None:
        return _no_such_step(lifecycle.table, case, request)
    terms = Terms(calendar, settings or {})
    refusal = _role(step, request) or _fields(step, request)
    for name in step.guards:
        refusal = refusal or lifecycle.guards[name](case, request, terms)
    if refusal is not None:
        return refusal
    effect = lifecycle.effects.get(step.action)
    outcome = effect(case, request, terms) if effect else Outcome()
    severity = int(outcome.changes.get("severity") or case.facts.get("severity") or 0)
    due, due_at = _limit(outcome.due or step.due.get(severity, step.due.get(0)), request, terms)
    term, term_at = _limit(outcome.term or step.term.get(severity, step.term.get(0)), request, terms)
    after = outcome.state or step.target or case.state
    assert after in step.targets(case.state), f"{step.action} leads to {after}, which its row does not say"
    document = outcome.document or step.document
    return Taken(step, case.state, after, due, due_at, term, term_at, document, dict(outcome.changes))


def _limit(
    limit: Duration | dt.date | None, request: Request, terms: Terms
) -> tuple[dt.date | None, dt.datetime | None]:
    return due_after(limit, request, terms) if isinstance(limit, Duration) else (limit, None)


def due_after(duration: Duration, request: Request, terms: Terms) -> tuple[dt.date, dt.datetime | None]:
    """The day on which a duration that begins now ends, and for hours the moment."""
    amount = terms.settings.get(duration.setting, duration.amount)
    if duration.limit is Limit.HOURS:
        moment = request.at + dt.timedelta(hours=amount)
        return request.today + dt.timedelta(days=-(-amount // 24)), moment
    if duration.limit is Limit.DAYS:
        return add_calendar_days(request.today, amount).due, None
    return add_working_days(request.today, amount, terms.calendar).due, None


def allowed(
    lifecycle: Lifecycle,
    case: Case,
    actor: Actor,
    *,
    today: dt.date | None = None,
    calendar: WorkCalendar = DEFAULT_CALENDAR,
    settings: Mapping[str, int] | None = None,
) -> tuple[StepSpec, ...]:
    """The steps to offer an actor: those whose role fits and, with ``today``, that no standing rule refuses.

    What is typed is judged only when the step is taken.
    """
    fitting = tuple(step for step in lifecycle.table.steps_from(case.state) if actor.roles & step.roles)
    if today is None:
        return fitting
    terms, noon = Terms(calendar, settings or {}), dt.datetime.combine(today, dt.time(12), dt.UTC)
    return tuple(
        step
        for step in fitting
        if not any(
            lifecycle.guards[name](case, Request(step.action, actor, noon, today), terms)
            for name in step.guards
            if name in lifecycle.standing
        )
    )


def _no_such_step(table: Table, case: Case, request: Request) -> Refusal:
    state = table.states[case.state].words
    return Refusal(
        "step.order",
        f"目前处于“{state.zh}”，不能进行这一步。请先完成前面的环节。",
        f'The matter is at "{state.en}": this step cannot be taken now. Take the earlier steps first.',
    )


def _role(step: StepSpec, request: Request) -> Refusal | None:
    if request.actor.roles & step.roles:
        return None
    return Refusal(
        "step.role", f"您的身份不能办理“{step.words.zh}”。", f'Your role may not take the step "{step.words.en}".'
    )


def _fields(step: StepSpec, request: Request) -> Refusal | None:
    for spec in step.fields:
        refusal = _field(spec, request)
        if refusal is not None:
            return refusal
    return None


def _field(spec: FieldSpec, request: Request) -> Refusal | None:
    if spec.kind in (FieldKind.FILES, FieldKind.PHOTOS):
        given: Sequence[object] | str = range(request.files.get(spec.name, 0))
    else:
        given = request.fields.get(spec.name, "").strip()
    if not given:
        return _missing(spec) if spec.required else None
    if isinstance(given, str) and not _fits(spec, given):
        return Refusal(
            f"field.{spec.name}", f"“{spec.words.zh}”填写不正确。", f'"{spec.words.en}" is not filled in correctly.'
        )
    return None


def _missing(spec: FieldSpec) -> Refusal:
    return Refusal(f"field.{spec.name}", f"缺少“{spec.words.zh}”。", f'"{spec.words.en}" is missing.')


def _fits(spec: FieldSpec, given: str) -> bool:
    if spec.kind is FieldKind.CHOICE:
        return given in spec.choices
    if spec.kind in (FieldKind.NUMBER, FieldKind.USER, FieldKind.UNIT):
        return given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS
    if spec.kind is FieldKind.DATE:
        try:
            dt.date.fromisoformat(given)
        except ValueError:
            return False
    return True
