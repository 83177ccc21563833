"""Findings proposed by the rules or by an inspector; their lifecycle (scorecards.lifecycle) moves ``state``."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Text, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select

from server.store.db import UtcDateTime, WriteSession
from server.store.submissions import Submission


class Finding(SQLModel, table=True):
    """One problem at one unit. ``code`` is what people quote and what a re-check names (``finding_code``).
    ``department_id`` is set where the route is R4 and the cause is a department's."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("submission_id", "item", "repeat_index"),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
        CheckConstraint("route BETWEEN 1 AND 4", name="route"),
        Index("ix_finding_unit_state", "unit_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=255)
    unit_id: int = Field(foreign_key="unit.id")
    department_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    submission_id: int = Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), nullable=False))
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


def earlier_versions(session: WriteSession, root_id: str, number: int) -> list[Submission]:
    """The versions of a submission before this number."""
    query = select(Submission).where(col(Submission.root_id) == root_id, col(Submission.number) < number)
    return list(session.exec(query))


def of_submission(session: WriteSession, submission_id: int) -> set[tuple[str, int]]:
    """(item, repeat index) of the findings already made of a submission."""
    query = select(Finding.item, Finding.repeat_index).where(col(Finding.submission_id) == submission_id)
    return {(item, index) for item, index in session.exec(query)}


def open_items(session: WriteSession, unit_id: int) -> set[str]:
    """The items of a unit on which a finding is still open."""
    query = select(Finding.item).where(col(Finding.unit_id) == unit_id, col(Finding.closed_on).is_(None))
    return set(session.exec(query))


def with_code(session: WriteSession, code: str) -> Finding | None:
    """The finding that people quote by this code."""
    return session.exec(select(Finding).where(col(Finding.code) == code)).first() if code else None


def finder_of(session: WriteSession, finding: Finding) -> int | None:
    """Who made the observation behind a finding."""
    return session.exec(select(Submission.submitter_id).where(col(Submission.id) == finding.submission_id)).first()
