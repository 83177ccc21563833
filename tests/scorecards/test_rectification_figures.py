"""The figures of rectification: every finding counted once, in whole numbers, the same as counting by hand."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.meaning import quarter_bounds, quarter_of
from scorecards import canvas, charts_rectification
from scorecards.rectification_figures import (
    AGES,
    STAGES,
    UNCOUNTED,
    Matter,
    Move,
    ages,
    closures,
    counts,
    is_overdue,
    on_site,
    returns,
    stage_days,
)

TODAY = dt.date(2026, 11, 20)
DAY = dt.timedelta(days=1)
STATES = (*(state for states in STAGES.values() for state in states), "watching", "closed", "archived", *UNCOUNTED)


def matter(number: int = 1, **values: object) -> Matter:
    made: dict[str, object] = {
        "finding": number,
        "unit": 1,
        "item": "a",
        "severity": 2,
        "state": "rectifying",
        "found_on": TODAY - 40 * DAY,
        "told_on": TODAY - 35 * DAY,
        "due_on": TODAY - 5 * DAY,
        "handed_on": None,
        "closed_on": None,
        "reopened": 0,
        "on_site": False,
    }
    return Matter(**{**made, **values})  # type: ignore[arg-type]


DAYS = st.dates(dt.date(2025, 1, 1), TODAY)
MATTERS = st.lists(
    st.builds(
        Matter,
        st.integers(1, 99),
        st.integers(1, 4),
        st.sampled_from("abc"),
        st.integers(1, 4),
        st.sampled_from(STATES),
        DAYS,
        st.none() | DAYS,
        st.dates(dt.date(2025, 1, 1), dt.date(2027, 3, 1)),
        st.none() | DAYS,
        st.none() | DAYS,
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=60,
)


@given(MATTERS)
def test_every_finding_that_counts_stands_in_exactly_one_part_of_its_quarter(matters: list[Matter]) -> None:
    counted = [row for row in matters if counts(row)]
    rows = closures(matters, TODAY)
    assert sum(row.found for row in rows) == len(counted)
    assert [row.quarter for row in rows] == sorted({quarter_of(row.found_on) for row in counted})
    assert sum(row.closed for row in rows) == sum(1 for row in counted if row.closed_on)
    assert sum(row.overdue for row in rows) == sum(1 for row in counted if is_overdue(row, TODAY))


def test_closed_in_time_is_what_was_handed_in_by_the_limit_however_late_others_checked_it() -> None:
    due = TODAY - 10 * DAY
    rows = [
        matter(1, state="closed", due_on=due, handed_on=due, closed_on=due + 8 * DAY),
        matter(2, state="closed", due_on=due, handed_on=due + DAY, closed_on=due + 2 * DAY),
        matter(3, state="closed", due_on=due, closed_on=due),
        matter(4, due_on=due),
        matter(5, due_on=due, told_on=None),
        matter(6, due_on=due, handed_on=due),
        matter(7, due_on=TODAY),
        matter(8, state="withdrawn", closed_on=TODAY),
    ]
    (row,) = closures(rows, TODAY)
    assert (row.in_time, row.late, row.overdue, row.running) == (2, 1, 1, 3)


@given(MATTERS)
def test_ages_hold_every_open_finding_once(matters: list[Matter]) -> None:
    rows = ages(matters, TODAY)
    still = [row for row in matters if counts(row) and row.closed_on is None]
    assert sum(row.count for row in rows) == len(still)
    assert sum(row.serious for row in rows) == sum(1 for row in still if row.severity >= 3)
    for age in rows:
        inside = [
            row
            for row in still
            if age.first <= max(0, (TODAY - (row.told_on or row.found_on)).days)
            and (age.last is None or (TODAY - (row.told_on or row.found_on)).days <= age.last)
        ]
        assert age.count == len(inside)


def test_ages_begin_and_end_on_their_days() -> None:
    told = [0, 7, 8, 15, 16, 30, 31, 60, 61, 90, 91, 500]
    rows = ages([matter(number, told_on=TODAY - days * DAY) for number, days in enumerate(told)], TODAY)
    assert [row.count for row in rows] == [2] * (len(AGES) + 1)


def test_a_stage_lasts_from_coming_into_it_to_leaving_it_for_another() -> None:
    day = quarter_bounds(20264)[0]
    moves = [
        Move(1, 1, "proposed", "open", day),
        Move(1, 2, "open", "feedback", day + 2 * DAY),  # the same stage goes on
        Move(1, 3, "feedback", "ready", day + 5 * DAY),
        Move(1, 4, "ready", "noticed", day + 9 * DAY),
        Move(1, 5, "noticed", "rectifying", day + 12 * DAY),
        Move(1, 6, "rectifying", "evidence", day + 30 * DAY),
        Move(1, 7, "evidence", "rectifying", day + 33 * DAY),  # back to work: counted as a second time
        Move(1, 8, "rectifying", "evidence", day + 34 * DAY),
        Move(1, 9, "evidence", "closed", day + 40 * DAY),
        Move(2, 1, "noticed", "rectifying", day + DAY),  # its earlier steps are unknown
    ]
    found = {row.stage: row for row in stage_days(moves, {2: day - 6 * DAY}, *quarter_bounds(20264))}
    assert list(found) == ["opinion", "plan", "work", "check"]
    assert (found["opinion"].count, found["opinion"].total) == (1, 9)
    assert (found["plan"].count, found["plan"].total, found["plan"].middle, found["plan"].longest) == (2, 10, 3, 7)
    assert (found["work"].count, found["work"].total, found["work"].most_took) == (2, 19, 18)
    assert (found["check"].count, found["check"].total) == (2, 9)
    assert stage_days(moves, {}, *quarter_bounds(20271)) == []


@given(st.lists(st.integers(0, 400), min_size=1, max_size=80))
def test_the_middle_and_the_ninth_tenth_are_days_that_were_taken(days: list[int]) -> None:
    last = dt.date(2026, 12, 31)
    moves = []
    for number, taken in enumerate(days):
        moves.append(Move(number, 1, "open", "noticed", last - taken * DAY))
        moves.append(Move(number, 2, "noticed", "rectifying", last))
    (row,) = [row for row in stage_days(moves, {}, last, last) if row.stage == "plan"]
    ordered = sorted(days)
    assert (row.count, row.total, row.longest) == (len(days), sum(days), ordered[-1])
    assert row.middle in days and row.most_took in days
    assert sum(1 for taken in days if taken <= row.middle) * 2 >= len(days)
    assert sum(1 for taken in days if taken <= row.most_took) * 10 >= 9 * len(days)
    assert sum(1 for taken in days if taken < row.most_took) * 10 < 9 * len(days)


@given(MATTERS)
def test_what_came_back_is_all_found_and_none_invented(matters: list[Matter]) -> None:
    rows = returns(matters, lambda row: row.item)
    planted = [row for row in matters if counts(row) and row.reopened]
    assert sum(row.came_back for row in rows) == len(planted)
    assert sum(row.times for row in rows) == sum(row.reopened for row in planted)
    assert {row.key for row in rows} == {row.item for row in planted}
    assert [row.times for row in rows] == sorted((row.times for row in rows), reverse=True)


@given(MATTERS)
def test_the_share_on_site_is_of_what_was_closed_in_the_quarter(matters: list[Matter]) -> None:
    first, last = quarter_bounds(20263)
    rows = on_site(matters, first, last)
    closed = [row for row in matters if counts(row) and row.closed_on and first <= row.closed_on <= last]
    assert sum(row.closed for row in rows) == len(closed)
    assert sum(row.on_site for row in rows) == sum(row.on_site for row in closed)
    assert [row.severity for row in rows] == sorted({row.severity for row in closed}, reverse=True)


@given(MATTERS)
@settings(max_examples=20)
def test_charts_are_drawn_of_whatever_there_is(matters: list[Matter]) -> None:
    rows = returns(matters, lambda row: row.item)
    bars = [(str(row.key), row.times, row.found) for row in rows]
    for language in ("zh", "en"):
        charts_rectification.closure_chart(closures(matters, TODAY), language)
        charts_rectification.ages_chart(ages(matters, TODAY), language)
        charts_rectification.returns_chart("items", bars, 20264, language)
        charts_rectification.stages_chart([], 20264, language)


def test_the_same_chart_is_the_same_bytes() -> None:
    rows = closures([matter(number, severity=1 + number % 4) for number in range(9)], TODAY)
    first, again = (canvas.to_svg(charts_rectification.closure_chart(rows)) for _ in range(2))
    assert first == again
