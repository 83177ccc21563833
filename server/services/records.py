"""What a school's card rests on besides its dimensions: visits, vetoes, delays, past lights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forms.meaning import Light, Measure, quarter_before, quarter_of
from scorecards.deadlines import working_days_between
from scorecards.repeats import PastCard
from scorecards.school import Overdue, SchoolRecord, Veto
from server.store import facts
from server.store.db import ReadSession
from server.store.facts import VISIT_KINDS, Visit
from server.store.findings import Finding

SERIOUS_ROUTE, MOST_SERIOUS = 3, 4


def school_records(
    session: ReadSession,
    schools: Sequence[int],
    quarter: int,
    as_of: dt.date,
    visits: Mapping[int, list[Visit]],
    observed: Mapping[int, list[Any]],
) -> dict[int, SchoolRecord]:
    """The records of these schools at the end of a quarter, or today if it still runs."""
    findings = facts.findings_of(session, schools, as_of)
    earlier = [quarter_before(quarter, step) for step in (1, 2, 3)]
    past = facts.past_lights(session, schools, earlier)
    return {
        school: _record(
            quarter,
            as_of,
            visits.get(school, ()),
            [finding for finding in findings.get(school, ()) if finding.department_id is None],
            observed.get(school, ()),
            tuple(PastCard(name, Light(light)) for name, light in sorted(past.get(school, ()))),
        )
        for school in schools
    }


def _record(
    quarter: int,
    as_of: dt.date,
    visits: Iterable[Visit],
    findings: Sequence[Finding],
    observed: Iterable[Any],
    past: tuple[PastCard, ...],
) -> SchoolRecord:
    open_ones = [finding for finding in findings if is_open(finding, as_of)]
    return SchoolRecord(
        quarter,
        visits=sum(1 for visit in visits if visit.kind in VISIT_KINDS),
        vetoes=vetoes_of(findings, observed),
        overdue=tuple(
            Overdue(finding.code, finding.severity, working_days_between(finding.due_on, as_of))
            for finding in open_ones
            if finding.due_on < as_of
        ),
        false_evidence=sum(
            1 for finding in findings if finding.state == "false" and quarter_of(finding.found_on) <= quarter
        ),
        open_r3=sum(1 for finding in open_ones if finding.route == SERIOUS_ROUTE),
        open_s4=sum(1 for finding in open_ones if finding.severity == MOST_SERIOUS),
        past=past,
    )


def is_open(finding: Finding, day: dt.date) -> bool:
    """True if a finding was not yet closed on a day."""
    return finding.closed_on is None or finding.closed_on > day


def vetoes_of(findings: Iterable[Finding], observed: Iterable[Any]) -> tuple[Veto, ...]:
    """The vetoes confirmed by red answers; each is closed when the finding made of that answer is."""
    closed = {(finding.submission_id, finding.item, finding.repeat_index): finding.closed_on for finding in findings}
    found = set()
    for row in observed:
        if row.veto and row.measure == Measure.LIGHT and row.light == Light.RED:
            day = closed.get((row.submission, row.item, row.repeat_index))
            found.add(Veto(row.veto, row.quarter, quarter_of(day) if day else None))
    return tuple(sorted(found, key=lambda veto: (veto.quarter, veto.code)))
