"""The statements behind measures."""

import datetime as dt

from sqlalchemy import update
from sqlmodel import col, select

from server.store.cases import CaseDocument, MeasurePerson, MeasureRow
from server.store.db import ReadSession, WriteSession

AnySession = ReadSession | WriteSession


def free_code(session: AnySession, wanted: str) -> str:
    """This code, with -2, -3 ... behind it where it is taken."""
    taken = set(session.exec(select(MeasureRow.code).where(col(MeasureRow.code).startswith(wanted, autoescape=True))))
    number, code = 1, wanted
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code


def known_origin(session: AnySession, origin: str) -> bool:
    """Was a measure proposed from this origin before?"""
    return session.exec(select(MeasureRow.id).where(col(MeasureRow.origin) == origin)).first() is not None


def earlier_kinds(session: AnySession, measure: MeasureRow) -> frozenset[str]:
    """The kinds of measures decided before in the same matter: about the same finding, else at the same unit."""
    query = select(MeasureRow.kind).where(
        col(MeasureRow.unit_id) == measure.unit_id,
        col(MeasureRow.id) != measure.id,
        col(MeasureRow.decided_on).is_not(None),
        col(MeasureRow.state).not_in(("withdrawn", "rejected")),
    )
    if measure.finding_id is not None:
        query = query.where(col(MeasureRow.finding_id) == measure.finding_id)
    return frozenset(session.exec(query))


def persons_of(session: AnySession, measure_id: int) -> list[MeasurePerson]:
    """The persons that a measure names."""
    query = select(MeasurePerson).where(col(MeasurePerson.measure_id) == measure_id).order_by(col(MeasurePerson.id))
    return list(session.exec(query))


def with_code(session: AnySession, code: str) -> MeasureRow | None:
    """The measure with this code."""
    return session.exec(select(MeasureRow).where(col(MeasureRow.code) == code)).first()


def acknowledge(session: WriteSession, measure_id: int, *, at: dt.datetime, by: int | None) -> None:
    """Mark the documents of a measure as received."""
    session.exec(
        update(CaseDocument)
        .where(col(CaseDocument.measure_id) == measure_id, col(CaseDocument.acknowledged_at).is_(None))
        .values(acknowledged_at=at, acknowledged_by_id=by)
        .execution_options(synchronize_session=False)
    )
