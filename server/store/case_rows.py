"""The statements behind acting on cases: rows locked for a step, numbers given out, receipts, the calendar."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from scorecards.lifecycle.engine import Taken
from server.store.cases import (
    CalendarDay,
    CaseDocument,
    CaseFile,
    CaseStep,
    ClockKey,
    DocumentFinding,
    DocumentSequence,
    MeasureRow,
)
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.submissions import Submission

AnySession = ReadSession | WriteSession


def lock_finding(session: WriteSession, finding_id: int) -> Finding:
    """A finding as it stands now, held until the transaction ends: whoever acts on it too waits and sees it moved."""
    query = select(Finding).where(col(Finding.id) == finding_id).with_for_update()
    return session.exec(query, execution_options={"populate_existing": True}).one()


def lock_measure(session: WriteSession, measure_id: int) -> MeasureRow:
    """A measure as it stands now, held until the transaction ends."""
    query = select(MeasureRow).where(col(MeasureRow.id) == measure_id).with_for_update()
    return session.exec(query, execution_options={"populate_existing": True}).one()


def next_number(session: WriteSession, kind: str, unit_id: int, year: int) -> int:
    """The next number of a kind of document of a district in a year; kept only if the transaction is."""
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    new = dialect.insert(DocumentSequence).values(kind=kind, unit_id=unit_id, year=year, last=1)
    counted = new.on_conflict_do_update(
        index_elements=["kind", "unit_id", "year"], set_={"last": col(DocumentSequence.last) + 1}
    ).returning(col(DocumentSequence.last))
    number: int = session.connection().execute(counted).scalar_one()
    return number


def add_document(session: WriteSession, document: CaseDocument, findings: Sequence[int]) -> CaseDocument:
    """Keep a document and the findings it is about, in their order."""
    session.add(document)
    session.flush()
    assert document.id is not None
    for position, finding in enumerate(findings):
        session.add(DocumentFinding(document_id=document.id, finding_id=finding, position=position))
    return document


def unacknowledged(session: WriteSession, finding_id: int) -> list[CaseDocument]:
    """The documents about a finding whose receipt nobody has acknowledged."""
    query = (
        select(CaseDocument)
        .join(DocumentFinding, col(DocumentFinding.document_id) == CaseDocument.id)
        .where(DocumentFinding.finding_id == finding_id, col(CaseDocument.acknowledged_at).is_(None))
    )
    return list(session.exec(query))


def submitter_of(session: AnySession, submission_id: int | None) -> int:
    """Who sent a submission; 0 for nobody."""
    if submission_id is None:
        return 0
    query = select(Submission.submitter_id).where(col(Submission.id) == submission_id)
    return session.exec(query).first() or 0


def overrides(session: AnySession) -> dict[dt.date, bool]:
    """The days on which the office's calendar differs from the announced one."""
    rows = session.exec(select(CalendarDay.day, CalendarDay.working))
    return dict(rows.all())


def calendar_days(session: AnySession, year: int | None = None) -> list[CalendarDay]:
    """The overrides, of one year or all, by day."""
    query = select(CalendarDay).order_by(col(CalendarDay.day))
    if year is not None:
        query = query.where(col(CalendarDay.day) >= dt.date(year, 1, 1), col(CalendarDay.day) <= dt.date(year, 12, 31))
    return list(session.exec(query))


def put_calendar_days(session: WriteSession, days: Iterable[CalendarDay]) -> None:
    """Put overrides in, in place of those of the same days."""
    for day in days:
        session.merge(day)


def submission_steps(
    session: AnySession, submissions: Collection[int], actions: Collection[str] = ()
) -> set[tuple[int, int]]:
    """(finding, submission) of the steps that these submissions have led to, of these actions where any are named."""
    found: set[tuple[int, int]] = set()
    listed = sorted(submissions)
    for start in range(0, len(listed), 400):
        query = select(CaseStep.finding_id, CaseStep.submission_id).where(
            col(CaseStep.submission_id).in_(listed[start : start + 400]),
            *([col(CaseStep.action).in_(sorted(actions))] if actions else []),
        )
        found |= {(finding or 0, submission or 0) for finding, submission in session.exec(query)}
    return found


def take_key(session: WriteSession, key: str, **row: Any) -> bool:
    """True if nobody has taken this key of the clock before; it is kept with this transaction."""
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(ClockKey).values(key=key, **row).on_conflict_do_nothing(index_elements=["key"])
    return bool(session.connection().execute(statement).rowcount)


def keys_taken(session: AnySession, keys: Collection[str]) -> set[str]:
    """Which of these keys are taken."""
    found: set[str] = set()
    listed = sorted(keys)
    for start in range(0, len(listed), 400):
        query = select(ClockKey.key).where(col(ClockKey.key).in_(listed[start : start + 400]))
        found.update(session.exec(query))
    return found


def relapse_days(session: AnySession, findings: Collection[int]) -> dict[int, list[dt.date]]:
    """The days on which these findings came back, oldest first."""
    found: dict[int, list[dt.date]] = {}
    listed = sorted(findings)
    for start in range(0, len(listed), 400):
        query = (
            select(CaseStep.finding_id, CaseStep.day)
            .where(col(CaseStep.finding_id).in_(listed[start : start + 400]), col(CaseStep.after) == "reopened")
            .where(col(CaseStep.before) != "reopened")
            .order_by(col(CaseStep.id))
        )
        for finding, day in session.exec(query):
            found.setdefault(finding or 0, []).append(day)
    return found


def add_step(
    session: WriteSession,
    matter: Finding | MeasureRow,
    taken: Taken,
    entered: Mapping[str, str],
    files: Iterable[Callable[[int], CaseFile]],
    **row: Any,
) -> CaseStep:
    """The step as the last of a matter that has moved already, with its files, each made of the step's id; ``row`` are
    the step's other columns."""
    step = CaseStep(
        finding_id=matter.id if isinstance(matter, Finding) else None,
        measure_id=matter.id if isinstance(matter, MeasureRow) else None,
        number=matter.steps,
        action=taken.step.action,
        before=taken.before,
        after=taken.after,
        fields=orjson.dumps(dict(entered), option=orjson.OPT_SORT_KEYS).decode(),
        **row,
    )
    session.add_all((matter, step))
    session.flush()
    assert step.id is not None
    session.add_all(make(step.id) for make in files)
    return step
