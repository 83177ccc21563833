"""The statements behind freezing and verifying."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import update
from sqlmodel import col, select

from server.store.db import ReadSession, WriteSession
from server.store.lights import LiveCard, Snapshot
from server.store.submissions import Submission


class Counted(NamedTuple):
    """A submission that a snapshot rests on."""

    id: int
    instance_id: str
    xml_sha256: str
    unit: int
    version: int
    inspector: int
    quarter: int
    observed_on: int
    reviewed: bool


_COLUMNS = (
    Submission.id,
    Submission.instance_id,
    Submission.xml_sha256,
    Submission.unit_id,
    Submission.form_version_id,
    Submission.submitter_id,
    Submission.quarter,
    Submission.observed_on,
    Submission.review_state,
)


def newest(session: ReadSession | WriteSession, project_id: int, quarter: int) -> Snapshot | None:
    """The newest snapshot of a quarter."""
    query = (
        select(Snapshot)
        .where(col(Snapshot.project_id) == project_id, col(Snapshot.quarter) == quarter)
        .order_by(col(Snapshot.version).desc())
    )
    return session.exec(query).first()


def counted_submissions(session: ReadSession, project_id: int, first: int, last: int) -> list[Counted]:
    """The submissions of a project that count in these quarters, by instanceID."""
    query = select(*_COLUMNS).where(
        col(Submission.project_id) == project_id,
        col(Submission.quarter) >= first,
        col(Submission.quarter) <= last,
        col(Submission.superseded_by) == "",
        col(Submission.review_state) != "rejected",
    )
    return sorted((_counted(row) for row in session.exec(query)), key=lambda row: row.instance_id)


def submissions_named(session: ReadSession, names: Sequence[str]) -> list[Counted]:
    """The submissions with these instanceIDs, whatever became of them since, by instanceID."""
    found: list[Counted] = []
    for start in range(0, len(names), 400):
        query = select(*_COLUMNS).where(col(Submission.instance_id).in_(names[start : start + 400]))
        found += [_counted(row) for row in session.exec(query)]
    return sorted(found, key=lambda row: row.instance_id)


def _counted(row: Sequence[object]) -> Counted:
    number, instance, digest, unit, version, inspector, quarter, day, state = row
    return Counted(number, instance, digest, unit or 0, version, inspector or 0, quarter, day, state == "approved")  # type: ignore[arg-type]


def xml_of(session: ReadSession, submission_id: int) -> bytes:
    """A submission as it came."""
    return session.exec(select(Submission.xml).where(col(Submission.id) == submission_id)).one()


def mark_frozen(session: WriteSession, quarter: int, lights: Mapping[int, int]) -> None:
    """Keep the frozen light beside each live card: what later quarters look back at."""
    connection = session.connection()
    for unit, light in sorted(lights.items()):
        connection.execute(
            update(LiveCard).where(col(LiveCard.unit_id) == unit, col(LiveCard.quarter) == quarter).values(frozen=light)
        )
