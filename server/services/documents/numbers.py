"""Numbered documents of cases: a number of the district's own sequence, given out with the step that needs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from server.store import case_rows
from server.store.cases import CaseDocument, CaseStep
from server.store.db import WriteSession


def issue(
    session: WriteSession,
    kind: str,
    *,
    district_id: int,
    unit_id: int,
    on: dt.date,
    due_on: dt.date | None = None,
    step: CaseStep | None = None,
    findings: Sequence[int] = (),
    measure_id: int | None = None,
) -> CaseDocument:
    """A document with the next number of its kind, district and year. It counts as delivered by this system at once.

    The number is final only with the transaction: one that is rolled back leaves no gap.
    """
    number = case_rows.next_number(session, kind, district_id, on.year)
    document = CaseDocument(
        kind=kind,
        district_id=district_id,
        year=on.year,
        number=number,
        unit_id=unit_id,
        step_id=step.id if step else None,
        measure_id=measure_id,
        issued_on=on,
        due_on=due_on,
        delivered_at=step.at if step else None,
    )
    return case_rows.add_document(session, document, findings)
