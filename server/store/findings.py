"""Findings proposed by the rules or by an inspector; their lifecycle (scorecards.lifecycle) moves ``state``."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Text, UniqueConstraint, insert, or_
from sqlmodel import Field, SQLModel, col, select

from server.store.db import UtcDateTime, WriteSession
from server.store.submissions import Submission


class Finding(SQLModel, table=True):
    """One problem at one unit. ``code`` is what people quote and what a re-check names (``finding_code``).

    ``department_id`` is set where the route is R4 and the cause is a department's. ``submission_id`` is None for a
    finding opened by hand. ``due_on`` is the limit of the rectification, provisional until ``told_on``, the day on
    which the school (R4: the department) was told it; ``step_due_on`` is the limit of whoever's turn it is now.
    ``handed_on`` is the day on which they did their part (evidence, answer), None while it is theirs to do.
    ``draw_id`` is the draw that decided about ``on_site``, that a visit is due; ``checked_on_site`` says that the last
    re-check was one. ``level`` 0-3 is U0-U3. ``steps`` counts the steps taken: whoever acts on a finding that moved
    meanwhile is refused. ``facts`` are further facts of the lifecycle (scorecards.lifecycle.rectification), JSON.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("submission_id", "item", "repeat_index"),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("route BETWEEN 1 AND 4", name="route"),
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        Index("ix_finding_unit_state", "unit_id", "state"),
        Index("ix_finding_state_due", "state", "due_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=255)
    unit_id: int = Field(foreign_key="unit.id")
    department_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    submission_id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), nullable=True)
    )
    quarter: int
    item: str = Field(max_length=200)
    repeat_index: int = Field(default=0)
    title: str = Field(sa_column=Column(Text, nullable=False))
    title_en: str = Field(default="", sa_column=Column(Text, nullable=False))
    fact: str = Field(default="", sa_column=Column(Text, nullable=False))
    indicators: str = Field(default="", max_length=500)
    light: int = Field(default=3)
    severity: int
    route: int
    days: int
    found_on: dt.date
    due_on: dt.date
    photos: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    state: str = Field(default="proposed", max_length=32)
    closed_on: dt.date | None = Field(default=None)
    veto: int = Field(default=0)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    original_severity: int = Field(default=0)
    original_due_on: dt.date | None = Field(default=None)
    told_on: dt.date | None = Field(default=None)
    step_due_on: dt.date | None = Field(default=None)
    step_due_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    level: int = Field(default=0)
    extensions: int = Field(default=0)
    plan_returns: int = Field(default=0)
    reopened: int = Field(default=0)
    reopened_on: dt.date | None = Field(default=None)
    false_on: dt.date | None = Field(default=None)
    handed_on: dt.date | None = Field(default=None)
    watch_until: dt.date | None = Field(default=None)
    on_site: bool = Field(default=False)
    checked_on_site: bool = Field(default=False)
    draw_id: int | None = Field(default=None, foreign_key="recheck_draw.id")
    responsible: str = Field(default="", max_length=100)
    rectifier_id: int | None = Field(default=None, foreign_key="person.id")
    rechecker_id: int | None = Field(default=None, foreign_key="person.id")
    verified_by_id: int | None = Field(default=None, foreign_key="person.id")
    opened_by_id: int | None = Field(default=None, foreign_key="person.id")
    merged_into_id: int | None = Field(default=None, foreign_key="finding.id")
    department_answer: str = Field(default="", sa_column=Column(Text, nullable=False))
    steps: int = Field(default=0)
    changed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    facts: str = Field(default="{}", sa_column=Column(Text, nullable=False))


def earlier_versions(session: WriteSession, root_id: str, number: int) -> list[Submission]:
    """The versions of a submission before this number."""
    query = select(Submission).where(col(Submission.root_id) == root_id, col(Submission.number) < number)
    return list(session.exec(query))


def submissions_with_ids(session: WriteSession, ids: Collection[int]) -> dict[int, Submission]:
    """Submissions by id."""
    found: dict[int, Submission] = {}
    for chunk in _chunks(ids):
        for row in session.exec(select(Submission).where(col(Submission.id).in_(chunk))):
            assert row.id is not None
            found[row.id] = row
    return found


def of_submissions(session: WriteSession, ids: Collection[int]) -> dict[int, set[tuple[str, int]]]:
    """(item, repeat index) of the findings already made of submissions, by submission."""
    found: dict[int, set[tuple[str, int]]] = {}
    for chunk in _chunks(ids):
        query = select(Finding.submission_id, Finding.item, Finding.repeat_index)
        for submission, item, index in session.exec(query.where(col(Finding.submission_id).in_(chunk))):
            found.setdefault(submission, set()).add((item, index))
    return found


class Line(NamedTuple):
    """What finding the same again asks of a finding."""

    id: int
    code: str
    unit_id: int
    item: str
    repeat_index: int
    severity: int
    state: str
    found_on: dt.date
    closed_on: dt.date | None
    reopened: int


def lines_of(session: WriteSession, units: Collection[int], since: dt.date) -> dict[int, list[Line]]:
    """The findings of these units that are open or were closed since a day, by unit; every unit asked for is in it."""
    found: dict[int, list[Line]] = {unit: [] for unit in units}
    columns = [getattr(Finding, name) for name in Line._fields]
    for chunk in _chunks(units):
        query = select(*columns).where(col(Finding.unit_id).in_(chunk))
        query = query.where(or_(col(Finding.closed_on).is_(None), col(Finding.closed_on) >= since))
        for row in session.connection().execute(query):
            found[row.unit_id].append(Line(*row))
    return found


def with_id(session: WriteSession, finding_id: int) -> Finding:
    """A finding by its id."""
    return session.get_one(Finding, finding_id)


def of_submission(session: WriteSession, submission_id: int) -> list[Finding]:
    """The findings made of a submission."""
    return list(session.exec(select(Finding).where(col(Finding.submission_id) == submission_id)))


def codes_taken(session: WriteSession, codes: Collection[str]) -> set[str]:
    """Which of these codes are in use."""
    found: set[str] = set()
    for chunk in _chunks(codes):
        found.update(session.exec(select(Finding.code).where(col(Finding.code).in_(chunk))))
    return found


def insert_findings(session: WriteSession, rows: Sequence[dict[str, object]]) -> None:
    """Add findings."""
    if rows:
        session.connection().execute(insert(Finding), list(rows))


Key = TypeVar("Key", int, str)


def _chunks(keys: Collection[Key]) -> Iterator[list[Key]]:
    listed = sorted(keys)
    for start in range(0, len(listed), 400):
        yield listed[start : start + 400]


def with_code(session: WriteSession, code: str) -> Finding | None:
    """The finding that people quote by this code."""
    return session.exec(select(Finding).where(col(Finding.code) == code)).first() if code else None
