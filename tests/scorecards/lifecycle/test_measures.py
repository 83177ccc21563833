"""Measures: the software proposes, an authorised body decides, the person concerned is heard, errors are corrected."""

from __future__ import annotations

import datetime as dt

import pytest

from scorecards.lifecycle import measures
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Case, Refusal, Request, Taken, take
from scorecards.lifecycle.measures import KINDS, LIFECYCLE, PERSONAL, REFERRED, measure_facts
from tests.scorecards.lifecycle.world import INSPECTOR, LEADER, OFFICE, PEOPLE, PRINCIPAL, SCHOOL, STRANGER, Matter

DECISION = {"number": "督〔2026〕3号"}


def proposal(kind: str, **known: object) -> Matter:
    given = {"rule": "R.red_twice", "data": "20261 red; 20262 red", "responsible": frozenset({SCHOOL}), **known}
    return Matter(LIFECYCLE, "proposed", measure_facts(kind=kind, **given))  # type: ignore[arg-type]


def decided(kind: str, **known: object) -> Matter:
    matter = proposal(kind, **known)
    if kind in REFERRED:
        matter.do("hear", OFFICE, result="waived", text="无意见")
        matter.do("refer", LEADER, body="区纪委", text="建议", reason="严重")
        matter.do("record_decision", LEADER, "decision", body="区纪委", decided_on=matter.iso, **DECISION)
    elif kind == "exempt":
        matter.do("decide", LEADER, "decision", visits="2", until="2027-02-28", **DECISION)
    else:
        matter.do("decide", LEADER, "decision", **DECISION, reason="直接采取")
    return matter


@pytest.mark.parametrize("kind", KINDS)
def test_invariant_4_only_a_leader_with_a_decision_document_makes_a_measure_real(kind: str) -> None:
    fields = {**DECISION, "visits": "2", "until": "2027-02-28", "reason": "x"}
    for person in PEOPLE:
        matter = proposal(kind)
        if person is LEADER and kind not in REFERRED:
            assert matter.refused("decide", person, **fields) == "field.decision"
            assert matter.do("decide", person, "decision", **fields).after == "decided"
        else:
            assert matter.refused("decide", person, "decision", **fields) in ("step.role", "Q3")


@pytest.mark.parametrize("kind", sorted(REFERRED))
def test_invariant_4_what_touches_persons_money_or_posts_needs_the_authorised_bodys_own_decision(kind: str) -> None:
    matter = proposal(kind)
    assert matter.refused("refer", SYSTEM_ACTOR, body="x", text="x", reason="x") == "step.role"
    matter.do("refer", LEADER, body="区纪委", text="建议", reason="严重")
    record = {"body": "区纪委", "decided_on": matter.iso, **DECISION}
    if kind in PERSONAL:
        assert matter.refused("record_decision", LEADER, "decision", **record) == "M-05"
    matter.do("hear", OFFICE, result="stated", text="本人说明")
    assert matter.refused("record_decision", LEADER, **record) == "field.decision"
    assert matter.refused("record_decision", OFFICE, "decision", **record) == "step.role"
    assert matter.refused("record_decision", LEADER, "decision", **{**record, "decided_on": "2099-01-01"})
    assert matter.do("record_decision", LEADER, "decision", **record).after == "decided"


def test_a_leader_decides_nothing_about_their_own_school() -> None:
    principal = Actor(12, frozenset({"leading", "school"}), frozenset({SCHOOL}))
    assert proposal("commend").refused("decide", principal, "decision", **DECISION) == "step.impartial"


def test_a_proposal_without_its_rule_and_data_is_not_decided() -> None:
    assert proposal("interview", rule="").refused("decide", LEADER, "decision", **DECISION) == "M-40"
    assert proposal("interview", data="").refused("decide", LEADER, "decision", **DECISION) == "M-40"


def test_a_rung_of_the_ladder_is_skipped_with_a_reason_only() -> None:
    assert proposal("circular").refused("decide", LEADER, "decision", **DECISION) == "M-25"
    proposal("circular").do("decide", LEADER, "decision", **DECISION, reason="影响恶劣")
    taken = proposal("circular", earlier=frozenset({"interview"})).do("decide", LEADER, "decision", **DECISION)
    assert taken.document == "circular"
    assert proposal("resource", earlier=frozenset({"interview"})).refused("refer", LEADER, body="x", text="x") == "M-25"
    assert proposal("interview").refused("refer", LEADER, body="x", text="x") == "Q3"
    proposal("resource", earlier=frozenset({"circular"})).do("refer", LEADER, body="x", text="x")


def test_a_talk_closes_only_with_its_written_record_and_filing() -> None:
    matter = decided("interview")
    assert matter.told[-1].due is not None
    assert matter.refused("close", OFFICE) == "M-38"
    assert matter.refused("notify", OFFICE, held_on="2020-01-01", place="x", subject="x") == "D.interview"
    matter.do("notify", OFFICE, held_on=matter.iso, place="督导室", subject="连续两季红牌")
    assert matter.refused("close", OFFICE) == "step.order"
    assert matter.refused("hold", OFFICE, commitment="x", filed_with="区委") == "field.record"
    assert matter.refused("hold", OFFICE, "record", commitment="x") == "field.filed_with"
    assert matter.refused("hold", OFFICE, "record", filed_with="区委") == "field.commitment"
    matter.do("hold", OFFICE, "record", commitment="一月内", filed_with="区委")
    assert matter.do("close", OFFICE).after == "closed"
    matter.do("appeal", PRINCIPAL, text="不服")
    matter.do("uphold", LEADER, "decision", body="督导委", reason="事实清楚")
    assert matter.refused("notify", OFFICE, held_on=matter.iso, place="x", subject="x") == "step.once"


def test_another_measure_closes_once_it_is_served() -> None:
    matter = decided("circular")
    assert matter.refused("close", OFFICE) == "Q4"
    assert matter.refused("notify", OFFICE, held_on=matter.iso, place="x", subject="x") == "Q1"
    assert matter.refused("serve", OFFICE, served_on="2099-01-01") == "field.served_on"
    matter.do("serve", OFFICE, served_on=matter.iso)
    assert matter.refused("acknowledge", STRANGER) == "step.unit"
    matter.do("acknowledge", PRINCIPAL)
    assert matter.refused("acknowledge", PRINCIPAL) == "step.once"
    assert matter.do("close", OFFICE).after == "closed"


def test_an_exempt_school_is_still_visited_twice_a_term_and_not_exempt_for_ever() -> None:
    matter = proposal("exempt", rule="R.green_four")
    until = {"until": "2026-08-31"}
    assert matter.refused("decide", LEADER, "decision", **DECISION, **until, visits="1") == "R.green_four"
    assert matter.refused("decide", LEADER, "decision", **DECISION, **until) == "R.green_four"
    assert matter.refused("decide", LEADER, "decision", **DECISION, visits="2") == "R.green_four"
    matter.do("decide", LEADER, "decision", **DECISION, **until, visits="2")
    matter.today = dt.date(2026, 8, 31)
    assert matter.refused("expire", SYSTEM_ACTOR) == "R.green_four"
    matter.wait(1)
    assert matter.do("expire", SYSTEM_ACTOR).after == "closed"


def test_review_and_appeal_have_their_limits_and_end() -> None:
    matter = decided("circular")
    matter.do("serve", OFFICE, served_on=matter.iso)
    matter.wait(31)
    assert matter.refused("appeal", PRINCIPAL, text="不服") == "D.appeal"
    matter.wait(-1)
    assert matter.refused("appeal", STRANGER, text="不服") == "step.unit"
    taken = matter.do("appeal", PRINCIPAL, text="不服")
    assert taken.due == matter.today + dt.timedelta(days=30)
    matter.do("uphold", LEADER, "decision", body="督导委", reason="事实清楚")
    matter.wait(16)
    assert matter.refused("appeal", PRINCIPAL, text="不服") == "D.appeal"
    matter.wait(-1)
    taken = matter.do("appeal", OFFICE, text="本人书面申诉")
    assert taken.due == matter.today + dt.timedelta(days=60)
    matter.do("change", LEADER, "decision", body="市督导委", reason="从轻")
    assert matter.facts["corrects"] is True
    assert matter.refused("appeal", PRINCIPAL, text="不服") == "D.appeal"
    assert matter.do("close", OFFICE).after == "closed"


def test_a_withdrawal_is_reasoned_documented_and_corrects_the_card() -> None:
    matter = decided("interview")
    assert matter.refused("withdraw", LEADER, reason="错误") == "field.decision"
    assert matter.refused("withdraw", OFFICE, "decision", reason="错误") == "step.role"
    matter.do("withdraw", LEADER, "decision", reason="错误")
    assert (matter.state, matter.facts["corrects"]) == ("withdrawn", True)


def test_an_incentive_is_not_appealed_against_and_an_inspector_decides_nothing() -> None:
    assert decided("commend").refused("appeal", PRINCIPAL, text="x") == "Q5"
    matter = proposal("commend")
    for step in measures.TABLE.steps_from("proposed"):
        assert matter.refused(step.action, INSPECTOR) == "step.role"


def test_only_kinds_that_concern_a_person_are_personal() -> None:
    assert measures.is_personal("disciplinary") and not measures.is_personal("interview")
    assert PERSONAL <= REFERRED


def test_the_ladder_is_the_rulebooks() -> None:
    matter = proposal("circular")
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    request = Request("decide", LEADER, noon, matter.today, DECISION, {"decision": 1})
    off = {"Q.ladder.circular": 0}
    assert isinstance(take(LIFECYCLE, Case("proposed", matter.facts), request, settings=off), Taken)
    assert isinstance(take(LIFECYCLE, Case("proposed", matter.facts), request), Refusal)
