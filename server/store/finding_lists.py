"""Lists of findings."""

from sqlmodel import col, or_, select

from server.store.db import ReadSession
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
