"""What the clock looks at: findings and measures that may become due, plain, and the draws."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, or_, update
from sqlmodel import col, select

from server.store.cases import Draw, MeasureRow
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.forms import Project
from server.store.lights import Snapshot
from server.store.units import Unit

AnySession = ReadSession | WriteSession
CLOSED_FOR = dt.timedelta(days=26)  # no relapse counts for less than a month


class Waiting(NamedTuple):
    """A finding as the clock's rules need it."""

    id: int
    code: str
    state: str
    severity: int
    route: int
    level: int
    due_on: dt.date
    told_on: dt.date | None
    step_due_on: dt.date | None
    step_due_at: dt.datetime | None
    closed_on: dt.date | None
    created_at: dt.datetime
    facts: str
    path: str


def waiting(session: AnySession, today: dt.date) -> list[Waiting]:
    """The findings that the calendar may move: open, under watch, or closed for long."""
    columns = [getattr(Finding, name) for name in Waiting._fields if name != "path"]
    query = (
        select(*columns, Unit.path)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .where(
            or_(
                col(Finding.closed_on).is_(None),
                col(Finding.state) == "watching",
                (col(Finding.state) == "closed") & (col(Finding.closed_on) <= today - CLOSED_FOR),
            )
        )
        .order_by(col(Finding.id))
    )
    return [Waiting(*row) for row in session.connection().execute(query)]


class WaitingMeasure(NamedTuple):
    """A measure as the clock's rules need it."""

    id: int
    code: str
    kind: str
    state: str
    proposed_on: dt.date
    step_due_on: dt.date | None
    facts: str
    path: str


def waiting_measures(session: AnySession) -> list[WaitingMeasure]:
    """The measures that are not over."""
    columns = [getattr(MeasureRow, name) for name in WaitingMeasure._fields if name != "path"]
    query = (
        select(*columns, Unit.path)
        .join(Unit, col(Unit.id) == MeasureRow.unit_id)
        .where(col(MeasureRow.closed_on).is_(None))
        .order_by(col(MeasureRow.id))
    )
    return [WaitingMeasure(*row) for row in session.connection().execute(query)]


def taken_measures(session: AnySession, findings: Collection[int]) -> dict[int, list[tuple[str, dt.date]]]:
    """(kind, day) of the talks held and circulars decided about these findings, by finding."""
    found: dict[int, list[tuple[str, dt.date]]] = {}
    listed = sorted(findings)
    for start in range(0, len(listed), 400):
        query = select(MeasureRow.finding_id, MeasureRow.kind, MeasureRow.held_on, MeasureRow.decided_on).where(
            col(MeasureRow.finding_id).in_(listed[start : start + 400]),
            col(MeasureRow.state).not_in(("withdrawn", "rejected")),
        )
        for finding, kind, held, decided in session.exec(query):
            day = held if kind == "interview" else decided
            if day is not None:
                found.setdefault(finding or 0, []).append((kind, day))
    return found


def undrawn(session: AnySession, path: str, below: int) -> list[tuple[int, str]]:
    """(id, code) of the findings below a severity whose evidence waits and that were in no draw yet."""
    query = (
        select(Finding.id, Finding.code)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .where(
            col(Unit.path).startswith(path, autoescape=True),
            col(Finding.state).in_(("evidence", "rechecking")),
            col(Finding.severity) < below,
            col(Finding.draw_id).is_(None),
        )
        .order_by(col(Finding.code))
    )
    return [(number, code) for number, code in session.exec(query) if number is not None]


def drawn_before(session: AnySession, project_id: int) -> tuple[int, int]:
    """How many findings of a project were in a draw, and how many of them were drawn."""
    query = (
        select(func.count(), func.count().filter(col(Finding.on_site)))
        .select_from(Finding)
        .join(Draw, col(Draw.id) == Finding.draw_id)
        .where(Draw.project_id == project_id)
    )
    number, drawn = session.connection().execute(query).one()
    return number, drawn


def hold_project(session: WriteSession, project_id: int) -> None:
    """Let nobody else draw in a project until this transaction ends."""
    session.exec(select(Project.id).where(col(Project.id) == project_id).with_for_update()).one()


def keep_draw(session: WriteSession, draw: Draw, pool: Sequence[int], drawn: Collection[int]) -> None:
    """Keep a draw and what it says of each finding of its pool."""
    session.add(draw)
    session.flush()
    for finding in pool:
        session.exec(
            update(Finding)
            .where(col(Finding.id) == finding)
            .values(draw_id=draw.id, on_site=finding in drawn)
            .execution_options(synchronize_session=False)
        )


def frozen_quarters(session: AnySession, since: int) -> list[tuple[int, int]]:
    """(project, quarter) of every frozen quarter from one on."""
    query = select(Snapshot.project_id, Snapshot.quarter).where(
        col(Snapshot.quarter) >= since, col(Snapshot.version) == 1
    )
    return sorted(session.exec(query).all())
