"""Live cards (what the lights show now) and frozen quarters."""

import datetime as dt

from sqlalchemy import Column, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from server.store.db import UtcDateTime


class LiveCard(SQLModel, table=True):
    """A unit's card in a quarter as of now. ``dimensions`` is small JSON for matrices, ``card`` the whole of it.

    ``frozen`` is the light of the quarter's newest snapshot: what later quarters take as the published one.
    """

    __tablename__ = "live_card"

    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    quarter: int = Field(primary_key=True, index=True)
    light: int
    managed_as: int
    frozen: int | None = Field(default=None)
    score: int | None = Field(default=None)
    dimensions: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    card: str = Field(sa_column=Column(Text, nullable=False))
    computed_at: dt.datetime = Field(sa_type=UtcDateTime)


class Snapshot(SQLModel, table=True):
    """A frozen quarter of a project: canonical JSON and its SHA-256; a correction is a further version."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("project_id", "quarter", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    quarter: int
    version: int = Field(default=1, ge=1)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sha256: str = Field(max_length=64)
    as_of: dt.datetime = Field(sa_type=UtcDateTime)
    frozen_by: int | None = Field(default=None, foreign_key="person.id")
    frozen_at: dt.datetime = Field(sa_type=UtcDateTime)
