"""The statements behind the ledgers: pages of findings and measures, found, sorted and counted in the store."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from server.store.cases import CaseDocument, DocumentFinding, MeasureRow
from server.store.findings import Finding
from server.store.messages import SavedView
from server.store.people import Person
from server.store.reading import AnySession, Paths, below, late
from server.store.submissions import Submission
from server.store.units import Unit

CHUNK: Final = 500
# Not one state but all before, or from, the closing.
UNCLOSED, ENDED = "unclosed", "ended"
R4: Final = 4
# A proposal is no measure: whom it concerns hears of it when it is decided.
UNDECIDED: Final = ("proposed", "referred", "rejected")


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What a ledger of findings is narrowed to; "", 0, -1 (level) and None mean all.

    ``state`` is a state, or UNCLOSED or ENDED; ``states`` several of them (whose turn it is). ``inspector`` is
    the login of who found it, ``unit`` the code of a unit whose subtree is meant.
    """

    unit: str = ""
    severity: int = 0
    route: int = 0
    state: str = ""
    states: tuple[str, ...] = ()
    item: str = ""
    indicator: str = ""
    inspector: str = ""
    level: int = -1
    overdue: bool = False
    found_from: dt.date | None = None
    found_to: dt.date | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """How a ledger is sorted: a key of FINDING_ORDERS or MEASURE_ORDERS, and whether backwards."""

    key: str = "due"
    backwards: bool = False


FINDING_ORDERS: Final[dict[str, Any]] = {
    "due": Finding.due_on,
    "found": Finding.found_on,
    "severity": Finding.severity,
    "state": Finding.state,
    "level": Finding.level,
    "closed": Finding.closed_on,
    "code": Finding.code,
    "unit": Finding.unit_id,
}
MEASURE_ORDERS: Final[dict[str, Any]] = {
    "proposed": MeasureRow.proposed_on,
    "kind": MeasureRow.kind,
    "state": MeasureRow.state,
    "closed": MeasureRow.closed_on,
    "code": MeasureRow.code,
}


def seen_from(paths: Paths) -> ColumnElement[bool]:
    """The condition that a finding lies below these paths: by the unit where it was found, or by its department."""
    if "/" in paths:
        return col(Finding.id).is_not(None)
    units = select(Unit.id).where(below(paths))
    return or_(col(Finding.unit_id).in_(units), col(Finding.department_id).in_(units))


def subtree(code: str) -> Any:
    """The ids of the units below the unit with this code."""
    above = aliased(Unit)
    return select(Unit.id).join(above, col(Unit.path).startswith(col(above.path))).where(col(above.code) == code)


def _terms(paths: Paths, wanted: FindingFilter, today: dt.date) -> list[ColumnElement[bool]]:
    terms = [seen_from(paths)]
    if wanted.unit:
        inside = subtree(wanted.unit)
        terms.append(or_(col(Finding.unit_id).in_(inside), col(Finding.department_id).in_(inside)))
    if wanted.severity:
        terms.append(col(Finding.severity) == wanted.severity)
    if wanted.route:
        terms.append(col(Finding.route) == wanted.route)
    if wanted.state == UNCLOSED:
        terms.append(col(Finding.closed_on).is_(None))
    elif wanted.state == ENDED:
        terms.append(col(Finding.closed_on).is_not(None))
    elif wanted.state:
        terms.append(col(Finding.state) == wanted.state)
    if wanted.states:
        terms.append(col(Finding.state).in_(wanted.states))
    if wanted.item:
        terms.append(col(Finding.item) == wanted.item)
    if wanted.indicator:
        # Indicators stand in one column, divided by blanks.
        terms.append((" " + col(Finding.indicators) + " ").contains(f" {wanted.indicator} ", autoescape=True))
    if wanted.level >= 0:
        terms.append(col(Finding.level) == wanted.level)
    if wanted.overdue:
        terms.append(late(today))
    return terms + _days(wanted) + _words(wanted)


def _days(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    bounds = (
        (wanted.found_from, col(Finding.found_on).__ge__),
        (wanted.found_to, col(Finding.found_on).__le__),
        (wanted.due_from, col(Finding.due_on).__ge__),
        (wanted.due_to, col(Finding.due_on).__le__),
    )
    return [compare(day) for day, compare in bounds if day is not None]


def _words(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    terms: list[ColumnElement[bool]] = []
    if wanted.inspector:
        found = select(Submission.id).join(Person, col(Person.id) == Submission.submitter_id)
        opened = select(Person.id).where(col(Person.login) == wanted.inspector)
        terms.append(
            or_(
                col(Finding.submission_id).in_(found.where(col(Person.login) == wanted.inspector)),
                and_(col(Finding.submission_id).is_(None), col(Finding.opened_by_id).in_(opened)),
            )
        )
    if wanted.text:
        named = select(Unit.id).where(col(Unit.name).contains(wanted.text, autoescape=True))
        terms.append(
            or_(
                col(Finding.title).contains(wanted.text, autoescape=True),
                col(Finding.code).contains(wanted.text, autoescape=True),
                col(Finding.responsible).contains(wanted.text, autoescape=True),
                col(Finding.unit_id).in_(named),
            )
        )
    return terms


def _ordered(query: Select[Any], order: Order, orders: dict[str, Any], last: Any) -> Select[Any]:
    column = col(orders.get(order.key, next(iter(orders.values()))))
    return query.order_by(column.desc() if order.backwards else column, last)


def count_findings(session: AnySession, paths: Paths, wanted: FindingFilter, today: dt.date) -> int:
    """How many findings fit."""
    query = select(func.count()).select_from(Finding).where(*_terms(paths, wanted, today))
    return session.exec(query).one()


def finding_ids(
    session: AnySession,
    paths: Paths,
    wanted: FindingFilter,
    order: Order,
    today: dt.date,
    *,
    start: int = 0,
    most: int | None = None,
) -> list[int]:
    """The ids of a page of findings, or of all that fit, in order."""
    query = select(col(Finding.id)).where(*_terms(paths, wanted, today))
    query = _ordered(query, order, FINDING_ORDERS, col(Finding.id))
    if most is not None:
        query = query.offset(start).limit(most)
    return list(session.exec(query))


def finding_rows(session: AnySession, ids: Sequence[int]) -> list[Row[Any]]:
    """What a ledger shows of each finding, in the order of ``ids``: (finding, unit's code, name, name_en, path, town's
    name, name_en, department's name, name_en, inspector, rechecker, verifier)."""
    town, department = aliased(Unit), aliased(Unit)
    finder, rechecker, verifier = aliased(Person), aliased(Person), aliased(Person)
    query = (
        select(
            Finding,
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Unit.name_en.label("unit_name_en"),
            Unit.path.label("unit_path"),
            town.name.label("town_name"),
            town.name_en.label("town_name_en"),
            department.name.label("department_name"),
            department.name_en.label("department_name_en"),
            finder.name.label("finder_name"),
            rechecker.name.label("rechecker_name"),
            verifier.name.label("verifier_name"),
        )
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .outerjoin(town, col(town.id) == Unit.parent_id)
        .outerjoin(department, col(department.id) == Finding.department_id)
        .outerjoin(Submission, col(Submission.id) == Finding.submission_id)
        .outerjoin(finder, col(finder.id) == func.coalesce(col(Submission.submitter_id), col(Finding.opened_by_id)))
        .outerjoin(rechecker, col(rechecker.id) == Finding.rechecker_id)
        .outerjoin(verifier, col(verifier.id) == Finding.verified_by_id)
    )
    found: dict[int, Row[Any]] = {}
    for chunk in _chunks(ids):
        for row in session.exec(query.where(col(Finding.id).in_(chunk))):
            found[row[0].id] = row
    return [found[number] for number in ids if number in found]


def documents_about(session: AnySession, ids: Sequence[int], kinds: Collection[str]) -> dict[int, list[CaseDocument]]:
    """The numbered documents of these kinds about each finding, oldest first."""
    found: dict[int, list[CaseDocument]] = {}
    query = (
        select(DocumentFinding.finding_id, CaseDocument)
        .join(CaseDocument, col(CaseDocument.id) == DocumentFinding.document_id)
        .where(col(CaseDocument.kind).in_(sorted(kinds)))
        .order_by(col(CaseDocument.id))
    )
    for chunk in _chunks(ids):
        for number, document in session.exec(query.where(col(DocumentFinding.finding_id).in_(chunk))):
            found.setdefault(number, []).append(document)
    return found


def findings_coded(session: AnySession, paths: Paths, codes: Collection[str]) -> list[Finding]:
    """The findings below these paths with these codes, by code."""
    found: list[Finding] = []
    listed = sorted(set(codes))
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        found += session.exec(select(Finding).where(col(Finding.code).in_(chunk), seen_from(paths)))
    return sorted(found, key=lambda finding: finding.code)


def inspectors_in(session: AnySession, paths: Paths) -> list[tuple[str, str]]:
    """(login, name) of those who found something below these paths, by name."""
    query = (
        select(Person.login, Person.name)
        .join(Submission, col(Submission.submitter_id) == Person.id)
        .join(Finding, col(Finding.submission_id) == Submission.id)
        .where(seen_from(paths))
        .distinct()
        .order_by(col(Person.name))
    )
    return [(login, name) for login, name in session.exec(query)]


def places_in(session: AnySession, paths: Paths, kinds: Collection[str]) -> list[Row[Any]]:
    """(code, name, name_en) of the active units of these kinds below these paths, by code."""
    query = (
        select(Unit.code, Unit.name, Unit.name_en)
        .where(below(paths), col(Unit.kind).in_(sorted(kinds)), col(Unit.active))
        .order_by(col(Unit.code))
    )
    return list(session.connection().execute(query))


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
    query = _ordered(query, order, MEASURE_ORDERS, col(MeasureRow.id))
    if most is not None:
        query = query.offset(start).limit(most)
    return total, list(session.exec(query))


def views_of(session: AnySession, person_id: int, ledger: str) -> list[SavedView]:
    """The filters of a ledger that somebody keeps, by name."""
    query = select(SavedView).where(col(SavedView.person_id) == person_id, col(SavedView.ledger) == ledger)
    return list(session.exec(query.order_by(col(SavedView.name))))


def view_of(session: AnySession, person_id: int, view_id: int) -> SavedView | None:
    """One of somebody's own kept filters."""
    query = select(SavedView).where(col(SavedView.id) == view_id, col(SavedView.person_id) == person_id)
    return session.exec(query).first()


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
