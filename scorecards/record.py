"""What a school's card rests on besides its dimensions, from its findings, vetoes and past lights (D-3, L1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from forms.meaning import Light, Measure, quarter_of
from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, working_days_between
from scorecards.department import Duty
from scorecards.repeats import PastCard
from scorecards.school import Overdue, SchoolRecord, Veto

SERIOUS_ROUTE: Final = 3
MOST_SERIOUS: Final = 4


@dataclass(frozen=True, slots=True)
class FindingFacts:
    """A finding as scoring needs it. ``department`` is the department's unit where it was routed R4, else 0.

    ``submission``, ``item`` and ``repeat_index`` name the answer it was made of.
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

    def is_open(self, day: dt.date) -> bool:
        """Was it not yet closed on a day?"""
        return self.closed_on is None or self.closed_on > day

    def days_overdue(self, day: dt.date, calendar: WorkCalendar = DEFAULT_CALENDAR) -> int:
        """Working days past its due date while still open, else 0."""
        return working_days_between(self.due_on, day, calendar) if self.is_open(day) else 0


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
) -> SchoolRecord:
    """A school's record on a day of a quarter. Findings of a department (R4) are not the school's."""
    own = [finding for finding in findings if not finding.department and finding.found_on <= as_of]
    still_open = [finding for finding in own if finding.is_open(as_of)]
    late = [(finding, finding.days_overdue(as_of)) for finding in still_open]
    return SchoolRecord(
        quarter,
        visits=visits,
        vetoes=vetoes_of(findings, observed),
        overdue=tuple(Overdue(finding.code, finding.severity, days) for finding, days in late if days > 0),
        false_evidence=sum(1 for finding in own if finding.state == "false"),
        open_r3=sum(1 for finding in still_open if finding.route == SERIOUS_ROUTE),
        open_s4=sum(1 for finding in still_open if finding.severity == MOST_SERIOUS),
        past=tuple(sorted(past, key=lambda card: card.quarter)),
    )


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
    """The duty that a finding routed R4 puts on its department: to answer by the due date."""
    answered = not finding.is_open(as_of)
    due = finding.due_on <= as_of
    return Duty(finding.code, r4=True, due=due, on_time=answered, overdue_days=finding.days_overdue(as_of))
