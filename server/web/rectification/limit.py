"""A time limit as people read it: the day, how much of it is left, by which rule it was counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from forms.meaning import Light
from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, uncertain_years, working_days_between

if TYPE_CHECKING:
    from server.store.findings import Finding
    from server.web.render import Page

SOON: Final = 3
NEVER: Final = 10_000


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit. ``light`` gives colour and shape: red overdue, yellow soon, green time left, grey no
    limit. ``order`` sorts the most pressing first."""

    light: int
    words: str
    day: str
    order: int

    @property
    def overdue(self) -> bool:
        return self.light == Light.RED

    @property
    def soon(self) -> bool:
        return self.light == Light.YELLOW


def left_of(
    page: Page,
    due_on: dt.date | None,
    *,
    due_at: dt.datetime | None = None,
    calendar: WorkCalendar = DEFAULT_CALENDAR,
    open_: bool = True,
) -> Left:
    """What is left of a limit today, in the reader's language; hours where the limit is one of hours."""
    if due_on is None or not open_:
        return Left(int(Light.GREY), page.t("desk.no_limit"), str(due_on or ""), NEVER)
    if due_at is not None:
        return _hours(page, due_at)
    today = page.context.today()
    if due_on < today:
        late = max(1, working_days_between(due_on, today, calendar))
        return Left(int(Light.RED), page.t("finding.late", days=late), str(due_on), -late)
    days = working_days_between(today, due_on, calendar)
    words = page.t("finding.today") if due_on == today else page.t("finding.left", days=days)
    return Left(int(Light.YELLOW if days <= SOON else Light.GREEN), words, str(due_on), days)


def told_left(page: Page, finding: Finding, calendar: WorkCalendar) -> Left:
    """What is left of a finding's own limit, once told; it stands still while others check what was handed in."""
    left = left_of(page, finding.due_on, calendar=calendar)
    if finding.handed_on is not None:
        return Left(int(Light.GREY), page.t("limit.handed"), left.day, left.order)
    return left


def left_of_finding(page: Page, finding: Finding, calendar: WorkCalendar) -> Left:
    """What is left for whoever's turn it is on a finding, else of the finding's own limit once it was told.

    A limit that nobody was told is not late; it only orders what is to be told first.
    """
    if finding.step_due_on is not None:
        return left_of(page, finding.step_due_on, due_at=finding.step_due_at, calendar=calendar)
    if finding.closed_on is not None:
        return left_of(page, None)
    if finding.told_on is None:
        return Left(int(Light.GREY), page.t("limit.not_begun"), "", left_of(page, finding.due_on).order)
    return told_left(page, finding, calendar)


def _hours(page: Page, due_at: dt.datetime) -> Left:
    hours, minutes = divmod(int((due_at - page.context.clock()).total_seconds()) // 60, 60)
    if hours < 0:
        late = -hours - 1 if minutes else -hours
        words = page.t("limit.days_late", days=late // 24) if late >= 48 else page.t("limit.hours_late", hours=late)
        return Left(int(Light.RED), words, page.moment(due_at), -1 - late // 24)
    return Left(int(Light.YELLOW), page.t("limit.hours", hours=hours), page.moment(due_at), 0)


def rule_of(
    page: Page, start: dt.date, due_on: dt.date, *, natural: bool, calendar: WorkCalendar = DEFAULT_CALENDAR
) -> str:
    """The sentence that says how a limit was counted, so that a school can count it again."""
    if natural:
        return page.t("limit.rule.natural", start=start, count=(due_on - start).days)
    days = working_days_between(start, due_on, calendar)
    said = [page.t("limit.rule.working", start=start, count=days)]
    free = (due_on - start).days - days
    if free > 0:
        said.append(page.t("limit.free", count=free))
    years = uncertain_years(start, due_on, calendar)
    if years:
        said.append(page.t("limit.uncertain", years=", ".join(map(str, years))))
    return " ".join(said)
