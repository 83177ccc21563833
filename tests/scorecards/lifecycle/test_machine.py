"""Anybody tries anything at any time: whatever the tables let through keeps the promises of the closed loop.

Hypothesis draws people, entries, files and days at random and looks for a sequence that breaks a promise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Refusal, Taken
from scorecards.lifecycle.facts import CLOSED_STATES, PASSING
from scorecards.lifecycle.measures import KINDS, PERSONAL, REFERRED
from scorecards.lifecycle.table import FieldKind, FieldSpec
from tests.scorecards.lifecycle.world import (
    DEPARTMENT,
    FINDER,
    LEADER,
    PEOPLE,
    SCHOOL,
    Matter,
    evidence,
    finding,
    noticed,
    rectifying,
)

AHEAD = (0, 1, 5, 0, 60, -1)
ENDING = frozenset({"merge", "dismiss", "withdraw", "reject"})
REACHED: set[str] = set()


def entry(spec: FieldSpec, today: dt.date, careless: bool) -> st.SearchStrategy[str]:
    """What somebody may type into a field; careless people type anything."""
    right: st.SearchStrategy[str] = st.just("说明")
    if spec.kind is FieldKind.CHOICE:
        right = st.sampled_from(sorted(spec.choices))
    elif spec.kind is FieldKind.NUMBER:
        right = st.sampled_from(("2", "1", "7", "15", "90", "400"))
    elif spec.kind is FieldKind.DATE:
        right = st.sampled_from([(today + dt.timedelta(days=days)).isoformat() for days in AHEAD])
    elif spec.kind is FieldKind.USER:
        right = st.sampled_from([str(person.person_id) for person in PEOPLE])
    elif spec.kind is FieldKind.UNIT:
        right = st.sampled_from((str(DEPARTMENT), "0"))
    if not careless:
        return right if spec.required else st.one_of(right, st.just(""))
    return st.one_of(right, st.sampled_from(("", " ", "x", "-1", "0")))


class Anybody(RuleBasedStateMachine):
    """Random people taking random steps."""

    matter: Matter

    @rule(days=st.sampled_from((0, 1, 3, 9, 40, 400)))
    def time_passes(self, days: int) -> None:
        self.matter.wait(days)

    @rule(data=st.data())
    def somebody_tries_anything(self, data: st.DataObject) -> None:
        actions = dict.fromkeys(step.action for step in self.matter.lifecycle.table.steps)
        action = data.draw(st.sampled_from(list(actions)), label="action")
        actor = data.draw(st.sampled_from(PEOPLE), label="actor")
        self._try(data, action, actor, careless=True)

    @precondition(lambda self: self.matter.lifecycle.table.steps_from(self.matter.state))
    @rule(data=st.data(), careless=st.sampled_from((False, False, False, True)))
    def somebody_takes_a_step_of_this_state(self, data: st.DataObject, careless: bool) -> None:
        here = self.matter.lifecycle.table.steps_from(self.matter.state)
        onward = [step for step in here if step.action not in ENDING and step.target not in ("", self.matter.state)]
        step = data.draw(st.sampled_from([*here, *onward * 8]), label="step")
        able = data.draw(st.permutations([person for person in PEOPLE if person.roles & step.roles]), label="actors")
        for actor in able[:1] if careless else able:
            if self._try(data, step.action, actor, careless=careless):
                return

    def _try(self, data: st.DataObject, action: str, actor: Actor, *, careless: bool) -> bool:
        matter = self.matter
        step = matter.lifecycle.table.step(matter.state, action)
        fields, files = {}, {}
        for spec in step.fields if step is not None else ():
            if spec.kind in (FieldKind.FILES, FieldKind.PHOTOS):
                files[spec.name] = data.draw(st.sampled_from((0, 1) if careless else (1, 2)), label=spec.name)
            else:
                fields[spec.name] = data.draw(entry(spec, matter.today, careless), label=spec.name)
        known, before = dict(matter.facts), matter.state
        answer = matter.ask(action, actor, fields, files)
        if isinstance(answer, Refusal):
            assert answer.rule and answer.zh and answer.en
            assert (matter.state, matter.facts) == (before, known)
            return False
        assert actor.roles & answer.step.roles
        assert before in answer.step.sources
        REACHED.add(answer.after)
        self.taken(answer, actor, known, fields, files)
        return True

    def taken(
        self, answer: Taken, actor: Actor, known: dict[str, object], fields: dict[str, str], files: dict[str, int]
    ) -> None:
        raise NotImplementedError

    @invariant()
    def facts_stay_facts(self) -> None:
        if hasattr(self, "matter"):
            kept = {name: value for name, value in self.matter.facts.items() if name in self.kept}
            assert all(type(value) in (int, str, bool) for value in kept.values()), kept
            assert set(self.kept) <= set(self.matter.facts)

    kept: Mapping[str, object]


class AnybodyRectifies(Anybody):
    """A finding of any severity and route."""

    kept = rectification.KEPT

    @initialize(
        severity=st.integers(1, 4),
        route=st.integers(1, 4),
        days=st.sampled_from((0, 5, 90)),
        later=st.sampled_from((None, None, noticed, rectifying, evidence)),
    )
    def begin(self, severity: int, route: int, days: int, later: Callable[[int], Matter] | None) -> None:
        self.matter = later(severity) if later else finding(severity, route, days=days)
        self.passed_by: Actor | None = None
        self.asked = 0

    def taken(
        self, answer: Taken, actor: Actor, known: dict[str, object], fields: dict[str, str], files: dict[str, int]
    ) -> None:
        action, matter = answer.step.action, self.matter
        if action == "recheck":
            self.passed_by = actor if fields["verdict"] in PASSING else None
            assert not actor.unit_ids & known["involved"]  # type: ignore[operator]
            if actor.person_id == FINDER:
                assert fields["second"].strip() or fields["same_reason"].strip()
            if known["severity"] in (3, 4):
                assert fields["method"] == "site"
            if fields["verdict"] == "false":
                assert (answer.after, matter.facts["level"], answer.document) == ("false", 3, "supervise")
        if action in ("submit_evidence", "return_recheck", "relapse"):
            self.passed_by = None
        if action == "close":
            assert self.passed_by is not None and not actor.is_system
        if action in ("issue_notice", "relapse"):
            self.asked = 0
        if action == "issue_notice":
            assert known["heard"] or known["reopened"]
            assert answer.term is not None and answer.due is not None
        if action == "ask_extension":
            self.asked += 1
            assert self.asked == 1
            assert 2 * int(fields["days"]) <= known["term_days"]  # type: ignore[operator]
        if action == "skip":
            assert fields["reason"].strip()
        if answer.after in ("withdrawn", "merged"):
            assert fields["reason"].strip() and not actor.is_system
        may_move = {
            "issue_notice", "give_advice", "transfer", "return_consultation", "accept_answer", "grant_extension",
            "return_evidence", "recheck", "renew_limit",
        }  # fmt: skip
        assert action in may_move or matter.facts["term_on"] == known["term_on"]
        if "school" in actor.roles and actor.roles & answer.step.roles == {"school"}:
            assert actor.unit_ids & known["responsible"]  # type: ignore[operator]

    @invariant()
    def what_is_closed_was_verified(self) -> None:
        if hasattr(self, "matter"):
            matter = self.matter
            if matter.state in ("closed", "watching", "archived"):
                assert self.passed_by is not None
                assert not self.passed_by.unit_ids & {SCHOOL, DEPARTMENT}
            assert (matter.facts["closed_on"] is not None) is (matter.state in CLOSED_STATES)
            assert 1 <= matter.facts["severity"] <= 4 and 0 <= matter.facts["level"] <= 3
            assert matter.facts["plan_returns"] <= 2


class AnybodyMeasures(Anybody):
    """A measure of any kind."""

    kept = measures.KEPT

    @initialize(kind=st.sampled_from(sorted(KINDS)), founded=st.sampled_from((True, True, True, False)))
    def begin(self, kind: str, founded: bool) -> None:
        rule_id = "R.red_twice" if founded else ""
        known = measures.measure_facts(kind=kind, rule=rule_id, data="red red", responsible=frozenset({SCHOOL}))
        self.matter = Matter(measures.LIFECYCLE, "proposed", known)
        self.decided = False

    def taken(
        self, answer: Taken, actor: Actor, known: dict[str, object], fields: dict[str, str], files: dict[str, int]
    ) -> None:
        action = answer.step.action
        if action in ("decide", "refer", "record_decision", "uphold", "change", "withdraw", "reject"):
            assert actor is LEADER
        if action in ("decide", "record_decision"):
            assert files["decision"] and fields["number"].strip() and known["rule"]
            assert (action == "record_decision") is (known["kind"] in REFERRED)
            assert known["kind"] not in PERSONAL or known["heard"]
            self.decided = True
        if actor is SYSTEM_ACTOR:
            assert action == "expire" and known["kind"] == "exempt"

    @invariant()
    def what_is_real_was_decided(self) -> None:
        if hasattr(self, "matter"):
            state, known = self.matter.state, self.matter.facts
            assert self.decided is (state not in ("proposed", "referred", "rejected"))
            if state == "closed" and known["kind"] == "interview":
                assert known["held"]
            if self.decided and known["kind"] == "exempt":
                assert known["visits"] >= 2 and known["until"]


EFFORT = settings(max_examples=120, stateful_step_count=50, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("anybody", [AnybodyRectifies, AnybodyMeasures])
def test_whatever_anybody_tries_the_promises_hold(anybody: type[Anybody]) -> None:
    REACHED.clear()
    run_state_machine_as_test(anybody, settings=EFFORT)
    assert len(REACHED) >= 6, REACHED  # a search that reaches nothing proves nothing
