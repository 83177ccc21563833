"""What happened: the append-only record of who did what when. Undone events of some kinds are the jobs' queue."""

import datetime as dt
from collections.abc import Collection

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, Text, text, update
from sqlmodel import Field, SQLModel, col, select

from server.store.db import ReadSession, UtcDateTime, WriteSession

CHUNK = 500


class Event(SQLModel, table=True):
    """One event. ``pending`` is true until the jobs have dealt with it; most events never are."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_pending", "id", postgresql_where=text("pending"), sqlite_where=text("pending")),
        Index("ix_event_subject", "subject"),
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    kind: str = Field(max_length=64)
    subject: str = Field(default="", max_length=255)
    by_id: int | None = Field(default=None, foreign_key="person.id")
    at: dt.datetime = Field(sa_type=UtcDateTime)
    data: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    pending: bool = Field(default=False)


class JobSlot(SQLModel, table=True):
    """A job's turn: whoever inserts the row runs it, so that several schedulers run it once."""

    __tablename__ = "job_slot"

    job: str = Field(primary_key=True, max_length=64)
    slot: str = Field(primary_key=True, max_length=64)
    holder: str = Field(max_length=100)
    at: dt.datetime = Field(sa_type=UtcDateTime)


def record(
    session: WriteSession,
    kind: str,
    *,
    subject: str,
    by: int | None,
    at: dt.datetime,
    pending: bool = False,
    **data: object,
) -> None:
    """Append an event; every service that writes calls this in the same transaction."""
    text_of_data = orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode()
    session.add(Event(kind=kind, subject=subject, by_id=by, at=at, pending=pending, data=text_of_data))


def pending(session: ReadSession, limit: int) -> list[Event]:
    """The oldest events that the jobs have not dealt with."""
    return list(session.exec(select(Event).where(col(Event.pending)).order_by(col(Event.id)).limit(limit)))


def finish(session: WriteSession, ids: Collection[int]) -> None:
    """Mark events as dealt with."""
    listed = sorted(ids)
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        session.connection().execute(update(Event).where(col(Event.id).in_(chunk)).values(pending=False))


def slot_taken(session: ReadSession, job: str, slot: str) -> bool:
    """True if a job's turn was taken already."""
    return session.get(JobSlot, (job, slot)) is not None


def take_slot(session: WriteSession, job: str, slot: str, *, holder: str, at: dt.datetime) -> bool:
    """True if this caller is the first to take a job's turn."""
    if session.get(JobSlot, (job, slot)) is not None:
        return False
    session.add(JobSlot(job=job, slot=slot, holder=holder, at=at))
    session.flush()
    return True
