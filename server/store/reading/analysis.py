"""The statements behind the analysis of rectification: lean rows of findings and of the steps that moved them."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from scorecards.rectification_figures import Matter, Move
from server.store.cases import CaseStep
from server.store.events import Event
from server.store.findings import Finding
from server.store.reading.ledgers import seen_from, subtree
from server.store.reading.lights import AnySession, Paths, below
from server.store.units import Unit

CONFIRM = "confirm"


def _within(paths: Paths, unit: str) -> list[ColumnElement[bool]]:
    terms = [seen_from(paths)]
    if unit:
        inside = subtree(unit)
        terms.append(or_(col(Finding.unit_id).in_(inside), col(Finding.department_id).in_(inside)))
    return terms


def newest_event(session: AnySession) -> int:
    """The number of the newest event: whatever changes a finding leaves one."""
    return session.exec(select(func.max(col(Event.id)))).one() or 0


def matters(session: AnySession, paths: Paths, unit: str, since: dt.date) -> list[Matter]:
    """The findings found since a day, closed since then or still open, below these paths and a unit's code."""
    query = select(
        Finding.id,
        Finding.unit_id,
        Finding.item,
        Finding.severity,
        Finding.state,
        Finding.found_on,
        Finding.told_on,
        Finding.due_on,
        Finding.handed_on,
        Finding.closed_on,
        Finding.reopened,
        Finding.checked_on_site,
    ).where(
        *_within(paths, unit),
        or_(col(Finding.found_on) >= since, col(Finding.closed_on) >= since, col(Finding.closed_on).is_(None)),
    )
    return [Matter(*row) for row in session.connection().execute(query)]


def moves(
    session: AnySession, paths: Paths, unit: str, first: dt.date, last: dt.date
) -> tuple[list[Move], dict[int, dt.date]]:
    """The steps up to ``last`` of the findings that moved since ``first``, and the day on which each was found."""
    moved, changed = aliased(CaseStep), and_(col(CaseStep.before) != col(CaseStep.after), col(CaseStep.day) <= last)
    concerned = (
        select(moved.finding_id)
        .join(Finding, col(Finding.id) == moved.finding_id)
        .where(moved.day >= first, moved.day <= last, col(moved.before) != col(moved.after), *_within(paths, unit))
    )
    query = (
        select(CaseStep.finding_id, CaseStep.number, CaseStep.before, CaseStep.after, CaseStep.day, Finding.found_on)
        .join(Finding, col(Finding.id) == CaseStep.finding_id)
        .where(col(CaseStep.finding_id).in_(concerned), changed)
    )
    found: list[Move] = []
    began: dict[int, dt.date] = {}
    for finding, number, before, after, day, found_on in session.connection().execute(query):
        found.append(Move(finding, number, before, after, day))
        began[finding] = found_on
    return found, began


def unit_names(session: AnySession, ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """(code, name, English name) of units."""
    query = select(Unit.id, Unit.code, Unit.name, Unit.name_en).where(col(Unit.id).in_(sorted(ids)))
    return {number or 0: (code, name, name_en) for number, code, name, name_en in session.exec(query)} if ids else {}


def item_titles(session: AnySession, paths: Paths, items: Sequence[str]) -> dict[str, tuple[str, str]]:
    """(title, English title) of items, as their newest finding says it."""
    query = (
        select(Finding.item, Finding.title, Finding.title_en)
        .where(col(Finding.item).in_(items), seen_from(paths))
        .order_by(col(Finding.id))
    )
    return {item: (title, title_en) for item, title, title_en in session.exec(query)} if items else {}


def unit_in_reach(session: AnySession, paths: Paths, code: str) -> Unit | None:
    """The unit with this code, if it lies below these paths."""
    return session.exec(select(Unit).where(col(Unit.code) == code, below(paths))).first()
