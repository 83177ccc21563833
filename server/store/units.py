"""Units: the tree of city, district, town and school, the departments, and groups of schools."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Column, Index, Text, delete, func, update
from sqlmodel import Field, SQLModel, col, or_, select

from server.store.db import ReadSession, UtcDateTime, WriteSession

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


class UnitLine(NamedTuple):
    """What intake needs of a unit."""

    code: str
    id: int
    path: str
    kind: str
    stage: str
    enrolment: int | None
    attributes: str


class UnitMember(SQLModel, table=True):
    """A school's membership in a group (education group, general school, cluster, pair)."""

    __tablename__ = "unit_member"

    group_id: int = Field(foreign_key="unit.id", primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)
    role: str = Field(default="", max_length=32)


def unit_by_code(session: ReadSession | WriteSession, code: str) -> Unit | None:
    """The unit with this code."""
    return session.exec(select(Unit).where(col(Unit.code) == code)).first()


def units_beside(session: ReadSession | WriteSession, code: str, most: int) -> list[UnitLine]:
    """The active unit with this code and up to ``most`` active ones under the same parent, plain: no mapped objects."""
    parent = select(Unit.parent_id).where(col(Unit.code) == code).scalar_subquery()
    statement = (
        select(Unit.code, Unit.id, Unit.path, Unit.kind, Unit.stage, Unit.enrolment, Unit.attributes)
        .where(or_(col(Unit.code) == code, col(Unit.parent_id) == parent), col(Unit.active))
        .order_by(col(Unit.code) != code)
        .limit(most + 1)
    )
    return [UnitLine(*row) for row in session.connection().execute(statement)]


def all_units(session: ReadSession | WriteSession) -> list[Unit]:
    """Every unit, parents before their children."""
    return sorted(session.exec(select(Unit)), key=lambda unit: (unit.path.count("/"), unit.code))


def units_below(
    session: ReadSession | WriteSession,
    paths: Sequence[str],
    *,
    kinds: Sequence[str] = (),
    active: bool = True,
) -> list[Unit]:
    """The units whose path begins with one of ``paths`` (those units included), by code; no path means none."""
    if not paths:
        return []
    statement = select(Unit).where(or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths)))
    if kinds:
        statement = statement.where(col(Unit.kind).in_(kinds))
    if active:
        statement = statement.where(col(Unit.active))
    return list(session.exec(statement.order_by(col(Unit.code))))


def units_with_ids(session: ReadSession | WriteSession, ids: Iterable[int]) -> dict[int, Unit]:
    """Units by their ids."""
    return {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_(list(ids)))) if unit.id}


def members_of(session: ReadSession | WriteSession, group_id: int) -> list[Unit]:
    """The schools of a group, by code."""
    return list(
        session.exec(
            select(Unit)
            .join(UnitMember, col(UnitMember.unit_id) == Unit.id)
            .where(col(UnitMember.group_id) == group_id)
            .order_by(col(Unit.code))
        )
    )


def memberships(session: ReadSession | WriteSession) -> dict[int, dict[int, str]]:
    """Every membership: unit id to group id to role."""
    found: dict[int, dict[int, str]] = {}
    for row in session.exec(select(UnitMember)):
        found.setdefault(row.unit_id, {})[row.group_id] = row.role
    return found


def forget_memberships(session: WriteSession, unit_id: int) -> None:
    """Take a unit out of all its groups."""
    session.exec(delete(UnitMember).where(col(UnitMember.unit_id) == unit_id))


def move_subtree(session: WriteSession, old_path: str, new_path: str) -> None:
    """Give a unit and all below it the paths of their new place."""
    session.exec(
        update(Unit)
        .where(col(Unit.path).startswith(old_path, autoescape=True))
        .values(path=new_path + func.substr(col(Unit.path), len(old_path) + 1))
        .execution_options(synchronize_session=False)
    )
