"""Deadlines count Chinese working days and admit what nobody has announced yet."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.deadlines import (
    WorkCalendar,
    add_calendar_days,
    add_working_days,
    uncertain_years,
    working_days_between,
)

D = dt.date


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (D(2026, 11, 20), 1, D(2026, 11, 23)),  # Friday, then the weekend
        (D(2026, 11, 23), 7, D(2026, 12, 2)),
        (D(2026, 9, 30), 1, D(2026, 10, 8)),  # the National Day week
        (D(2026, 10, 9), 1, D(2026, 10, 10)),  # a Saturday worked in lieu
        (D(2026, 2, 13), 1, D(2026, 2, 14)),  # Saturday before Spring Festival, worked in lieu
        (D(2026, 11, 22), 0, D(2026, 11, 23)),  # nothing falls due on a Sunday
        (D(2026, 11, 23), 0, D(2026, 11, 23)),
    ],
)
def test_holidays_do_not_count_and_make_up_days_do(start, days, due):
    assert add_working_days(start, days).due == due


def test_a_deadline_into_an_unannounced_year_says_so():
    deadline = add_working_days(D(2026, 12, 31), 2)
    assert (deadline.due, deadline.certain, deadline.unannounced) == (D(2027, 1, 4), False, (2027,))
    assert add_working_days(D(2026, 11, 23), 5).certain
    assert uncertain_years(D(2026, 12, 1), D(2027, 2, 1)) == (2027,)


def test_an_office_enters_the_announced_days_itself():
    announced = WorkCalendar({D(2027, 1, 1): False, D(2027, 1, 4): False, D(2027, 1, 9): True})
    deadline = add_working_days(D(2026, 12, 31), 5, announced)
    assert (deadline.due, deadline.certain) == (D(2027, 1, 9), True)


def test_s4_does_not_wait_for_a_working_day():
    assert add_calendar_days(D(2026, 10, 1), 3).due == D(2026, 10, 4)


def test_a_deadline_before_its_start_is_refused():
    with pytest.raises(ValueError, match="before its start"):
        add_working_days(D(2026, 1, 5), -1)


@given(st.dates(D(2025, 1, 1), D(2028, 12, 31)), st.integers(1, 90))
def test_counting_back_gives_the_days_again(start, days):
    due = add_working_days(start, days).due
    assert working_days_between(start, due) == days
    assert working_days_between(due, start) == 0
