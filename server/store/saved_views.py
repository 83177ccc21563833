"""The filters of a ledger that somebody keeps under a name."""

import datetime as dt

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel, UniqueConstraint, col, select

from server.store.db import UtcDateTime
from server.store.reading.lights import AnySession


class SavedView(SQLModel, table=True):
    """A ledger's filters that somebody keeps under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "ledger", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    ledger: str = Field(max_length=32)
    name: str = Field(max_length=60)
    query: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


def views_of(session: AnySession, person_id: int, ledger: str) -> list[SavedView]:
    """The filters of a ledger that somebody keeps, by name."""
    query = select(SavedView).where(col(SavedView.person_id) == person_id, col(SavedView.ledger) == ledger)
    return list(session.exec(query.order_by(col(SavedView.name))))


def view_of(session: AnySession, person_id: int, view_id: int) -> SavedView | None:
    """One of somebody's own kept filters."""
    query = select(SavedView).where(col(SavedView.id) == view_id, col(SavedView.person_id) == person_id)
    return session.exec(query).first()
