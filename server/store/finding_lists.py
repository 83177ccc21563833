"""Lists of findings."""

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select

from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.submissions import Attachment
from server.store.units import Unit

ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


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


def photos_of(session: ReadSession | WriteSession, findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    """By finding's code: (a file name of its own, SHA-256) of the first photo taken when it was found, where it has
    arrived."""
    named = {finding.code: (finding.submission_id, json.loads(finding.photos)) for finding in findings}
    submissions = sorted({number for number, names in named.values() if number and names})
    there: dict[tuple[int, str], Attachment] = {}
    for start in range(0, len(submissions), 400):
        query = select(Attachment).where(
            col(Attachment.submission_id).in_(submissions[start : start + 400]),
            col(Attachment.content_type).in_(sorted(ENDINGS)),
            col(Attachment.sha256) != "",
        )
        there |= {(file.submission_id, file.name): file for file in session.exec(query)}
    found = {}
    for code, (number, names) in named.items():
        file = next((there[number, name] for name in names if number and (number, name) in there), None)
        if file is not None:
            found[code] = (f"{code}.{ENDINGS[file.content_type]}", file.sha256)
    return found
