"""Every path through a table, walked exhaustively: no dead end, no idle row, nothing closes without what it requires.

People, entries and days are reduced to the kinds that rules tell apart; counts are walked as far as rules count.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Case, Lifecycle, Refusal, Request, Taken, take
from scorecards.lifecycle.facts import CLOSED_STATES, PASSING
from scorecards.lifecycle.measures import REFERRED
from scorecards.lifecycle.rectification_states import CHASED
from scorecards.lifecycle.table import FieldKind, StepSpec, Table
from tests.scorecards.lifecycle.world import (
    BUREAU,
    DEPARTMENT,
    FINDER,
    INSPECTOR,
    LEADER,
    OFFICE,
    ORIGINAL,
    PRINCIPAL,
    SCHOOL,
    START,
    TWO_HATS,
    Matter,
    after,
    finding,
    noticed,
)

NOON = dt.time(12, tzinfo=dt.UTC)
PEOPLE = (OFFICE, ORIGINAL, INSPECTOR, PRINCIPAL, BUREAU, LEADER, TWO_HATS, SYSTEM_ACTOR)
Node = tuple[str, tuple[tuple[str, Any], ...]]
SHIFTS = (0, 8, 400)  # days: within limits, past them, past a year


# What the first walk leaves aside: how often and how loudly somebody was chased. The second walk counts just that.
COUNTERS = frozenset({"level", "plan_returns", "evidence_returns", "extensions", "extension_asked"})
# Texts and sizes of which rules ask only whether they are there.
PRESENCE = frozenset({"answer_due", "decided_on", "extension_asked", "checked_by"})
# Days from which rules count 15 and 30 more, or none.
COUNTED_FROM = frozenset({"served_on", "review_on", "until"})
# What no rule of another step reads.
IDLE = frozenset({"acknowledged", "chase_by", "handling_by", "days", "term_days", "department_id", "visits"})
# Where rules look at the limit of the turn.
TIMED = frozenset({"feedback", "advised", "closed", "archived", "watching", "evidence", "rechecking", *CHASED})


def node(state: str, facts: dict[str, Any], today: dt.date, ignored: frozenset[str]) -> Node:
    """A matter as rules tell it apart: days as before or after, S1 like S2 and S3 like S4, R2 like R3."""
    kept: dict[str, Any] = {}
    for name, value in facts.items():
        if name in ignored or name in IDLE:
            continue
        if isinstance(value, dt.date):
            kept[name] = value < today if state in TIMED else None
        elif name in COUNTED_FROM:
            age = (today - dt.date.fromisoformat(value)).days if value else 0
            kept[name] = (bool(value), age > 0, age > 15, age > 30)
        elif name in PRESENCE:
            kept[name] = bool(value)
        elif name in ("evidence_returns", "reopened"):
            kept[name] = min(value, 1)
        elif name == "severity":
            kept[name] = value >= 3
        elif name == "route":
            kept[name] = min(value, 2) if value < 4 else 4
        else:
            kept[name] = value
    return state, tuple(sorted(kept.items()))


def entries(step: StepSpec, today: dt.date) -> Iterator[tuple[dict[str, str], dict[str, int]]]:
    """Everything required with every choice; then the same with everything optional, then with nothing optional."""
    choices = [[(spec.name, value) for value in spec.choices] for spec in step.fields if spec.kind is FieldKind.CHOICE]
    for full in (False, True):
        fields: dict[str, str] = {}
        files: dict[str, int] = {}
        for spec in step.fields:
            if spec.required or full:
                if spec.kind in (FieldKind.FILES, FieldKind.PHOTOS):
                    files[spec.name] = 1
                elif spec.kind is FieldKind.DATE:
                    fields[spec.name] = (
                        today + dt.timedelta(days=1 if spec.name in ("until", "held_on") else 0)
                    ).isoformat()
                elif spec.kind is not FieldKind.CHOICE:
                    fields[spec.name] = {
                        FieldKind.NUMBER: "2",
                        FieldKind.USER: "3",
                        FieldKind.UNIT: str(DEPARTMENT),
                    }.get(spec.kind, "x")
        given = [pairs for pairs in choices if full or _required(step, pairs[0][0])]
        for chosen in itertools.product(*given):
            yield {**fields, **dict(chosen)}, files


def _required(step: StepSpec, name: str) -> bool:
    return next(spec.required for spec in step.fields if spec.name == name)


class Walk:
    """All nodes reachable from the starts, with the steps between them."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        starts: list[Matter],
        ignored: frozenset[str] = frozenset(),
        without: frozenset[str] = frozenset(),
        people: tuple[Actor, ...] = PEOPLE,
    ) -> None:
        self.lifecycle = lifecycle
        self.without, self.people = without, people
        self.edges: dict[Node, set[Node]] = defaultdict(set)
        self.rows: set[tuple[str, str, str]] = set()
        self.closings: list[tuple[dict[str, Any], Actor, Request, Taken]] = []
        waiting: list[tuple[str, dict[str, Any], dt.date]] = [(start.state, start.facts, START) for start in starts]
        self.seen = {node(*place, ignored) for place in waiting}
        while waiting:
            place = waiting.pop()
            here = node(*place, ignored)
            for there in self._next(*place):
                name = node(*there, ignored)
                self.edges[here].add(name)
                if name not in self.seen:
                    self.seen.add(name)
                    waiting.append(there)

    def _next(self, state: str, facts: dict[str, Any], today: dt.date) -> Iterator[tuple[str, dict[str, Any], dt.date]]:
        for shift in SHIFTS[1:]:
            yield state, facts, today + dt.timedelta(days=shift)
        for step in self.lifecycle.table.steps_from(state):
            if step.action in self.without:
                continue
            for fields, files in entries(step, today):
                for person in self.people:
                    if not person.roles & step.roles:
                        continue
                    request = Request(step.action, person, dt.datetime.combine(today, NOON), today, fields, files)
                    answer = take(self.lifecycle, Case(state, facts), request)
                    if isinstance(answer, Refusal):
                        continue
                    self.rows.add((step.action, state, answer.after))
                    if self.lifecycle.table.states[answer.after].closing or answer.after in CLOSED_STATES:
                        self.closings.append((facts, person, request, answer))
                    there, kept = after(facts, answer, today)
                    yield there, kept, today

    def dead_ends(self, *ends: str) -> set[Node]:
        """The nodes, other than closing ones, from which none of these states is reached."""
        back: dict[Node, set[Node]] = defaultdict(set)
        for here, theres in self.edges.items():
            for there in theres:
                back[there].add(here)
        alive = {name for name in self.seen if name[0] in ends}
        waiting = list(alive)
        while waiting:
            fresh = back[waiting.pop()] - alive
            alive |= fresh
            waiting += fresh
        return {name for name in self.seen - alive if not self.lifecycle.table.states[name[0]].closing}


@pytest.fixture(scope="module")
def rectifications() -> Walk:
    pairs = [(1, 1), (2, 2), (4, 3), (2, 4)]
    return Walk(rectification.LIFECYCLE, [finding(severity, route) for severity, route in pairs], COUNTERS)


@pytest.fixture(scope="module")
def chases() -> Walk:
    """One ordinary finding from its notice to its closing, with every count of returns, extensions and levels."""
    aside = frozenset({"reroute", "withdraw", "relapse", "assign_recheck", "acknowledge"})
    people = (OFFICE, INSPECTOR, PRINCIPAL, SYSTEM_ACTOR)
    advised = finding(1, 1, "open")
    advised.do("give_advice", INSPECTOR, requirement="擦黑板")
    return Walk(rectification.LIFECYCLE, [noticed(2), advised], without=aside, people=people)


@pytest.fixture(scope="module")
def all_measures() -> Walk:
    given = {"rule": "R", "data": "D", "responsible": frozenset({SCHOOL})}
    proposals = [measures.measure_facts(kind=kind, **given) for kind in measures.KINDS]
    return Walk(measures.LIFECYCLE, [Matter(measures.LIFECYCLE, "proposed", facts) for facts in proposals])


def test_no_path_of_rectification_ends_dead(rectifications: Walk) -> None:
    """From everywhere a verified closing can still be reached, not only a withdrawal."""
    assert len(rectifications.seen) > 1000
    assert rectifications.dead_ends("closed", "watching") == set()


def test_no_count_of_returns_extensions_or_levels_ends_dead(chases: Walk) -> None:
    counted = [dict(kept) for _, kept in chases.seen]
    assert {facts["level"] for facts in counted} == {0, 1, 2, 3}
    assert {facts["plan_returns"] for facts in counted} == {0, 1, 2}
    assert {facts["extensions"] for facts in counted} == {0, 1}
    assert chases.dead_ends("closed") == set()


def test_no_path_of_measures_ends_dead(all_measures: Walk) -> None:
    assert len(all_measures.seen) > 100
    assert all_measures.dead_ends("closed") == set()


def test_every_row_of_the_tables_can_be_taken_and_reaches_all_that_it_names(
    rectifications: Walk, chases: Walk, all_measures: Walk
) -> None:
    assert rectifications.rows | chases.rows == _declared(rectification.TABLE)
    assert all_measures.rows == _declared(measures.TABLE)


def _declared(table: Table) -> set[tuple[str, str, str]]:
    return {
        (step.action, source, target)
        for step in table.steps
        for source in step.sources
        for target in step.targets(source)
    }


def test_no_path_closes_a_finding_without_a_recheck_passed_by_others(rectifications: Walk) -> None:
    kinds = set()
    for facts, person, request, taken in rectifications.closings:
        kinds.add(taken.step.action)
        if taken.step.action == "close":
            assert facts["verdict"] in PASSING
            assert facts["checked_by"] in (OFFICE.person_id, FINDER, INSPECTOR.person_id)
            assert "office" in person.roles
        elif taken.after == "withdrawn":
            assert request.fields["reason"]
            assert not facts["false_evidence"] or taken.before in ("proposed", "stated")
            assert taken.step.action != "withdraw" or request.files["decision"]
        elif taken.after == "merged":
            assert request.fields["reason"] and request.fields["into"]
    assert kinds == {"close", "look_back", "archive", "dismiss", "merge", "withdraw", "accept_statement"}


def test_no_path_to_a_notice_leaves_the_school_unheard(rectifications: Walk) -> None:
    for name, kept in rectifications.seen:
        facts = dict(kept)
        if name == "noticed":
            assert facts["heard"] or facts["reopened"]
            assert facts["route"] in (2, 3)
        if name in ("verified", "closed", "watching", "archived"):
            assert facts["verdict"] in PASSING and facts["checked_by"]
        if name == "false":
            assert facts["false_evidence"]


def test_no_path_makes_a_measure_real_without_the_body_that_may(all_measures: Walk) -> None:
    for name, kept in all_measures.seen:
        facts = dict(kept)
        if name in ("decided", "notified", "held", "closed", "appealed", "upheld", "changed"):
            assert facts["decision"] and facts["decided_on"]
            if facts["kind"] in REFERRED:
                assert facts["body"]
            if facts["kind"] in measures.PERSONAL:
                assert facts["heard"]
        if name == "closed" and facts["kind"] == "interview":
            assert facts["held"]
