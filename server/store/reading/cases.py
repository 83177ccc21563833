"""The statements behind the pages of findings and measures on their way: each page asks a fixed number of times."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, and_, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from server.store.cases import CaseDocument, CaseFile, CaseStep, DocumentFinding, Look, MeasurePerson, MeasureRow
from server.store.findings import Finding
from server.store.people import Person, RoleGrant
from server.store.reading.ledgers import seen_from
from server.store.reading.lights import AnySession, Paths, below
from server.store.reading.measures import UNDECIDED
from server.store.submissions import Attachment, Submission
from server.store.units import Unit

MOST_NAMES = 400
ROUTED = 4  # the route to a department


def finding(session: AnySession, paths: Paths, code: str) -> Row[Any] | None:
    """(finding, its unit's code, name, name_en, its department's name, name_en, instance id) of the finding that people
    quote by this code, where it lies below these paths."""
    department = aliased(Unit)
    query = (
        select(
            Finding,
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Unit.name_en.label("unit_name_en"),
            department.name.label("department_name"),
            department.name_en.label("department_name_en"),
            Submission.instance_id,
        )
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .outerjoin(department, col(department.id) == Finding.department_id)
        .outerjoin(Submission, col(Submission.id) == Finding.submission_id)
        .where(col(Finding.code) == code, seen_from(paths))
    )
    return session.exec(query).first()


def steps_of(
    session: AnySession, *, finding_id: int | None = None, measure_id: int | None = None, most: int = 200
) -> list[Row[Any]]:
    """(step, name of who took it, instance id of the submission it follows from) of a matter, the newest first."""
    matter = CaseStep.finding_id == finding_id if finding_id else CaseStep.measure_id == measure_id
    query = (
        select(CaseStep, Person.name, Submission.instance_id)
        .outerjoin(Person, col(Person.id) == CaseStep.by_id)
        .outerjoin(Submission, col(Submission.id) == CaseStep.submission_id)
        .where(matter)
        .order_by(col(CaseStep.number).desc())
        .limit(most)
    )
    return list(session.exec(query))


def files_of_steps(session: AnySession, steps: Collection[int]) -> list[CaseFile]:
    """The files of these steps, in the order in which they came."""
    if not steps:
        return []
    return list(session.exec(select(CaseFile).where(col(CaseFile.step_id).in_(steps)).order_by(col(CaseFile.id))))


def file_of(
    session: AnySession, file_id: int, *, finding_id: int | None = None, measure_id: int | None = None
) -> CaseFile | None:
    """A file of one of a matter's steps; None where it is another matter's."""
    matter = CaseStep.finding_id == finding_id if finding_id else CaseStep.measure_id == measure_id
    query = select(CaseFile).join(CaseStep, col(CaseStep.id) == CaseFile.step_id)
    return session.exec(query.where(col(CaseFile.id) == file_id, matter)).first()


def documents_of_finding(session: AnySession, finding_id: int) -> list[Row[Any]]:
    """(document, name of who acknowledged it) about a finding, the newest first."""
    query = (
        select(CaseDocument, Person.name)
        .join(DocumentFinding, col(DocumentFinding.document_id) == CaseDocument.id)
        .outerjoin(Person, col(Person.id) == CaseDocument.acknowledged_by_id)
        .where(DocumentFinding.finding_id == finding_id)
        .order_by(col(CaseDocument.id).desc())
    )
    return list(session.exec(query))


def documents_of_measure(session: AnySession, measure_id: int) -> list[Row[Any]]:
    """(document, name of who acknowledged it) of a measure, the newest first."""
    query = (
        select(CaseDocument, Person.name)
        .outerjoin(Person, col(Person.id) == CaseDocument.acknowledged_by_id)
        .where(CaseDocument.measure_id == measure_id)
        .order_by(col(CaseDocument.id).desc())
    )
    return list(session.exec(query))


def inspectors_around(session: AnySession, path: str) -> list[tuple[int, str]]:
    """(id, name) of the inspectors and office people whose area holds the unit with this path, by name."""
    above = [int(part) for part in path.strip("/").split("/") if part]
    query = (
        select(Person.id, Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(col(RoleGrant.unit_id).in_(above), col(RoleGrant.role).in_(("inspector", "office")), col(Person.active))
        .distinct()
        .order_by(Person.name)
        .limit(MOST_NAMES)
    )
    return [(number, name) for number, name in session.exec(query) if number is not None]


def departments_around(session: AnySession, path: str) -> list[Unit]:
    """The active departments beside or above the unit with this path."""
    above = [int(part) for part in path.strip("/").split("/") if part]
    query = select(Unit).where(col(Unit.parent_id).in_(above), Unit.kind == "department", col(Unit.active))
    return list(session.exec(query.order_by(col(Unit.code)).limit(MOST_NAMES)))


def units_named(session: AnySession, ids: Collection[int]) -> dict[int, Unit]:
    """Units by id."""
    query = select(Unit).where(col(Unit.id).in_(ids))
    return {unit.id: unit for unit in session.exec(query) if unit.id is not None} if ids else {}


def names_of(session: AnySession, ids: Collection[int | None]) -> dict[int, str]:
    """The names of people."""
    wanted = {number for number in ids if number}
    query = select(Person.id, Person.name).where(col(Person.id).in_(wanted))
    return {number: name for number, name in session.exec(query) if number is not None} if wanted else {}


def heads_of(session: AnySession, unit_id: int, role: str = "school") -> list[str]:
    """The names of those who hold a role at a unit itself: a school's principal first, being there longest."""
    query = (
        select(Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(RoleGrant.unit_id == unit_id, RoleGrant.role == role, col(Person.active))
        .order_by(col(Person.id))
        .limit(12)
    )
    return list(session.exec(query))


def _desk() -> tuple[Select[Any], Any]:
    """Findings with unit, department and the submission's name."""
    department = aliased(Unit)
    query = (
        select(Finding, Unit, department, Submission.instance_id)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .outerjoin(department, col(department.id) == Finding.department_id)
        .outerjoin(Submission, col(Submission.id) == Finding.submission_id)
    )
    return query, department


def desk_findings(
    session: AnySession,
    paths: Paths,
    states: Collection[str],
    *,
    only_routed: Collection[str] = (),
    never_routed: Collection[str] = (),
    through: str = "unit",
    rechecker: int | None = None,
    extension: bool = False,
    most: int = 60,
) -> tuple[int, list[Row[Any]]]:
    """How many findings in these states lie below ``paths``, and those due first: (finding, unit, department,
    instance id).

    ``only_routed`` are further states in which those routed to a department count, ``never_routed`` in which all others
    do. ``through`` says whether the paths reach a finding by its "unit", its "department" or "either".
    ``rechecker``: of the ones being re-checked only this person's. ``extension``: only those for which one is asked.
    """
    query, department = _desk()
    reached = [below(paths)] if through in ("unit", "either") else []
    if through in ("department", "either"):
        reached.append(or_(*(col(department.path).startswith(path, autoescape=True) for path in paths)))
    routed = col(Finding.route) == ROUTED
    wanted = or_(
        col(Finding.state).in_(states),
        and_(col(Finding.state).in_(only_routed), routed),
        and_(col(Finding.state).in_(never_routed), ~routed),
    )
    query = query.where(or_(*reached), wanted)
    if extension:
        asked = '"extension_asked":'
        query = query.where(col(Finding.facts).contains(asked), ~col(Finding.facts).contains(asked + "0"))
    if rechecker is not None:
        query = query.where(or_(col(Finding.state) != "rechecking", col(Finding.rechecker_id) == rechecker))
    total = session.connection().execute(select(func.count()).select_from(query.subquery())).scalar_one()
    pressing = func.coalesce(col(Finding.step_due_on), col(Finding.due_on))
    ordered = query.order_by(pressing, col(Finding.severity).desc(), col(Finding.id)).limit(most)
    return total, list(session.exec(ordered))


def requirements(session: AnySession, ids: Collection[int]) -> dict[int, str]:
    """What the newest notice, advice or new limit asks for, by finding, as its step's fields (JSON)."""
    query = (
        select(CaseStep.finding_id, CaseStep.fields)
        .where(
            col(CaseStep.finding_id).in_(ids), col(CaseStep.action).in_(("issue_notice", "give_advice", "renew_limit"))
        )
        .order_by(col(CaseStep.id))
    )
    return {number: fields for number, fields in session.exec(query) if number is not None} if ids else {}


def old_photos(session: AnySession, ids: Collection[int]) -> dict[int, set[str]]:
    """The names of the photos that have arrived with these submissions."""
    query = select(Attachment.submission_id, Attachment.name).where(
        col(Attachment.submission_id).in_(ids), col(Attachment.sha256) != ""
    )
    found: dict[int, set[str]] = {}
    for number, name in session.exec(query) if ids else ():
        found.setdefault(number, set()).add(name)
    return found


def _measures(paths: Paths, own: Paths) -> Select[Any]:
    """(measure, unit, finding's code) below ``paths``; of units below ``own`` only what was decided."""
    reached = [below(paths)] if paths else []
    if own:
        reached.append(and_(below(own), col(MeasureRow.state).not_in(UNDECIDED)))
    return (
        select(MeasureRow, Unit, Finding.code.label("finding_code"))
        .join(Unit, col(Unit.id) == MeasureRow.unit_id)
        .outerjoin(Finding, col(Finding.id) == MeasureRow.finding_id)
        .where(or_(false(), *reached))
    )


def measures(
    session: AnySession,
    paths: Paths,
    *,
    own: Paths = (),
    unit_id: int | None = None,
    finding_id: int | None = None,
    states: Collection[str] = (),
    most: int = 60,
) -> list[Row[Any]]:
    """(measure, unit, finding's code) of the measures that fit, the open and newest first."""
    query = _measures(paths, own)
    if unit_id is not None:
        query = query.where(col(MeasureRow.unit_id) == unit_id)
    if finding_id is not None:
        query = query.where(col(MeasureRow.finding_id) == finding_id)
    if states:
        query = query.where(col(MeasureRow.state).in_(states))
    return list(
        session.exec(query.order_by(col(MeasureRow.closed_on).is_not(None), col(MeasureRow.id).desc()).limit(most))
    )


def measure(session: AnySession, paths: Paths, code: str, *, own: Paths = ()) -> Row[Any] | None:
    """(measure, unit, finding's code) of one measure in reach."""
    return session.exec(_measures(paths, own).where(col(MeasureRow.code) == code)).first()


def finding_of_unit(session: AnySession, code: str, unit_id: int) -> Finding | None:
    """The finding of this code, if it is this unit's or was routed to it."""
    mine = or_(col(Finding.unit_id) == unit_id, col(Finding.department_id) == unit_id)
    return session.exec(select(Finding).where(col(Finding.code) == code, mine)).first()


def marks_on(session: AnySession, unit_id: int, quarter: int) -> list[MeasureRow]:
    """The measures that mark a unit's light: under review now, or about this quarter and corrected since."""
    query = select(MeasureRow).where(
        col(MeasureRow.unit_id) == unit_id,
        col(MeasureRow.mark) != "",
        or_(col(MeasureRow.mark) == "review", col(MeasureRow.quarter) == quarter),
    )
    return list(session.exec(query.order_by(col(MeasureRow.id))))


def looks_at(session: AnySession, measure_id: int, most: int = 50) -> list[Row[Any]]:
    """(look, name) of who looked at the names of a measure, the newest first."""
    query = (
        select(Look, Person.name)
        .join(Person, col(Person.id) == Look.person_id)
        .where(col(Look.measure_id) == measure_id)
        .order_by(col(Look.id).desc())
        .limit(most)
    )
    return list(session.exec(query))


def persons_of_measure(session: AnySession, measure_id: int) -> int:
    """How many persons a measure names, without their names."""
    query = select(func.count()).select_from(MeasurePerson).where(col(MeasurePerson.measure_id) == measure_id)
    return session.connection().execute(query).scalar_one()
