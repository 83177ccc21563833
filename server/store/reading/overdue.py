"""The statements behind the board of what is overdue: who must act, and how far it was urged."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import Row, case, func
from sqlmodel import col, select

from server.store.findings import Finding
from server.store.reading.ledgers import seen_from
from server.store.reading.lights import AnySession, Paths, late
from server.store.units import Unit

R4: Final = 4


def overdue_by_unit(session: AnySession, paths: Paths, today: dt.date) -> list[Row[Any]]:
    """(code, name, name_en, kind, overdue, of these S3 and S4, supervised, earliest due) of the units that must act,
    the one with the most overdue first."""
    actor = case(
        (col(Finding.route) == R4, func.coalesce(col(Finding.department_id), col(Finding.unit_id))),
        else_=col(Finding.unit_id),
    )
    grave = func.sum(case((col(Finding.severity) >= 3, 1), else_=0))
    red = func.sum(case((col(Finding.level) == 3, 1), else_=0))
    number = func.count()
    query = (
        select(
            Unit.code,
            Unit.name,
            Unit.name_en,
            Unit.kind,
            number.label("overdue"),
            grave.label("grave"),
            red.label("supervised"),
            func.min(col(Finding.due_on)).label("earliest"),
        )
        .join(Unit, col(Unit.id) == actor)
        .where(seen_from(paths), late(today))
        .group_by(Unit.id, Unit.code, Unit.name, Unit.name_en, Unit.kind)
        .order_by(number.desc(), col(Unit.code))
    )
    return list(session.connection().execute(query))


def overdue_by_level(session: AnySession, paths: Paths, today: dt.date) -> dict[int, int]:
    """How many overdue findings stand at each level of urging."""
    query = select(Finding.level, func.count()).where(seen_from(paths), late(today)).group_by(col(Finding.level))
    return dict(session.exec(query).all())
