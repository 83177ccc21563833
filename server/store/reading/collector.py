"""The statements behind a phone's package: its schools, open findings, last answers and returned submissions."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, func
from sqlmodel import col, select

from server.store.db import ReadSession, WriteSession
from server.store.finding_lists import recheckable
from server.store.findings import Finding
from server.store.forms import Form, FormVersion
from server.store.reading.lights import below, counts
from server.store.submissions import Attachment, Submission
from server.store.units import Unit

AnySession = ReadSession | WriteSession


def schools(session: AnySession, paths: Sequence[str], kinds: Sequence[str]) -> list[Row[Any]]:
    """(id, code, name, name_en, stage, latitude, longitude, town) of the active units of these subtrees, by code."""
    if not paths:
        return []
    town = select(Unit.id, Unit.name).where(col(Unit.kind) == "town").subquery()
    query = (
        select(
            Unit.id,
            Unit.code,
            Unit.name,
            Unit.name_en,
            Unit.stage,
            Unit.latitude,
            Unit.longitude,
            func.coalesce(town.c.name, "").label("town"),
        )
        .outerjoin(town, town.c.id == col(Unit.parent_id))
        .where(below(paths), col(Unit.active), col(Unit.kind).in_(list(kinds)))
        .order_by(col(Unit.code))
    )
    return list(session.connection().execute(query))


def open_findings(session: AnySession, paths: Sequence[str], most: int) -> list[Row[Any]]:
    """The findings of these subtrees that a re-check may name, the gravest and oldest first."""
    if not paths:
        return []
    query = (
        select(
            Finding.id,
            Finding.code,
            Unit.code.label("unit"),
            Finding.item,
            Finding.indicators,
            Finding.title,
            Finding.title_en,
            Finding.fact,
            Finding.severity,
            Finding.found_on,
            Finding.due_on,
            Finding.state,
            Finding.photos,
            Finding.submission_id,
            Finding.on_site,
            Finding.told_on,
            Finding.handed_on,
        )
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .where(below(paths), recheckable())
        .order_by(col(Finding.severity).desc(), col(Finding.due_on), col(Finding.code))
        .limit(most)
    )
    return list(session.connection().execute(query))


def files_there(session: AnySession, submissions: Collection[int]) -> set[tuple[int, str]]:
    """(submission, file name) of the attachments whose bytes have arrived."""
    found: set[tuple[int, str]] = set()
    listed = sorted(submissions)
    for start in range(0, len(listed), 400):
        query = select(Attachment.submission_id, Attachment.name).where(
            col(Attachment.submission_id).in_(listed[start : start + 400]), col(Attachment.sha256) != ""
        )
        found.update((submission, name) for submission, name in session.exec(query))
    return found


def last_submissions(session: AnySession, units: Collection[int], kinds: Sequence[str], most: int) -> list[Row[Any]]:
    """The newest submission that counts of each (unit, form), the newest visits first: its XML and its version's id."""
    newest = (
        select(
            Submission.unit_id,
            FormVersion.form_pk,
            func.max(col(Submission.observed_on)).label("observed_on"),
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .where(col(Submission.unit_id).in_(list(units)), counts())
        .group_by(col(Submission.unit_id), col(FormVersion.form_pk))
        .subquery()
    )
    query = (
        select(
            Submission.id,
            Submission.unit_id,
            Submission.observed_on,
            Submission.xml,
            FormVersion.id.label("version_id"),  # type: ignore[union-attr]
            Form.form_id,
            Form.kind,
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .join(
            newest,
            (newest.c.unit_id == Submission.unit_id)
            & (newest.c.form_pk == FormVersion.form_pk)
            & (newest.c.observed_on == Submission.observed_on),
        )
        .where(col(Form.kind).in_(list(kinds)), counts())
        .order_by(col(Submission.observed_on).desc(), col(Submission.id).desc())
        .limit(most)
    )
    return list(session.connection().execute(query))


def returned(session: AnySession, person_id: int, project_id: int, most: int) -> list[Row[Any]]:
    """A person's submissions that a reviewer sent back and nobody has corrected yet."""
    query = (
        select(
            Submission.id,
            Submission.instance_id,
            Submission.review_note,
            Submission.reviewed_at,
            Submission.xml,
            Form.form_id,
            FormVersion.version,
            Unit.code.label("unit"),
        )
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Form, col(Form.id) == FormVersion.form_pk)
        .outerjoin(Unit, col(Unit.id) == Submission.unit_id)
        .where(
            col(Submission.submitter_id) == person_id,
            col(Submission.project_id) == project_id,
            col(Submission.superseded_by) == "",
            col(Submission.review_state) == "has_issues",
            col(Submission.reviewed_by).is_not(None),
        )
        .order_by(col(Submission.reviewed_at).desc())
        .limit(most)
    )
    return list(session.connection().execute(query))


def file_of_submission(session: AnySession, submission_id: int, name: str) -> Attachment | None:
    """An attachment whose bytes have arrived."""
    found = session.get(Attachment, (submission_id, name))
    return found if found is not None and found.sha256 else None


def own_returned(session: AnySession, person_id: int, instance_id: str) -> Submission | None:
    """A person's own submission, whatever its state."""
    return session.exec(
        select(Submission).where(col(Submission.instance_id) == instance_id, col(Submission.submitter_id) == person_id)
    ).first()


def finding_with_path(session: AnySession, code: str, paths: Sequence[str]) -> Finding | None:
    """A confirmed finding at a unit of these subtrees."""
    if not paths:
        return None
    query = (
        select(Finding)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .where(col(Finding.code) == code, below(paths), recheckable())
    )
    return session.exec(query).first()
