"""Units: the tree of city, district, town and school, the departments, and groups of schools."""

import datetime as dt

from sqlalchemy import CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from server.store.db import UtcDateTime

UNIT_KINDS = ("province", "city", "district", "town", "school", "department", "group")


class Unit(SQLModel, table=True):
    """A unit. ``path`` lists the ancestors' ids and its own: ``/1/4/27/``; a subtree is a prefix of it.

    ``stage`` is the code of the choice list ``stage`` (1 kindergarten ... 8 complete secondary) or "".
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(f"kind IN {UNIT_KINDS}", name="kind"),
        Index("ix_unit_path_pattern", "path", postgresql_ops={"path": "text_pattern_ops"}),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=16)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    path: str = Field(default="", sa_column=Column(Text, nullable=False))
    stage: str = Field(default="", max_length=8)
    enrolment: int | None = Field(default=None, ge=0)
    latitude: str = Field(default="", max_length=24)
    longitude: str = Field(default="", max_length=24)
    attributes: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    active: bool = Field(default=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)


class UnitMember(SQLModel, table=True):
    """A school's membership in a group (education group, general school, cluster, pair)."""

    __tablename__ = "unit_member"

    group_id: int = Field(foreign_key="unit.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)
    role: str = Field(default="", max_length=32)
