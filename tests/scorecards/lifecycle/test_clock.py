"""The clock reminds, urges, supervises and proposes by the calendar, each once, none on holidays or after closing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.shipped import shipped_rulebook
from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, add_working_days, working_days_between
from scorecards.lifecycle.clock import (
    ClockAction,
    ClockRules,
    Watched,
    WatchedMeasure,
    finding_actions,
    measure_actions,
    overdue_days,
)
from scorecards.lifecycle.engine import SYSTEM_ACTOR, Taken
from scorecards.lifecycle.facts import CLOSED_STATES
from scorecards.lifecycle.rectification_states import STATES
from tests.scorecards.lifecycle.world import INSPECTOR, OFFICE, ORIGINAL, PRINCIPAL, Matter, finding, rectifying

RULES = ClockRules.from_rulebook(shipped_rulebook())
TERM = dt.date(2026, 11, 20)  # a Friday
DAY = dt.timedelta(days=1)


def late(day: dt.date, severity: int = 2, **more: object) -> Watched:
    given = {"state": "rectifying", "term_from": dt.date(2026, 10, 30), "term_on": TERM, **more}
    return Watched("F-1", severity=severity, **given)  # type: ignore[arg-type]


def due(
    case: Watched, day: dt.date, hour: int = 8, calendar: WorkCalendar = DEFAULT_CALENDAR
) -> tuple[ClockAction, ...]:
    now = dt.datetime.combine(day, dt.time(hour), dt.UTC)
    return finding_actions(case, now=now, today=day, rules=RULES, calendar=calendar)


def kinds(case: Watched, day: dt.date) -> list[str]:
    return [action.kind for action in due(case, day)]


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        (dt.date(2026, 11, 16), []),
        (dt.date(2026, 11, 17), ["F-1/remind-3/2026-11-20"]),
        (dt.date(2026, 11, 18), ["F-1/remind-3/2026-11-20"]),
        (dt.date(2026, 11, 19), ["F-1/remind-1/2026-11-20"]),
        (dt.date(2026, 11, 20), ["F-1/remind-1/2026-11-20"]),
        (dt.date(2026, 11, 21), []),  # Saturday
        (dt.date(2026, 11, 22), []),
        (dt.date(2026, 11, 23), ["F-1/urge/2026-11-20"]),
        (dt.date(2026, 11, 27), ["F-1/urge/2026-11-20"]),
        (dt.date(2026, 11, 30), ["F-1/supervise/2026-11-20"]),
        (dt.date(2026, 12, 31), ["F-1/supervise/2026-11-20"]),
    ],
)
def test_reminders_urging_and_supervision_come_on_their_working_days(day: dt.date, keys: list[str]) -> None:
    found = due(late(day), day)
    assert [action.key for action in found] == keys
    assert all(action.action == action.kind and action.day <= day for action in found)


def test_levels_reached_are_not_repeated_and_a_talk_circular_and_more_are_proposed_in_turn() -> None:
    day = dt.date(2026, 12, 15)
    assert kinds(late(day, level=2), dt.date(2026, 11, 24)) == []
    supervised = late(day, level=3, chase_by=dt.date(2026, 12, 7))
    assert kinds(supervised, dt.date(2026, 12, 7)) == []
    (talk,) = due(supervised, dt.date(2026, 12, 8))
    assert (talk.kind, talk.measure, talk.action, talk.key) == (
        "propose",
        "interview",
        "",
        "F-1/propose-interview/2026-12-07",
    )
    talked = replace(supervised, talk_on=dt.date(2026, 12, 8))
    last = add_working_days(dt.date(2026, 12, 8), 15).due
    assert kinds(talked, last) == []
    (circular,) = due(talked, add_working_days(last, 1).due)
    assert circular.measure == "circular"
    named = replace(talked, circular_on=last)
    (unit,) = due(named, add_working_days(last, 16).due)
    assert unit.measure == "resource"  # on the unit: persons are never proposed by the clock


def test_s4_counts_natural_days_and_is_chased_on_holidays_too() -> None:
    case = late(TERM, 4, term_from=dt.date(2026, 11, 10))
    assert kinds(case, dt.date(2026, 11, 21)) == ["urge"]
    assert kinds(case, dt.date(2026, 11, 26)) == ["supervise"]
    festival = dt.date(2026, 2, 17)
    assert not DEFAULT_CALENDAR.is_working(festival)
    assert kinds(replace(case, term_on=dt.date(2026, 2, 16)), festival) == ["urge"]
    assert kinds(late(TERM, 3, term_on=dt.date(2026, 2, 13), term_from=dt.date(2026, 2, 1)), festival) == []


def test_the_handling_of_an_s4_is_counted_in_hours() -> None:
    case = Watched("F-1", "open", 4, handling_by=dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC))
    assert due(case, dt.date(2026, 11, 21), hour=9) == ()
    (action,) = due(case, dt.date(2026, 11, 21), hour=10)
    assert (action.kind, action.action, action.rule) == ("handling", "", "S4")
    assert "leading" in action.tell


def test_a_limit_no_longer_than_its_reminder_is_not_reminded_of() -> None:
    start = dt.date(2026, 11, 23)
    case = Watched("F-1", "noticed", 3, term_from=start, term_on=add_working_days(start, 3).due)
    assert kinds(case, start) == []
    assert kinds(case, add_working_days(start, 2).due) == ["remind"]


def test_make_up_days_are_worked_and_an_offices_own_days_come_first() -> None:
    own = WorkCalendar({dt.date(2026, 11, 23): False, dt.date(2026, 11, 22): True})
    assert due(late(TERM), dt.date(2026, 11, 23), calendar=own) == ()
    assert [action.kind for action in due(late(TERM), dt.date(2026, 11, 22), calendar=own)] == ["urge"]


def test_the_statements_window_lapses_by_itself_after_its_last_day() -> None:
    case = Watched("F-1", "feedback", 2, turn_due=TERM)
    assert "lapse" not in kinds(case, TERM)
    (action,) = due(case, dt.date(2026, 11, 23))
    assert (action.kind, action.action, action.key) == ("lapse", "lapse", "F-1/lapse/2026-11-20")


def test_a_school_is_told_before_the_time_for_its_statement_ends() -> None:
    case = Watched("F-1", "feedback", 2, turn_due=TERM)
    assert due(case, dt.date(2026, 11, 18)) == ()
    for day in (dt.date(2026, 11, 19), TERM):
        (action,) = due(case, day)
        assert (action.kind, action.action, action.tell) == ("statement", "", ("school",))
        assert action.key == "F-1/statement/2026-11-20"


def test_the_office_is_told_of_a_proposal_that_nobody_has_looked_at_for_three_working_days() -> None:
    case = Watched("F-1", "proposed", 2, proposed_on=dt.date(2026, 11, 19))  # a Thursday
    assert due(case, dt.date(2026, 11, 24)) == ()
    (action,) = due(case, dt.date(2026, 11, 25))
    assert (action.kind, action.action, action.tell) == ("unconfirmed", "", ("office",))
    assert (action.day, action.key) == (dt.date(2026, 11, 24), "F-1/unconfirmed/2026-11-19")
    assert due(case, dt.date(2026, 11, 28)) == ()  # Saturday
    danger = replace(case, severity=4)
    assert due(danger, dt.date(2026, 11, 20)) == ()
    (told,) = due(danger, dt.date(2026, 11, 21))
    assert told.tell == ("office", "leading")


@pytest.mark.parametrize(
    ("state", "rule", "who"),
    [
        ("open", "D.preliminary", "inspector"),
        ("stated", "D.notice", "office"),
        ("ready", "D.notice", "office"),
        ("noticed", "D.plan", "school"),
        ("planned", "D.review", "inspector"),
        ("evidence", "D.recheck", "office"),
        ("rechecking", "D.recheck", "inspector"),
        ("verified", "D.close", "office"),
        ("watching", "D.watch", "inspector"),
        ("answered", "D.notice", "office"),
        ("reopened", "D.notice", "office"),
    ],
)
def test_whoever_lets_a_turn_pass_is_told_then_the_leading_group(state: str, rule: str, who: str) -> None:
    case = Watched("F-1", state, 2, turn_due=TERM)
    assert "turn" not in kinds(case, TERM)
    (action,) = due(case, dt.date(2026, 11, 23))
    assert (action.kind, action.rule, action.tell[0]) == ("turn", rule, who)
    assert "office" in action.tell
    (action,) = due(case, dt.date(2026, 11, 30))
    assert (action.kind, action.tell[-1]) == ("late", "leading")


def test_a_look_back_is_announced_before_the_watch_period_ends() -> None:
    case = Watched("F-1", "watching", 3, turn_due=dt.date(2026, 12, 31), closed_on=dt.date(2026, 10, 2))
    assert due(case, dt.date(2026, 11, 30)) == ()
    assert kinds(case, dt.date(2026, 12, 1)) == ["look_back"]
    assert kinds(case, dt.date(2027, 1, 4)) == ["turn"]


def test_false_evidence_that_nobody_follows_up_leads_to_a_proposed_talk() -> None:
    case = Watched("F-1", "false", 2, level=3, turn_due=TERM)
    assert kinds(case, TERM) == []
    assert kinds(case, dt.date(2026, 11, 23)) == ["propose", "turn"]


def test_a_departments_silence_is_chased_like_a_schools() -> None:
    case = late(TERM, state="transferred", turn_due=TERM)
    assert kinds(case, dt.date(2026, 11, 23)) == ["urge"]
    assert kinds(case, dt.date(2026, 11, 30)) == ["supervise"]


def test_advice_that_is_not_followed_is_urged_and_then_handed_to_the_office_for_a_notice() -> None:
    case = late(TERM, 1, state="advised", route=1)
    assert kinds(case, dt.date(2026, 11, 23)) == ["urge"]
    for day in (dt.date(2026, 11, 30), dt.date(2027, 3, 1)):
        (action,) = due(replace(case, level=2), day)
        assert (action.kind, action.rule, action.tell, action.measure) == ("late", "R1", ("office", "inspector"), "")


def test_an_extension_waiting_for_the_office_is_recalled_before_the_limit() -> None:
    case = late(TERM, extension_asked=5)
    assert kinds(case, dt.date(2026, 11, 19)) == ["remind", "extension"]


@pytest.mark.parametrize("state", sorted(name for name, spec in STATES.items() if spec.closing))
def test_nothing_is_chased_after_closing(state: str) -> None:
    case = late(
        TERM,
        state=state,
        level=0,
        turn_due=TERM,
        closed_on=dt.date(2026, 11, 1),
        handling_by=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    for number in range(0, 340, 7):
        assert due(case, TERM + number * DAY) == ()


def test_a_closed_finding_is_archived_when_it_can_no_longer_relapse() -> None:
    case = Watched("F-1", "closed", 2, closed_on=dt.date(2025, 11, 20))
    assert due(case, dt.date(2026, 11, 20)) == ()
    (action,) = due(case, dt.date(2026, 11, 23))
    assert action.action == "archive"


def test_measures_that_wait_are_recalled_and_exemptions_end() -> None:
    def keys(case: WatchedMeasure, day: dt.date) -> list[str]:
        return [action.key for action in measure_actions(case, today=day, rules=RULES)]

    start = dt.date(2026, 11, 2)
    proposed = WatchedMeasure("M-1", "interview", "proposed", start)
    assert keys(proposed, add_working_days(start, 10).due) == []
    assert keys(proposed, add_working_days(start, 11).due) == ["M-1/proposed/2026-11-02"]
    talk = WatchedMeasure("M-1", "interview", "notified", start, turn_due=TERM)
    assert keys(talk, TERM) == []
    assert keys(talk, dt.date(2026, 11, 22)) == []
    assert keys(talk, dt.date(2026, 11, 23)) == ["M-1/notified/2026-11-20"]
    appeal = WatchedMeasure("M-1", "circular", "appealed", start, turn_due=TERM)
    assert keys(appeal, dt.date(2026, 11, 23)) == ["M-1/appealed/2026-11-20"]
    exempt = WatchedMeasure("M-2", "exempt", "decided", start, until=TERM)
    assert keys(exempt, TERM) == []
    (action,) = measure_actions(exempt, today=dt.date(2026, 11, 23), rules=RULES)
    assert (action.kind, action.action) == ("expire", "expire")


def watched(matter: Matter, term_from: dt.date | None) -> Watched:
    known = matter.facts
    return Watched(
        "F-1",
        matter.state,
        route=known["route"],
        severity=known["severity"],
        level=known["level"],
        term_from=term_from,
        term_on=known["term_on"],
        turn_due=known["turn_due"],
        chase_by=dt.date.fromisoformat(known["chase_by"]) if known["chase_by"] else None,
        handling_by=dt.datetime.fromisoformat(known["handling_by"]) if known["handling_by"] else None,
        extension_asked=known["extension_asked"],
        closed_on=known["closed_on"],
    )


@given(
    severity=st.integers(1, 4),
    start=st.dates(dt.date(2024, 1, 2), dt.date(2026, 6, 30)),
    nights=st.lists(st.integers(1, 25), min_size=30, max_size=60),
)
@settings(max_examples=60)
def test_a_clock_that_runs_irregularly_does_each_thing_once_in_order_and_never_on_a_holiday(
    severity: int, start: dt.date, nights: list[int]
) -> None:
    """A school that never moves, and a clock that stands still between the nights on which it runs."""
    matter = finding(severity)
    matter.today = start
    matter.do("confirm", OFFICE)
    matter.do("give_feedback", ORIGINAL, opinion="x", delivery="spot")
    done: dict[str, ClockAction] = {}
    term_from = None
    for night in (*nights, *[4] * 60):
        matter.wait(night)
        if matter.state == "ready":
            term_from = matter.today
            matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
        for action in due(watched(matter, term_from), matter.today):
            assert severity == 4 or DEFAULT_CALENDAR.is_working(matter.today)
            if action.key in done:
                continue
            done[action.key] = action
            assert action.day <= matter.today
            if action.action:
                assert isinstance(matter.ask(action.action, SYSTEM_ACTOR), Taken), action
    levels = [action.kind for action in done.values() if action.kind in ("remind", "urge", "supervise", "propose")]
    assert levels == sorted(levels, key=["remind", "urge", "supervise", "propose"].index)
    counted = Counter(levels)
    assert counted["urge"] <= 1 and counted["supervise"] <= 1 and counted["remind"] <= 2 and counted["propose"] <= 1
    assert matter.state == "noticed" and matter.facts["level"] == 3
    assert counted["supervise"] == 1


@given(st.integers(1, 4), st.integers(0, 400))
@settings(max_examples=100)
def test_every_step_of_the_clock_is_one_that_the_table_allows(severity: int, days: int) -> None:
    matter = rectifying(severity)
    started = matter.today
    matter.wait(days)
    for action in due(watched(matter, started), matter.today):
        if action.action:
            assert isinstance(matter.ask(action.action, SYSTEM_ACTOR), Taken), action


def test_three_years_of_a_school_that_is_always_late_pass_in_seconds_without_a_doubled_action() -> None:
    """Each round: late by eleven working days, then verified and closed; S3, reopened when it relapses."""
    matter = rectifying(3)
    keys: set[str] = set()
    term_from, end = matter.today, matter.today + dt.timedelta(days=3 * 365)
    rounds = 0
    while matter.today < end:
        matter.wait(1)
        for action in due(watched(matter, term_from), matter.today):
            if action.key not in keys:
                keys.add(action.key)
                if action.action:
                    matter.do(action.action, SYSTEM_ACTOR)
        term = matter.facts["term_on"]
        if matter.state == "rectifying" and working_days_between(term, matter.today) > 10:
            matter.do("submit_evidence", PRINCIPAL, "photos", report="x")
            matter.do("recheck", INSPECTOR, verdict="done", method="site")
            matter.do("close", OFFICE)
            assert matter.state in CLOSED_STATES
        elif matter.state == "watching" and matter.facts["turn_due"] - matter.today < 10 * DAY:
            matter.do("look_back", INSPECTOR, result="relapsed", method="site", note="x")
            rounds, term_from = rounds + 1, matter.today
            matter.do("issue_notice", OFFICE, requirement="x", responsible="校长")
            done_on = matter.facts["term_on"].isoformat()
            matter.do("submit_plan", PRINCIPAL, measures="x", responsible="y", done_on=done_on, interim="z")
            matter.do("accept_plan", INSPECTOR)
    counted = Counter(key.split("/")[1] for key in keys)
    assert rounds >= 8
    assert rounds <= counted["supervise"] <= rounds + 1
    assert rounds <= counted["urge"] <= rounds + 1
    assert rounds <= counted["look-back"] <= rounds + 1


def test_overdue_days_are_working_days_and_none_where_nobody_is_chased() -> None:
    assert overdue_days(late(TERM), dt.date(2026, 11, 30)) == 6
    assert overdue_days(late(TERM, 4), dt.date(2026, 11, 30)) == 10
    assert overdue_days(late(TERM, state="evidence"), dt.date(2026, 11, 30)) == 0
    assert overdue_days(late(TERM, term_on=None), dt.date(2026, 11, 30)) == 0
