"""The statements behind the ledgers of findings: found, narrowed, sorted and counted in the store."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from server.store.cases import CaseDocument, DocumentFinding
from server.store.findings import Finding
from server.store.people import Person
from server.store.reading.lights import AnySession, Paths, below, late
from server.store.submissions import Submission
from server.store.units import Unit

CHUNK: Final = 500
# Not one state but all before, or from, the closing.
UNCLOSED, ENDED = "unclosed", "ended"


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
                col(Finding.fact).contains(wanted.text, autoescape=True),
                col(Finding.code).contains(wanted.text, autoescape=True),
                col(Finding.responsible).contains(wanted.text, autoescape=True),
                col(Finding.unit_id).in_(named),
            )
        )
    return terms


def ordered(query: Select[Any], order: Order, orders: dict[str, Any], *last: Any) -> Select[Any]:
    """A query in one of these orders; ``last`` decides among equals."""
    column = col(orders.get(order.key, next(iter(orders.values()))))
    return query.order_by(column.desc() if order.backwards else column, *last)


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
    """The ids of a page of findings, or of all that fit, in order; of equals the gravest first."""
    query = select(col(Finding.id)).where(*_terms(paths, wanted, today))
    query = ordered(query, order, FINDING_ORDERS, col(Finding.severity).desc(), col(Finding.id))
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


def open_findings(
    session: AnySession, paths: Paths, today: dt.date, *, unit: str = "", most: int
) -> tuple[int, list[Row[Any]]]:
    """How many findings are not closed, of the units below the one with this code, and those due first (as
    ``finding_rows``)."""
    wanted = FindingFilter(unit=unit, state=UNCLOSED)
    ids = finding_ids(session, paths, wanted, Order(), today, most=most)
    return count_findings(session, paths, wanted, today), finding_rows(session, ids)


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


def places_in(session: AnySession, paths: Paths, kinds: Collection[str], *, also: str = "") -> list[Row[Any]]:
    """(code, name, name_en) of the active units of these kinds below these paths, and of the one with the code
    ``also``; by code."""
    wanted = or_(and_(col(Unit.kind).in_(sorted(kinds)), col(Unit.active)), col(Unit.code) == also)
    query = select(Unit.code, Unit.name, Unit.name_en).where(below(paths), wanted).order_by(col(Unit.code))
    return list(session.connection().execute(query))


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
