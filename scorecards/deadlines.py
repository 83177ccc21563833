"""Due dates in Chinese working days, public holidays and make-up working days included (closed-loop D-2).

The State Council announces each year's holidays late in the year before, and the calendar package knows only the
years announced at its release. Of later years only weekends are known: a deadline that reaches into one says so, and
``overrides`` let an office enter the announced days at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import chinese_calendar

_DAY: Final = dt.timedelta(days=1)
_KNOWN: Final = range(
    min(chinese_calendar.holidays).year, max((*chinese_calendar.holidays, *chinese_calendar.workdays)).year + 1
)


@lru_cache(maxsize=20_000)
def _is_announced_workday(day: dt.date) -> bool:
    return bool(chinese_calendar.is_workday(day))


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked. ``overrides`` maps a day to True (worked) or False (free) and comes before all else."""

    overrides: Mapping[dt.date, bool] = field(default_factory=dict)

    def is_working(self, day: dt.date) -> bool:
        """Is this a working day? Weekends and overrides alone decide in a year not yet announced."""
        if day in self.overrides:
            return self.overrides[day]
        return _is_announced_workday(day) if day.year in _KNOWN else day.weekday() < 5

    def is_announced(self, year: int) -> bool:
        """Are the holidays of a year known, by the package or by overrides that hold at least one day of it?"""
        return year in _KNOWN or any(day.year == year for day in self.overrides)


DEFAULT_CALENDAR: Final = WorkCalendar()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date. ``unannounced`` are the years it reaches into whose holidays nobody has announced yet."""

    due: dt.date
    unannounced: tuple[int, ...] = ()

    @property
    def certain(self) -> bool:
        """False where holidays still to be announced may move the date later."""
        return not self.unannounced


def add_working_days(start: dt.date, days: int, calendar: WorkCalendar = DEFAULT_CALENDAR) -> Deadline:
    """The date ``days`` working days after ``start``; the day of ``start`` is not counted.

    0 days is ``start`` itself, or the next working day if it is none. Raises ValueError for negative days.
    """
    if days < 0:
        raise ValueError("a deadline cannot lie before its start")
    due, left = start, days
    while left or not calendar.is_working(due):
        due += _DAY
        if left and calendar.is_working(due):
            left -= 1
    return Deadline(due, _unannounced(start, due, calendar))


def add_calendar_days(start: dt.date, days: int) -> Deadline:
    """The date ``days`` natural days after ``start``: S4 matters do not wait for a working day."""
    return Deadline(start + days * _DAY)


def working_days_between(start: dt.date, end: dt.date, calendar: WorkCalendar = DEFAULT_CALENDAR) -> int:
    """How many working days after ``start`` up to and including ``end``; 0 where ``end`` is not later.

    The inverse of ``add_working_days``, and the days a rectification due on ``start`` is overdue on ``end``.
    """
    return _usual_days_between(start, end) if calendar is DEFAULT_CALENDAR else _days_between(start, end, calendar)


@lru_cache(maxsize=20_000)
def _usual_days_between(start: dt.date, end: dt.date) -> int:
    return _days_between(start, end, DEFAULT_CALENDAR)


def _days_between(start: dt.date, end: dt.date, calendar: WorkCalendar) -> int:
    days = (end - start).days
    return sum(1 for number in range(1, days + 1) if calendar.is_working(start + number * _DAY))


def uncertain_years(start: dt.date, end: dt.date, calendar: WorkCalendar = DEFAULT_CALENDAR) -> tuple[int, ...]:
    """The years between two days whose holidays are not announced: there ``working_days_between`` counts weekdays."""
    return _unannounced(start, end, calendar)


def _unannounced(start: dt.date, end: dt.date, calendar: WorkCalendar) -> tuple[int, ...]:
    return tuple(year for year in range(start.year, end.year + 1) if not calendar.is_announced(year))
