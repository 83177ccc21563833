"""The statements behind the ledger of measures: found, narrowed, sorted and counted in the store."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, false, func, or_
from sqlmodel import col, select

from server.store.cases import MeasureRow
from server.store.findings import Finding
from server.store.people import Person
from server.store.reading.ledgers import ENDED, UNCLOSED, Order, ordered, subtree
from server.store.reading.lights import AnySession, Paths, below
from server.store.units import Unit

# A proposal is no measure: whom it concerns hears of it when it is decided.
UNDECIDED: Final = ("proposed", "referred", "rejected")
MEASURE_ORDERS: Final[dict[str, Any]] = {
    "proposed": MeasureRow.proposed_on,
    "kind": MeasureRow.kind,
    "state": MeasureRow.state,
    "closed": MeasureRow.closed_on,
    "code": MeasureRow.code,
}


@dataclass(frozen=True, slots=True)
class MeasureFilter:
    """What the ledger of measures is narrowed to; "" and None mean all."""

    unit: str = ""
    kind: str = ""
    state: str = ""
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    text: str = ""


def measure_rows(
    session: AnySession,
    paths: Paths,
    wanted: MeasureFilter,
    order: Order,
    *,
    own: Paths = (),
    start: int = 0,
    most: int | None = None,
) -> tuple[int, list[Row[Any]]]:
    """How many measures fit, and a page of them (measure, unit's code, name, name_en, finding's code, who decided);
    the names of the persons concerned are not among it. Of units below ``own`` only what was decided is seen."""
    decided = and_(below(own), col(MeasureRow.state).not_in(UNDECIDED)) if own else false()
    terms: list[ColumnElement[bool]] = [or_(below(paths), decided) if paths else decided]
    if wanted.unit:
        terms.append(col(MeasureRow.unit_id).in_(subtree(wanted.unit)))
    if wanted.kind:
        terms.append(col(MeasureRow.kind) == wanted.kind)
    if wanted.state == UNCLOSED:
        terms.append(col(MeasureRow.closed_on).is_(None))
    elif wanted.state == ENDED:
        terms.append(col(MeasureRow.closed_on).is_not(None))
    elif wanted.state:
        terms.append(col(MeasureRow.state) == wanted.state)
    if wanted.from_day:
        terms.append(col(MeasureRow.proposed_on) >= wanted.from_day)
    if wanted.to_day:
        terms.append(col(MeasureRow.proposed_on) <= wanted.to_day)
    if wanted.text:
        searched = (col(Unit.name), col(MeasureRow.code), col(MeasureRow.decision_number))
        terms.append(or_(*(column.contains(wanted.text, autoescape=True) for column in searched)))
    query = (
        select(
            MeasureRow,
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Unit.name_en.label("unit_name_en"),
            Finding.code.label("finding_code"),
            Person.name.label("decider_name"),
        )
        .join(Unit, col(Unit.id) == MeasureRow.unit_id)
        .outerjoin(Finding, col(Finding.id) == MeasureRow.finding_id)
        .outerjoin(Person, col(Person.id) == MeasureRow.decided_by_id)
        .where(*terms)
    )
    counted = query.with_only_columns(func.count(), maintain_column_froms=True)
    total = session.connection().execute(counted).scalar_one()
    query = ordered(query, order, MEASURE_ORDERS, col(MeasureRow.id))
    if most is not None:
        query = query.offset(start).limit(most)
    return total, list(session.exec(query))
