"""The invariants of the closed loop (closed-loop D-2), each as the sentence it keeps."""

from __future__ import annotations

import datetime as dt

import pytest

from scorecards.deadlines import add_working_days, working_days_between
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Taken
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
    STRANGER,
    TWO_HATS,
    closed,
    evidence,
    finding,
    noticed,
    rectifying,
    verified,
)


def test_invariant_1_nothing_closes_without_a_passed_recheck_even_where_the_state_says_verified() -> None:
    assert evidence().refused("close", OFFICE) == "step.order"
    assert finding(state="verified").refused("close", OFFICE) == "recheck.passed"
    assert finding(state="verified", verdict="undone", checked_by=3).refused("close", OFFICE) == "recheck.passed"
    assert finding(state="verified", verdict="done", checked_by=0).refused("close", OFFICE) == "recheck.passed"
    assert verified().do("close", OFFICE).after == "closed"


def test_invariant_1_nobody_of_the_rectifying_unit_verifies_it_whatever_other_role_they_hold() -> None:
    matter = evidence()
    assert matter.refused("recheck", PRINCIPAL, verdict="done", method="site") == "step.role"
    assert matter.refused("recheck", TWO_HATS, verdict="done", method="site") == "recheck.independent"
    matter.facts["candidate_units"] = TWO_HATS.unit_ids
    assert matter.refused("assign_recheck", OFFICE, checker="8") == "recheck.independent"


def test_nobody_decides_on_the_supervisions_side_about_the_unit_they_belong_to() -> None:
    asked = rectifying()
    asked.do("ask_extension", PRINCIPAL, days="1", reason="x")
    assert asked.refused("grant_extension", TWO_HATS, days="1") == "step.impartial"
    assert noticed().refused("withdraw", TWO_HATS, "decision", reason="x") == "step.impartial"
    assert verified().refused("close", TWO_HATS) == "step.impartial"
    assert finding().refused("dismiss", TWO_HATS, reason="x") == "step.impartial"
    for step in asked.lifecycle.table.steps:
        if "school" not in step.roles and "department" not in step.roles and step.roles != SYSTEM_ACTOR.roles:
            assert {"impartial", "checker_independent"} & set(step.guards), step.action


def test_invariant_1_false_evidence_cannot_be_closed_or_withdrawn_and_escalates_by_itself() -> None:
    matter = evidence()
    taken = matter.do("recheck", INSPECTOR, verdict="false", method="site", note="照片是去年的")
    assert (taken.after, taken.document, matter.facts["level"]) == ("false", "supervise", 3)
    assert taken.due == add_working_days(matter.today, 5).due
    assert matter.refused("close", OFFICE) == "step.order"
    assert matter.refused("withdraw", OFFICE, "decision", reason="算了") == "step.order"
    assert matter.refused("submit_evidence", PRINCIPAL, "photos", report="再报") == "step.order"
    assert matter.refused("renew_limit", OFFICE, requirement="重新整改", days="16") == "D.escalate"
    matter.do("renew_limit", OFFICE, requirement="重新整改")
    assert (matter.state, matter.facts["term_on"]) == ("rectifying", add_working_days(matter.today, 5).due)
    assert matter.refused("withdraw", OFFICE, "decision", reason="算了") == "evidence.false"
    matter.do("submit_evidence", PRINCIPAL, "photos", report="已真正整改")
    assert matter.refused("close", OFFICE) == "step.order"
    matter.do("recheck", INSPECTOR, verdict="done", method="site")
    assert matter.do("close", OFFICE).after == "closed"


@pytest.mark.parametrize("instead", [{"second": "王督学"}, {"same_reason": "全区仅一名督学"}])
def test_as_a_rule_somebody_else_than_the_original_inspector_rechecks(instead: dict[str, str]) -> None:
    matter = evidence()
    assert matter.refused("assign_recheck", OFFICE, checker=str(FINDER)) == "recheck.other_inspector"
    assert matter.refused("recheck", ORIGINAL, verdict="done", method="site") == "recheck.other_inspector"
    matter.do("assign_recheck", OFFICE, checker=str(FINDER), **instead)
    assert matter.refused("recheck", INSPECTOR, verdict="done", method="site") == "recheck.assigned"
    assert matter.do("recheck", ORIGINAL, verdict="done", method="site", **instead).after == "verified"


@pytest.mark.parametrize(
    ("severity", "drawn", "needed"), [(1, False, False), (2, True, True), (3, False, True), (4, False, True)]
)
def test_s3_s4_and_what_was_drawn_are_rechecked_on_site(severity: int, drawn: bool, needed: bool) -> None:
    matter = evidence(severity)
    matter.facts["drawn_on_site"] = drawn
    if needed:
        assert matter.refused("recheck", INSPECTOR, verdict="done", method="papers") == "D.recheck"
        assert matter.refused("recheck", INSPECTOR, verdict="done", method="phone") == "D.recheck"
    matter.do("recheck", INSPECTOR, verdict="done", method="site" if needed else "papers")


def test_invariant_6_without_a_granted_extension_the_due_date_stands() -> None:
    matter = rectifying(2)
    term = matter.facts["term_on"]
    assert term == add_working_days(matter.today, 15).due
    matter.do("ask_extension", PRINCIPAL, days="7", reason="厂家断货")
    assert matter.facts["term_on"] == term
    assert matter.refused("ask_extension", PRINCIPAL, days="1", reason="再来") == "D.extension"
    matter.do("refuse_extension", OFFICE, reason="可另购")
    assert matter.facts["term_on"] == term
    assert matter.refused("ask_extension", PRINCIPAL, days="1", reason="再来") == "D.extension"
    assert matter.refused("grant_extension", OFFICE, days="1") == "D.extension"
    assert matter.refused("refuse_extension", OFFICE, reason="没有申请") == "D.extension"


def test_invariant_6_an_extension_comes_once_is_at_most_half_and_counts_from_the_old_due_date() -> None:
    matter = rectifying(2)
    term = matter.facts["term_on"]
    assert matter.refused("ask_extension", PRINCIPAL, days="8", reason="断货") == "D.extension"
    assert matter.refused("ask_extension", PRINCIPAL, days="0", reason="断货") == "D.extension"
    matter.do("ask_extension", PRINCIPAL, days="7", reason="断货")
    assert matter.refused("grant_extension", OFFICE, days="8") == "D.extension"
    assert matter.refused("grant_extension", PRINCIPAL, days="7") == "step.role"
    matter.do("grant_extension", OFFICE, days="7")
    assert matter.facts["term_on"] == add_working_days(term, 7).due
    assert matter.refused("ask_extension", PRINCIPAL, days="1", reason="再来") == "D.extension"


def test_an_extension_is_not_asked_for_after_the_due_date() -> None:
    matter = rectifying(2)
    matter.today = matter.facts["term_on"]
    assert matter.refused("ask_extension", PRINCIPAL, days="99", reason="断货") == "D.extension"
    matter.wait(1)
    assert matter.refused("ask_extension", PRINCIPAL, days="1", reason="断货") == "D.extension"


def test_invariant_6_due_dates_count_working_days_with_make_up_days_and_s4_natural_ones() -> None:
    matter = noticed(3)
    matter.state, matter.today = "ready", dt.date(2026, 2, 11)  # before Spring Festival
    taken = matter.do("issue_notice", OFFICE, requirement="整改", responsible="校长")
    assert working_days_between(matter.today, taken.term or matter.today) == 7
    assert (taken.term or matter.today) > dt.date(2026, 2, 24)
    four = noticed(4)
    four.state, four.today = "ready", dt.date(2026, 2, 14)
    assert four.do("issue_notice", OFFICE, requirement="停用", responsible="校长").term == dt.date(2026, 2, 17)


def test_the_laws_order_cannot_be_skipped() -> None:
    matter = finding()
    assert matter.refused("issue_notice", OFFICE, requirement="x", responsible="校长") == "step.order"
    matter.do("confirm", OFFICE)
    assert matter.refused("issue_notice", OFFICE, requirement="x", responsible="校长") == "step.order"
    matter.do("give_feedback", ORIGINAL, opinion="x", delivery="spot")
    assert matter.refused("issue_notice", OFFICE, requirement="x", responsible="校长") == "step.order"
    assert matter.refused("lapse", SYSTEM_ACTOR) == "D.statement"
    matter.today = matter.facts["turn_due"]
    assert matter.refused("lapse", SYSTEM_ACTOR) == "D.statement"
    matter.wait(1)
    assert matter.refused("state", PRINCIPAL, objection="fact", text="晚了") == "D.statement"
    matter.do("lapse", SYSTEM_ACTOR)
    assert finding(state="ready").refused("issue_notice", OFFICE, requirement="x", responsible="校长") == "law.hearing"
    taken = matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
    assert (taken.after, taken.document) == ("noticed", "notice")
    assert matter.refused("recheck", INSPECTOR, verdict="done", method="site") == "step.order"


def test_a_statement_may_withdraw_the_finding_lower_it_or_change_its_limit() -> None:
    def stated(severity: int = 3):
        matter = finding(severity)
        matter.do("confirm", OFFICE)
        matter.do("give_feedback", ORIGINAL, opinion="x", delivery="spot")
        matter.do("state", PRINCIPAL, objection="severity", text="只有一处")
        return matter

    assert stated().do("accept_statement", OFFICE, result="withdraw", reason="属实").after == "withdrawn"
    matter = stated()
    assert matter.refused("accept_statement", OFFICE, result="lower", reason="属实") == "statement.severity"
    assert (
        matter.refused("accept_statement", OFFICE, result="lower", severity="4", reason="属实") == "statement.severity"
    )
    matter.do("accept_statement", OFFICE, result="lower", severity="1", reason="属实")
    assert (
        matter.do("issue_notice", OFFICE, requirement="x", responsible="校长").term
        == add_working_days(matter.today, 30).due
    )
    other = stated()
    assert other.refused("accept_statement", OFFICE, result="limit", reason="属实") == "statement.days"
    other.do("accept_statement", OFFICE, result="limit", days="12", reason="属实")
    assert (
        other.do("issue_notice", OFFICE, requirement="x", responsible="校长").term
        == add_working_days(other.today, 12).due
    )
    assert other.facts["heard"] == "answered"


def test_only_the_unit_that_must_rectify_acts_for_it() -> None:
    assert noticed().refused("acknowledge", STRANGER) == "step.unit"
    assert noticed().refused("acknowledge", BUREAU) == "step.unit"
    assert evidence().facts["responsible"] == frozenset({SCHOOL})
    matter = noticed()
    matter.do("acknowledge", PRINCIPAL)
    assert matter.refused("acknowledge", PRINCIPAL) == "step.once"


def test_a_plan_is_returned_at_most_twice_and_ends_within_the_limit() -> None:
    matter = noticed(2)
    late = (matter.facts["term_on"] + dt.timedelta(days=1)).isoformat()
    assert matter.refused("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on=late) == "D.plan"
    assert matter.refused("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on="2020-01-01") == "D.plan"
    for _ in range(2):
        matter.do("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on=matter.iso)
        matter.do("return_plan", INSPECTOR, reason="不具体")
    matter.do("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on=matter.iso)
    assert matter.refused("return_plan", INSPECTOR, reason="不具体") == "D.plan"
    matter.do("accept_plan", INSPECTOR)


def test_evidence_is_more_than_words() -> None:
    assert rectifying().refused("submit_evidence", PRINCIPAL, report="好了") == "evidence.missing"
    assert rectifying().refused("submit_evidence", PRINCIPAL, "photos") == "field.report"
    rectifying().do("submit_evidence", PRINCIPAL, "files", report="好了")


def test_small_findings_are_advised_without_a_notice_and_still_verified() -> None:
    matter = finding(1, 1)
    matter.do("confirm", OFFICE)
    taken = matter.do("give_advice", ORIGINAL, requirement="擦黑板")
    assert (taken.after, taken.document, taken.term) == ("advised", "advice", add_working_days(matter.today, 30).due)
    assert matter.refused("recheck", INSPECTOR, verdict="done", method="papers") == "D.recheck"
    matter.do("recheck", INSPECTOR, verdict="done", method="site")
    assert matter.do("close", OFFICE).after == "closed"
    assert finding(2, 2, "open").refused("give_advice", ORIGINAL, requirement="x") == "R1"
    assert (
        finding(1, 1, "ready", heard="agreed").refused("issue_notice", OFFICE, requirement="x", responsible="y") == "R1"
    )


def test_advice_that_is_not_followed_leads_to_a_notice_not_to_supervision() -> None:
    matter = finding(1, 1, "open")
    matter.do("give_advice", ORIGINAL, requirement="擦黑板")
    matter.today = add_working_days(matter.facts["term_on"], 8).due
    matter.do("urge", SYSTEM_ACTOR)
    assert matter.refused("supervise", SYSTEM_ACTOR) == "step.order"
    matter.do("submit_evidence", PRINCIPAL, "photos", report="x")
    matter.do("return_evidence", INSPECTOR, reason="看不清")
    assert matter.refused("supervise", SYSTEM_ACTOR) == "R1"
    assert matter.refused("skip", OFFICE, level="3", reason="x") == "R1"
    matter.do("reroute", OFFICE, route="2", reason="建议未落实")
    assert matter.state == "open"
    matter.do("give_feedback", ORIGINAL, opinion="x", delivery="spot")
    matter.do("agree", PRINCIPAL)
    matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
    assert matter.facts["level"] == 0


def test_a_departments_cause_is_consulted_on_answered_and_verified_and_never_put_to_the_school() -> None:
    matter = finding(2, 4)
    matter.do("confirm", OFFICE)
    assert matter.refused("give_feedback", ORIGINAL, opinion="x", delivery="spot") == "R4"
    assert finding(2, 4, "open", department_id=0).refused("transfer", OFFICE, letter="x") == "R4"
    assert finding(2, 2, "open").refused("transfer", OFFICE, letter="x", department=str(DEPARTMENT)) == "R4"
    taken = matter.do("transfer", OFFICE, letter="请增编")
    assert (taken.due, taken.document) == (add_working_days(matter.today, 10).due, "consultation")
    assert matter.refused("answer_consultation", PRINCIPAL, answer="decline", text="x") == "step.role"
    assert matter.refused("answer_consultation", STRANGER, answer="decline", text="x") == "step.unit"
    matter.do("answer_consultation", BUREAU, answer="decline", text="不归我们")
    assert matter.refused("accept_answer", OFFICE) == "R4"
    matter.do("return_consultation", OFFICE, reason="三定方案第5条")
    far = add_working_days(matter.today, 60).due.isoformat()
    assert matter.refused("answer_consultation", BUREAU, answer="take_on", text="x") == "R4"
    assert matter.refused("answer_consultation", BUREAU, answer="take_on", text="x", done_on=far) == "S.long"
    matter.do("answer_consultation", BUREAU, answer="take_on", text="x", done_on=far, interim="调剂2人")
    assert matter.do("accept_answer", OFFICE).term == dt.date.fromisoformat(far)
    assert matter.refused("submit_evidence", PRINCIPAL, "files", report="x") == "step.unit"
    matter.do("submit_evidence", BUREAU, "files", report="已增编")
    matter.do("recheck", INSPECTOR, verdict="done", method="papers")
    assert matter.do("close", OFFICE).after == "closed"


def test_a_change_of_route_is_reasoned_and_starts_over() -> None:
    matter = finding(2, 2)
    matter.do("confirm", OFFICE)
    assert matter.refused("reroute", OFFICE, route="2", reason="x") == "route.same"
    assert matter.refused("reroute", OFFICE, route="4", reason="x") == "R4"
    assert matter.refused("reroute", OFFICE, route="4", department=str(DEPARTMENT)) == "field.reason"
    matter.do("reroute", OFFICE, route="4", department=str(DEPARTMENT), reason="编制问题")
    assert (matter.facts["route"], matter.facts["department_id"]) == (4, DEPARTMENT)
    matter.do("transfer", OFFICE, letter="x")


def test_an_s4_is_handled_within_hours_whatever_else_the_order_of_steps() -> None:
    matter = finding(4, 3)
    matter.do("confirm", OFFICE)
    assert matter.facts["handling_by"] == "2026-03-03T09:00:00+00:00"
    matter.do("report_handling", PRINCIPAL, text="已停用锅炉")
    assert matter.facts["handling_by"] == ""
    assert matter.refused("report_handling", PRINCIPAL, text="已停用锅炉") == "S4"
    matter.do("give_feedback", ORIGINAL, opinion="x", delivery="spot")
    matter.do("agree", PRINCIPAL)
    taken = matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
    assert taken.document == "opinion" and taken.due_at == dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
    plan = {"measures": "换锅炉", "responsible": "校长", "done_on": matter.iso}
    assert matter.refused("submit_plan", PRINCIPAL, **plan) == "S4"
    matter.do("submit_plan", PRINCIPAL, **plan, interim="停用")


def test_severity_route_and_days_are_changed_with_a_reason_only() -> None:
    matter = finding(3, 3)
    assert matter.refused("confirm", OFFICE, severity="1") == "confirm.reason"
    matter.do("confirm", OFFICE, severity="1", route="2", reason="误判")
    assert (matter.facts["severity"], matter.facts["route"]) == (1, 2)
    ready = finding(2, 2, "ready", heard="agreed", days=9)
    notice = {"requirement": "x", "responsible": "校长"}
    assert ready.refused("issue_notice", OFFICE, **notice, days="10") == "S.item_days"
    assert ready.refused("issue_notice", OFFICE, **notice, days="91", reason="x") == "S.long"
    assert ready.do("issue_notice", OFFICE, **notice).term == add_working_days(ready.today, 9).due


def test_skipping_a_level_needs_a_reason_and_goes_up_only() -> None:
    matter = rectifying(2)
    assert matter.refused("urge", OFFICE) == "D.urge"
    assert matter.refused("supervise", OFFICE) == "U2"
    assert matter.refused("skip", OFFICE, level="3") == "field.reason"
    taken = matter.do("skip", OFFICE, level="3", reason="媒体曝光")
    assert (taken.after, taken.document, matter.facts["level"]) == ("rectifying", "supervise", 3)
    assert matter.refused("skip", OFFICE, level="2", reason="x") == "U1-U3"


def test_urging_begins_on_the_first_overdue_day_and_supervision_on_the_sixth() -> None:
    matter = rectifying(2)
    matter.today = matter.facts["term_on"]
    assert matter.refused("urge", SYSTEM_ACTOR) == "D.urge"
    matter.today = add_working_days(matter.facts["term_on"], 1).due
    assert matter.do("urge", SYSTEM_ACTOR).document == "urge"
    assert matter.refused("urge", OFFICE) == "D.urge"
    matter.today = add_working_days(matter.facts["term_on"], 5).due
    assert matter.refused("supervise", SYSTEM_ACTOR) == "D.escalate"
    matter.today = add_working_days(matter.facts["term_on"], 6).due
    assert matter.do("supervise", SYSTEM_ACTOR).document == "supervise"
    assert matter.facts["level"] == 3
    assert matter.refused("supervise", SYSTEM_ACTOR) == "D.escalate"


def test_s3_and_s4_stay_under_watch_and_reopen_one_severity_higher() -> None:
    assert closed(2).state == "closed"
    matter = closed(3)
    assert matter.state == "watching"
    assert matter.facts["turn_due"] == matter.today + dt.timedelta(days=90)
    matter.wait(30)
    assert matter.refused("look_back", INSPECTOR, result="held", method="papers", note="x") == "D.recheck"
    assert matter.refused("look_back", TWO_HATS, result="held", method="site", note="x") == "recheck.independent"
    matter.do("look_back", INSPECTOR, result="relapsed", method="site", note="又坏了")
    assert (matter.state, matter.facts["severity"], matter.facts["reopened"]) == ("reopened", 4, 1)
    taken = matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
    assert taken.term == matter.today + dt.timedelta(days=3)
    assert matter.facts["verdict"] == "" and matter.facts["closed_on"] is None


def test_a_relapse_counts_for_a_year_after_closing() -> None:
    matter = closed(1)
    matter.today = dt.date(2027, 3, 2)
    assert matter.refused("archive", SYSTEM_ACTOR) == "S.relapse"
    reopened = closed(1)
    reopened.today = matter.today
    reopened.do("relapse", SYSTEM_ACTOR, note="F-2")
    assert (reopened.facts["severity"], reopened.facts["route"]) == (2, 2)
    matter.wait(1)
    assert matter.refused("relapse", SYSTEM_ACTOR, note="F-2") == "S.relapse"
    matter.do("archive", SYSTEM_ACTOR)


def test_nobody_is_late_for_the_time_of_those_who_examine_and_nobody_gains_time_twice() -> None:
    matter = rectifying(2)
    term = matter.facts["term_on"]
    matter.today = term
    matter.do("submit_evidence", PRINCIPAL, "photos", report="好了")
    matter.today = add_working_days(term, 8).due
    matter.do("return_evidence", INSPECTOR, reason="看不清")
    assert matter.facts["term_on"] == add_working_days(matter.today, 5).due
    matter.today = second = matter.facts["term_on"]
    matter.do("submit_evidence", PRINCIPAL, "photos", report="好了")
    matter.today = add_working_days(second, 8).due
    matter.do("recheck", INSPECTOR, verdict="undone", method="site", note="仍未换")
    assert (matter.state, matter.facts["term_on"]) == ("rectifying", second)


def test_an_office_may_ask_for_another_recheck_before_it_closes() -> None:
    matter = verified()
    matter.do("return_recheck", OFFICE, reason="照片缺")
    assert matter.refused("close", OFFICE) == "step.order"
    for verdict in ("mostly", "undone", "false"):
        assert matter.refused("recheck", INSPECTOR, verdict=verdict, method="papers") == "recheck.note"
    matter.do("recheck", INSPECTOR, verdict="mostly", method="papers", note="余一处")
    assert isinstance(matter.do("close", OFFICE), Taken)


def test_a_finding_is_withdrawn_with_reason_and_decision_only() -> None:
    assert noticed().refused("withdraw", OFFICE, reason="误") == "field.decision"
    assert noticed().refused("withdraw", OFFICE, "decision") == "field.reason"
    assert noticed().refused("withdraw", LEADER, "decision", reason="误") == "step.role"
    assert noticed().do("withdraw", OFFICE, "decision", reason="误").after == "withdrawn"
