"""The statements behind the pages of submissions, visits and people."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_
from sqlmodel import col, select

from server.store.events import Event
from server.store.forms import Form, FormVersion
from server.store.people import Person, RoleGrant
from server.store.reading.lights import VISIT_KINDS, AnySession, Paths, below, counts
from server.store.submissions import OBSERVATION, Attachment, Submission
from server.store.units import Unit


@dataclass(frozen=True, slots=True)
class SubmissionFilters:
    """What a list of submissions is narrowed to; "" and 0 mean all."""

    form: str = ""
    unit: str = ""
    inspector: str = ""
    quarter: int = 0
    state: str = ""
    text: str = ""
    submitter: int = 0


def _submissions(paths: Paths) -> Select[Any]:
    """Newest versions of the submissions of these subtrees, and whatever has no unit to readers of the whole tree."""
    return (
        select(
            Submission.id,
            Submission.instance_id,
            Submission.instance_name,
            Submission.quarter,
            Submission.observed_on,
            Submission.received_at,
            Submission.review_state,
            Submission.number,
            Submission.complete,
            Form.form_id,
            Form.title,
            Form.title_en,
            Form.kind,
            Unit.code.label("unit_code"),
            Unit.name.label("unit_name"),
            Unit.name_en.label("unit_name_en"),
            Person.name.label("person_name"),
            Person.login.label("person_login"),
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .join(Unit, col(Unit.id) == Submission.unit_id)
        .outerjoin(Person, col(Person.id) == Submission.submitter_id)
        .where(below(paths), col(Submission.superseded_by) == "")
    )


def _narrowed(query: Select[Any], wanted: SubmissionFilters) -> Select[Any]:
    terms: list[ColumnElement[bool]] = []
    if wanted.form:
        terms.append(col(Form.form_id) == wanted.form)
    if wanted.unit:
        terms.append(col(Unit.code) == wanted.unit)
    if wanted.inspector:
        terms.append(col(Person.login) == wanted.inspector)
    if wanted.submitter:
        terms.append(col(Submission.submitter_id) == wanted.submitter)
    if wanted.quarter:
        terms.append(col(Submission.quarter) == wanted.quarter)
    if wanted.state:
        terms.append(col(Submission.review_state) == wanted.state)
    if wanted.text:
        words = wanted.text
        terms.append(
            or_(
                col(Unit.name).contains(words, autoescape=True),
                col(Submission.instance_name).contains(words, autoescape=True),
                col(Submission.instance_id) == words,
            )
        )
    return query.where(*terms)


def submissions(
    session: AnySession, paths: Paths, wanted: SubmissionFilters, *, start: int, most: int
) -> tuple[int, list[Row[Any]]]:
    """How many submissions fit, and a page of them, the newest visit first."""
    query = _narrowed(_submissions(paths), wanted)
    connection = session.connection()
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    ordered = query.order_by(col(Submission.observed_on).desc(), col(Submission.id).desc()).offset(start).limit(most)
    return total, list(connection.execute(ordered))


def visits_of_unit(session: AnySession, unit_id: int, most: int = 60) -> list[Row[Any]]:
    """The submissions about one unit, the newest visit first."""
    query = (
        select(
            Submission.instance_id,
            Submission.quarter,
            Submission.observed_on,
            Submission.review_state,
            Form.form_id,
            Form.title,
            Form.title_en,
            Form.kind,
            Person.name.label("person_name"),
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .outerjoin(Person, col(Person.id) == Submission.submitter_id)
        .where(col(Submission.unit_id) == unit_id, col(Submission.superseded_by) == "")
        .order_by(col(Submission.observed_on).desc(), col(Submission.id).desc())
        .limit(most)
    )
    return list(session.connection().execute(query))


def submission(
    session: AnySession, instance_id: str
) -> tuple[Submission, FormVersion, Form, Unit | None, Person | None] | None:
    """One version of a submission with what it belongs to."""
    query = (
        select(Submission, FormVersion, Form, Unit, Person)
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .outerjoin(Unit, col(Unit.id) == Submission.unit_id)
        .outerjoin(Person, col(Person.id) == Submission.submitter_id)
        .where(col(Submission.instance_id) == instance_id)
    )
    row = session.exec(query).first()
    return (row[0], row[1], row[2], row[3], row[4]) if row else None


def attachments(session: AnySession, submission_id: int) -> list[Attachment]:
    """The files that a submission names, by name."""
    query = select(Attachment).where(col(Attachment.submission_id) == submission_id).order_by(col(Attachment.name))
    return list(session.exec(query))


def versions_of(session: AnySession, root_id: str) -> list[Row[Any]]:
    """All versions of a submission, the first first: (instance_id, number, received_at, superseded_by, name)."""
    query = (
        select(
            Submission.instance_id,
            Submission.number,
            Submission.received_at,
            Submission.review_state,
            Submission.review_note,
            Person.name.label("person_name"),
        )
        .outerjoin(Person, col(Person.id) == Submission.submitter_id)
        .where(col(Submission.root_id) == root_id)
        .order_by(col(Submission.number))
    )
    return list(session.connection().execute(query))


def events_about(session: AnySession, subject: str, most: int = 50) -> list[Row[Any]]:
    """(kind, at, data, name) of what happened to a subject, the newest first."""
    query = (
        select(Event.kind, Event.at, Event.data, Person.name.label("person_name"))
        .outerjoin(Person, col(Person.id) == Event.by_id)
        .where(col(Event.subject) == subject)
        .order_by(col(Event.id).desc())
        .limit(most)
    )
    return list(session.connection().execute(query))


def observed(session: AnySession, unit_id: int, quarter: int, submission_id: int) -> list[Row[Any]]:
    """The observation rows of one submission."""
    query = OBSERVATION.select().where(
        OBSERVATION.c.unit == unit_id, OBSERVATION.c.quarter == quarter, OBSERVATION.c.submission == submission_id
    )
    return list(session.connection().execute(query))


def submissions_behind(session: AnySession, ids: Collection[int]) -> list[Row[Any]]:
    """What an explanation says of each submission: when, who, which form version, and the XML."""
    query = (
        select(
            Submission.id,
            Submission.instance_id,
            Submission.observed_on,
            Submission.review_state,
            Submission.xml,
            FormVersion.id.label("version_id"),
            FormVersion.definition,
            Form.title,
            Form.title_en,
            Person.name.label("person_name"),
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .outerjoin(Person, col(Person.id) == Submission.submitter_id)
        .where(col(Submission.id).in_(sorted(ids)))
    )
    return list(session.connection().execute(query)) if ids else []


def files_of(session: AnySession, ids: Collection[int]) -> dict[int, set[str]]:
    """The names of the files that have arrived, by submission."""
    query = select(Attachment.submission_id, Attachment.name).where(
        col(Attachment.submission_id).in_(sorted(ids)), col(Attachment.sha256) != ""
    )
    found: dict[int, set[str]] = {}
    for number, name in session.exec(query) if ids else ():
        found.setdefault(number, set()).add(name)
    return found


def last_visits(session: AnySession, paths: Paths) -> dict[int, tuple[int, int]]:
    """By unit: the day of its newest visit and how many it has had, rejected ones left out."""
    query = (
        select(Submission.unit_id, func.max(Submission.observed_on), func.count())
        .join(Unit, col(Unit.id) == Submission.unit_id)
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .where(below(paths), counts(), col(Form.kind).in_(VISIT_KINDS))
        .group_by(col(Submission.unit_id))
    )
    return {unit: (day, number) for unit, day, number in session.exec(query) if unit is not None}


def visit_days(session: AnySession, paths: Paths, since: int) -> list[tuple[int, int]]:
    """(unit, day) of every visit that counts from a day on."""
    query = (
        select(Submission.unit_id, Submission.observed_on)
        .join(Unit, col(Unit.id) == Submission.unit_id)
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .where(below(paths), counts(), col(Form.kind).in_(VISIT_KINDS), col(Submission.observed_on) >= since)
    )
    return [(unit, day) for unit, day in session.exec(query) if unit is not None]


def senders(session: AnySession, paths: Paths) -> list[Row[Any]]:
    """(login, name) of the inspectors with an area in these subtrees."""
    query = (
        select(Person.login, Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(below(paths), RoleGrant.role == "inspector")
        .distinct()
        .order_by(Person.name)
    )
    return list(session.connection().execute(query))


def people_within(session: AnySession, paths: Paths, text: str = "") -> list[Row[Any]]:
    """(person, role, unit code, unit name) of everybody with a role in these subtrees, and of those with none."""
    query = (
        select(Person, RoleGrant.role, Unit.code, Unit.name, Unit.name_en)
        .outerjoin(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .outerjoin(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(or_(below(paths), col(RoleGrant.person_id).is_(None)))
        .order_by(col(Person.login))
    )
    if text:
        query = query.where(
            or_(col(Person.name).contains(text, autoescape=True), col(Person.login).contains(text, autoescape=True))
        )
    return list(session.exec(query))
