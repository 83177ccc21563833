"""A lifecycle table is whole: every row can be drawn, asked for in both languages, and run."""

from __future__ import annotations

import datetime as dt

import pytest

from forms.shipped import shipped_rulebook
from scorecards.documents.kinds import KINDS as DOCUMENTS
from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.clock import ClockRules
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Case, Lifecycle, Refusal, Request, allowed, take
from scorecards.lifecycle.settings import DEFAULTS, settings_of
from scorecards.lifecycle.table import SYSTEM, FieldKind
from tests.scorecards.lifecycle.world import OFFICE, PEOPLE, PRINCIPAL, START, STRANGER, TWO_HATS, finding, noticed

LIFECYCLES = {"rectification": rectification.LIFECYCLE, "measures": measures.LIFECYCLE}
ROLES = {"office", "inspector", "school", "department", "leading", "administrator", SYSTEM}
every = pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=LIFECYCLES)


@every
def test_a_step_is_unique_for_its_state_and_every_state_named_exists(lifecycle: Lifecycle) -> None:
    table = lifecycle.table
    pairs = [(step.action, source) for step in table.steps for source in step.sources]
    assert len(pairs) == len(set(pairs))
    named = {name for step in table.steps for name in (*step.sources, *step.also, step.target) if name}
    assert named | {table.initial} <= set(table.states)
    assert all(name == state.name for name, state in table.states.items())


@every
def test_every_state_is_reached_and_only_closed_ones_have_no_way_on(lifecycle: Lifecycle) -> None:
    table = lifecycle.table
    reached, waiting = {table.initial}, [table.initial]
    while waiting:
        here = waiting.pop()
        for step in table.steps_from(here):
            fresh = set(step.targets(here)) - reached
            reached |= fresh
            waiting += fresh
    assert reached == set(table.states)
    for name, state in table.states.items():
        leads_on = any(target != name for step in table.steps_from(name) for target in step.targets(name))
        assert leads_on or state.closing, name
        assert bool(state.waits_for) is not state.closing, name


@every
def test_every_rule_named_exists_and_none_is_idle(lifecycle: Lifecycle) -> None:
    named = {name for step in lifecycle.table.steps for name in step.guards}
    assert named == set(lifecycle.guards)
    assert lifecycle.standing <= named
    assert set(lifecycle.effects) <= {step.action for step in lifecycle.table.steps}


@every
def test_everything_has_words_in_both_languages_a_basis_and_known_roles(lifecycle: Lifecycle) -> None:
    table = lifecycle.table
    words = [table.words, *(state.words for state in table.states.values()), *(step.words for step in table.steps)]
    for step in table.steps:
        assert step.roles and step.roles <= ROLES, step.action
        assert step.basis, step.action
        for field in step.fields:
            words += [field.words, *field.choices.values()]
            assert bool(field.choices) is (field.kind is FieldKind.CHOICE), (step.action, field.name)
            assert bool(field.hint.zh) is bool(field.hint.en)
        assert len({field.name for field in step.fields}) == len(step.fields)
    assert all(word.zh and word.en and word.zh != word.en for word in words)
    assert all(not word.en.isascii() or word.en[0].isupper() for word in words)


@every
def test_every_document_that_a_step_produces_has_a_template(lifecycle: Lifecycle) -> None:
    assert {step.document for step in lifecycle.table.steps} - {""} <= set(DOCUMENTS)


@every
def test_every_limit_names_a_number_of_the_rulebook_and_agrees_with_it(lifecycle: Lifecycle) -> None:
    shipped = settings_of(shipped_rulebook())
    for step in lifecycle.table.steps:
        for duration in (*step.due.values(), *step.term.values()):
            assert shipped[duration.setting] == duration.amount, (step.action, duration.setting)


def test_the_defaults_are_the_shipped_rulebooks_numbers() -> None:
    shipped = settings_of(shipped_rulebook())
    assert {name: shipped.get(name) for name in DEFAULTS} == dict(DEFAULTS)
    assert ClockRules.from_rulebook(shipped_rulebook()).reminders == ClockRules().reminders


@every
def test_the_clock_takes_no_step_that_needs_judgement(lifecycle: Lifecycle) -> None:
    taken = {step.action for step in lifecycle.table.steps if SYSTEM in step.roles}
    assert taken <= {"lapse", "remind", "urge", "supervise", "archive", "relapse", "expire"}
    for step in lifecycle.table.steps:
        if step.roles == frozenset({SYSTEM}):
            assert not step.fields, step.action


@every
def test_a_refused_step_names_its_rule_in_both_languages(lifecycle: Lifecycle) -> None:
    """Every action in every state by every person, with nothing entered: taken, or refused with words."""
    blank = (
        finding().facts
        if lifecycle is rectification.LIFECYCLE
        else measures.measure_facts(kind="interview", responsible=frozenset({10}))
    )
    refused = 0
    for state in lifecycle.table.states:
        for step in lifecycle.table.steps:
            for person in PEOPLE:
                answer = take(lifecycle, Case(state, blank), _request(step.action, person))
                if isinstance(answer, Refusal):
                    refused += 1
                    assert answer.rule and answer.zh and answer.en
                    assert answer.zh.isascii() is False and answer.en.isascii()
    assert refused > 100


def _request(action: str, person: Actor, **fields: str) -> Request:
    return Request(action, person, dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), START, fields)


def test_only_fitting_steps_are_offered() -> None:
    def offered(matter, person) -> set[str]:
        case = Case(matter.state, matter.facts)
        return {step.action for step in allowed(matter.lifecycle, case, person, today=matter.today)}

    matter = finding(1, 1, "open")
    assert offered(matter, OFFICE) == {"merge", "reroute", "withdraw", "give_feedback", "give_advice"}
    assert offered(finding(2, 4, "open"), OFFICE) == {"merge", "reroute", "withdraw", "transfer"}
    told = noticed()
    assert offered(told, PRINCIPAL) == {"acknowledge", "submit_plan", "report_progress", "ask_extension"}
    assert offered(told, STRANGER) == set()
    told.do("acknowledge", PRINCIPAL)
    assert "acknowledge" not in offered(told, PRINCIPAL)
    assert "recheck" not in offered(finding(state="evidence"), TWO_HATS)
    assert offered(told, SYSTEM_ACTOR) == {"remind"}


def test_a_rulebook_moves_limits_and_bounds() -> None:
    matter = finding()
    answer = take(
        matter.lifecycle,
        Case("proposed", matter.facts),
        _request("confirm", OFFICE),
        settings={"D.preliminary.days": 1},
    )
    assert not isinstance(answer, Refusal)
    assert answer.due is not None and answer.due.isoformat() == "2026-03-03"
    returned = Case("planned", {**matter.facts, "plan_returns": 2})
    request = _request("return_plan", OFFICE, reason="x")
    assert isinstance(take(matter.lifecycle, returned, request), Refusal)
    assert not isinstance(take(matter.lifecycle, returned, request, settings={"D.plan.returns": 3}), Refusal)


@pytest.mark.parametrize(
    ("typed", "rule"),
    [("", "field.days"), ("-1", "field.days"), ("1.5", "field.days"), ("١", "field.days"), ("9" * 10, "field.days")],
)
def test_what_is_no_number_is_refused_by_its_field(typed: str, rule: str) -> None:
    matter = noticed()
    assert matter.refused("ask_extension", PRINCIPAL, days=typed, reason="x") == rule


@pytest.mark.parametrize("typed", ["2026-02-30", "tomorrow", "20260101T00", "99999-01-01"])
def test_what_is_no_day_is_refused_by_its_field(typed: str) -> None:
    matter = noticed()
    assert matter.refused("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on=typed) == "field.done_on"


def test_facts_refuse_a_name_that_no_step_writes() -> None:
    with pytest.raises(KeyError, match="verdikt"):
        rectification.facts(verdikt="done")
    with pytest.raises(KeyError, match="tea"):
        measures.measure_facts(kind="tea")
    with pytest.raises(KeyError, match="hold"):
        measures.measure_facts(kind="interview", hold=True)
