"""Lists of findings."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.units import Unit


def findings_at(session: ReadSession, unit: Unit) -> list[Finding]:
    """The findings of a unit or routed to it, newest first."""
    query = (
        select(Finding)
        .where(or_(col(Finding.unit_id) == unit.id, col(Finding.department_id) == unit.id))
        .order_by(col(Finding.found_on).desc(), col(Finding.code))
    )
    return list(session.exec(query))


# A re-check may name what is confirmed and still open, and what is under watch.
BEFORE = ("proposed", "withdrawn", "merged")


def recheckable() -> ColumnElement[bool]:
    """The condition that a re-check may name a finding."""
    still = or_(col(Finding.closed_on).is_(None), col(Finding.state) == "watching")
    return and_(still, col(Finding.state).not_in(BEFORE))


def to_recheck(session: ReadSession | WriteSession, paths: Sequence[str]) -> list[tuple[Finding, str]]:
    """(finding, unit code) of what a re-check below these paths may name, by code; no path means none."""
    if not paths:
        return []
    query = (
        select(Finding, Unit.code)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .where(or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths)))
        .where(recheckable())
        .order_by(col(Finding.code))
    )
    return [(finding, code) for finding, code in session.exec(query)]
