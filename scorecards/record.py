"""What a school's card rests on besides its dimensions, from its findings, vetoes and past lights (D-3, L1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from forms.meaning import Light, Measure, quarter_of
from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, working_days_between
from scorecards.department import Duty
from scorecards.lifecycle.dates import months_after
from scorecards.repeats import PastCard
from scorecards.school import Overdue, Relapse, SchoolRecord, Veto

SERIOUS_ROUTE: Final = 3
MOST_SERIOUS: Final = 4
ALWAYS: Final = dt.date.min


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """A finding as scoring needs it. ``department`` is the department's unit where it was routed R4, else 0.

    ``submission`` (0 by hand), ``item`` and ``repeat_index`` name the answer it was made of. ``told_on`` is the day on
    which the school, or the department, was told its limit: None not yet, ``ALWAYS`` where nobody kept it.
    ``handed_on`` is the day on which they handed in what was asked (evidence, an answer), None while it is their turn.
    ``false_on`` is the day on which false evidence was last proven, ``relapsed`` the days on which it came back.
    """

    code: str
    unit: int
    submission: int
    item: str
    repeat_index: int
    severity: int
    route: int
    state: str
    found_on: dt.date
    due_on: dt.date
    closed_on: dt.date | None = None
    department: int = 0
    told_on: dt.date | None = ALWAYS
    handed_on: dt.date | None = None
    false_on: dt.date | None = None
    relapsed: tuple[dt.date, ...] = ()

    def is_open(self, day: dt.date) -> bool:
        """Was it not yet closed on a day?"""
        return self.closed_on is None or self.closed_on > day

    def days_overdue(self, day: dt.date, calendar: WorkCalendar = DEFAULT_CALENDAR) -> int:
        """Working days past its due date while still open, else 0.

        A limit counts only once it was told, and stands still while what was handed in waits for others.
        """
        if not self.is_open(day) or not self.is_told(day):
            return 0
        last = day if self.handed_on is None else min(day, self.handed_on)
        return working_days_between(self.due_on, last, calendar)

    def is_told(self, day: dt.date) -> bool:
        """Had its limit been told by a day?"""
        return self.told_on is not None and self.told_on <= day

    def is_false(self, quarter: int, day: dt.date) -> bool:
        """Does proven false evidence stand, or was it proven in this quarter?"""
        if self.state == "false":
            return True
        return self.false_on is not None and self.false_on <= day and quarter_of(self.false_on) == quarter


class ObservationRow(Protocol):
    """The columns of an observation that say whether it is a veto."""

    @property
    def submission(self) -> int: ...
    @property
    def quarter(self) -> int: ...
    @property
    def item(self) -> str: ...
    @property
    def measure(self) -> int: ...
    @property
    def light(self) -> int: ...
    @property
    def repeat_index(self) -> int: ...
    @property
    def veto(self) -> int: ...


def school_record(
    quarter: int,
    as_of: dt.date,
    *,
    visits: int,
    findings: Sequence[FindingFacts],
    observed: Iterable[ObservationRow],
    past: Iterable[PastCard],
    months: int = 12,
) -> SchoolRecord:
    """A school's record on a day of a quarter. Findings of a department (R4) are not the school's.

    Relapses count for ``months`` months.
    """
    own = [finding for finding in findings if not finding.department and finding.found_on <= as_of]
    still_open = [finding for finding in own if finding.is_open(as_of)]
    late = [(finding, finding.days_overdue(as_of)) for finding in still_open]
    return SchoolRecord(
        quarter,
        visits=visits,
        vetoes=vetoes_of(findings, observed),
        overdue=tuple(Overdue(finding.code, finding.severity, days) for finding, days in late if days > 0),
        false_evidence=sum(1 for finding in own if finding.is_false(quarter, as_of)),
        relapses=relapses_of(own, as_of, months),
        open_r3=sum(1 for finding in still_open if finding.route == SERIOUS_ROUTE),
        open_s4=sum(1 for finding in still_open if finding.severity == MOST_SERIOUS),
        past=tuple(sorted(past, key=lambda card: card.quarter)),
    )


def relapses_of(findings: Iterable[FindingFacts], as_of: dt.date, months: int) -> tuple[Relapse, ...]:
    """The findings that came back within so many months before a day, and how often."""
    found = []
    for finding in findings:
        times = sum(1 for day in finding.relapsed if day <= as_of <= months_after(day, months))
        if times:
            found.append(Relapse(finding.code, finding.severity, times))
    return tuple(found)


def vetoes_of(findings: Iterable[FindingFacts], observed: Iterable[ObservationRow]) -> tuple[Veto, ...]:
    """The vetoes confirmed by red answers; each is closed when the finding made of that answer is."""
    closed = {(finding.submission, finding.item, finding.repeat_index): finding.closed_on for finding in findings}
    found = set()
    for row in observed:
        if row.veto and row.measure == Measure.LIGHT and row.light == Light.RED:
            day = closed.get((row.submission, row.item, row.repeat_index))
            found.add(Veto(row.veto, row.quarter, quarter_of(day) if day else None))
    return tuple(sorted(found, key=lambda veto: (veto.quarter, veto.code, veto.closed or 0)))


def consultation(finding: FindingFacts, as_of: dt.date) -> Duty:
    """The duty that a finding routed R4 puts on its department: to answer by the due date, then to do what it said.

    An answer that came late is no longer overdue, and was not on time.
    """
    handed = finding.handed_on if finding.handed_on is not None and finding.handed_on <= as_of else None
    answered = not finding.is_open(as_of) or (handed is not None and handed <= finding.due_on)
    late = 0 if handed is not None else finding.days_overdue(as_of)
    return Duty(finding.code, r4=True, due=finding.due_on <= as_of, on_time=answered, overdue_days=late)
