"""The statements of intake: many submissions, their observations, files and events in a few round trips.

PostgreSQL gets arrays and COPY with statements whose text never changes, so that each connection plans them once;
SQLite gets plain inserts. Unique instance_id decides between two that arrive at once, in whatever process.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import sqlite
from sqlmodel import col, select

from server.problems import Problem
from server.store.db import WriteSession
from server.store.events import Event
from server.store.forms import FormVersion
from server.store.submissions import OBSERVATION, Attachment, Submission
from server.store.units import Unit

RECEIVED = "submission.received"


@dataclass(slots=True)
class SubmissionRow:
    """A submission about to be stored; ``unit_id`` and ``submitter_id`` 0 mean none."""

    instance_id: str
    root_id: str
    deprecated_id: str
    number: int
    project_id: int
    form_version_id: int
    unit_id: int
    submitter_id: int
    quarter: int
    observed_on: int
    device_id: str
    instance_name: str
    xml: bytes
    xml_sha256: str
    complete: bool
    review_state: str
    review_note: str


@dataclass(frozen=True, slots=True)
class Known:
    """What decides about a re-send of a submission that is there already."""

    id: int
    project_id: int
    xml_sha256: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Locked:
    """A submission about to be edited, its form, and its unit's path ("" without a unit)."""

    submission: Submission
    form_pk: int
    unit_path: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attachment of a submission; ``sha256`` "" where its bytes have not arrived."""

    name: str
    sha256: str
    size: int
    content_type: str


# observation columns from ``submission`` to ``observed_on``, then those of analysis.observe.ObservationRow.
ObservationHead = tuple[int, int, int, int, int]

_COLUMNS = (
    ("instance_id", "text"), ("root_id", "text"), ("deprecated_id", "text"), ("number", "int4"),
    ("project_id", "int4"), ("form_version_id", "int4"), ("unit_id", "int4"), ("submitter_id", "int4"),
    ("quarter", "int4"), ("observed_on", "int4"), ("device_id", "text"), ("instance_name", "text"),
    ("xml", "bytea"), ("xml_sha256", "text"), ("complete", "bool"), ("review_state", "text"),
    ("review_note", "text"),
)  # fmt: skip
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_ARRAYS = ", ".join(f"%b::{kind}[]" for _, kind in _COLUMNS)
_VALUES = ", ".join(f"NULLIF({name}, 0)" if name in ("unit_id", "submitter_id") else name for name, _ in _COLUMNS)
_INSERT_SUBMISSIONS = f"""
INSERT INTO submission ({_NAMES}, superseded_by, received_at)
SELECT {_VALUES}, '', %b::timestamptz FROM unnest({_ARRAYS}) AS arrived ({_NAMES})
ON CONFLICT (instance_id) DO NOTHING RETURNING id, instance_id
"""  # noqa: S608
_INSERT_EVENTS = f"""
INSERT INTO event (kind, subject, by_id, at, data, pending)
SELECT '{RECEIVED}', subject, NULLIF(by_id, 0), %b::timestamptz, data, pending
FROM unnest(%b::text[], %b::int4[], %b::text[], %b::bool[]) AS happened (subject, by_id, data, pending)
"""  # noqa: S608
_INSERT_FILES = (
    "INSERT INTO attachment (submission_id, name, sha256, size, content_type) "
    "SELECT * FROM unnest(%b::int8[], %b::text[], %b::text[], %b::int4[], %b::text[])"
)
_OBSERVED = tuple(column.name for column in OBSERVATION.columns)
_COPY_OBSERVATIONS = f"COPY observation ({', '.join(_OBSERVED)}) FROM STDIN"
_MARKS = ", ".join("?" * len(_OBSERVED))
_INSERT_OBSERVATION = f"INSERT INTO observation ({', '.join(_OBSERVED)}) VALUES ({_MARKS})"  # noqa: S608
_OBSERVATION_LINE = "%d\t%d\t%d\t%d\t%d\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n"


def is_postgres(session: WriteSession) -> bool:
    """True for PostgreSQL, false for SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def insert_submissions(session: WriteSession, rows: Sequence[SubmissionRow], at: dt.datetime) -> dict[str, int]:
    """Insert those whose instance_id is new; gives their ids by instance_id. ``rows`` must not repeat an id."""
    if not rows:
        return {}
    if is_postgres(session):
        columns = [[getattr(row, name) for row in rows] for name, _ in _COLUMNS]
        result = session.connection().exec_driver_sql(_INSERT_SUBMISSIONS, (at, *columns))
        return {instance: number for number, instance in result}
    found: dict[str, int] = {}
    table = Submission.__table__  # type: ignore[attr-defined]
    statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=["instance_id"]).returning(table.c.id)
    for row in rows:
        values = {name: getattr(row, name) for name, _ in _COLUMNS}
        values |= {"unit_id": row.unit_id or None, "submitter_id": row.submitter_id or None}
        stored = session.execute(statement, {**values, "superseded_by": "", "received_at": at}).scalar()
        if stored is not None:
            found[row.instance_id] = stored
    return found


def known_submissions(session: WriteSession, instances: Sequence[str]) -> dict[str, Known]:
    """The stored submissions among these instanceIDs."""
    if not instances:
        return {}
    rows = session.exec(
        select(
            Submission.instance_id, Submission.id, Submission.project_id, Submission.xml_sha256, Submission.complete
        ).where(col(Submission.instance_id).in_(instances))
    )
    return {row[0]: Known(*cast("tuple[int, int, str, bool]", tuple(row[1:]))) for row in rows}


def insert_observations(session: WriteSession, groups: Sequence[tuple[ObservationHead, Sequence[Any]]]) -> None:
    """Append observations: each group is what its rows share, and its rows."""
    lines = [head + tuple(row) for head, rows in groups for row in rows]
    if not lines:
        return
    if not is_postgres(session):
        session.connection().exec_driver_sql(_INSERT_OBSERVATION, lines)
        return
    block = "".join([_OBSERVATION_LINE % line for line in lines])
    if "\\" in block:  # COPY's own escape character; names and codes hold neither tab nor line end
        block = block.replace("\\", "\\\\")
    with _driver_errors():
        driver = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(_COPY_OBSERVATIONS) as copy:
            copy.write(block)


def insert_events(session: WriteSession, rows: Sequence[tuple[str, int, str, bool]], at: dt.datetime) -> None:
    """Append events ``submission.received``: (instance_id, who sent it or 0, data as JSON, for the jobs or not)."""
    if not rows:
        return
    if is_postgres(session):
        subjects, people, data, pending = (list(column) for column in zip(*rows, strict=True))
        session.connection().exec_driver_sql(_INSERT_EVENTS, (at, subjects, people, data, pending))
        return
    session.execute(
        insert(Event),
        [
            {"kind": RECEIVED, "subject": subject, "by_id": by or None, "at": at, "data": data, "pending": pending}
            for subject, by, data, pending in rows
        ],
    )


def insert_files(session: WriteSession, rows: Sequence[tuple[int, FileRow]]) -> None:
    """The attachments of submissions stored in this transaction."""
    if not rows:
        return
    if is_postgres(session):
        lists = (
            [number for number, _ in rows], [file.name for _, file in rows], [file.sha256 for _, file in rows],
            [file.size for _, file in rows], [file.content_type for _, file in rows],
        )  # fmt: skip
        session.connection().exec_driver_sql(_INSERT_FILES, lists)
        return
    session.execute(
        insert(Attachment),
        [
            {"submission_id": number, "name": file.name, "sha256": file.sha256, "size": file.size,
             "content_type": file.content_type}
            for number, file in rows
        ],
    )  # fmt: skip


def fill_files(session: WriteSession, submission_id: int, files: Sequence[FileRow]) -> None:
    """Give a submission's awaited attachments their bytes; those that have arrived before stay as they are."""
    for file in files:
        if file.sha256:
            session.exec(
                update(Attachment)
                .where(
                    col(Attachment.submission_id) == submission_id,
                    col(Attachment.name) == file.name,
                    col(Attachment.sha256) == "",
                )
                .values(sha256=file.sha256, size=file.size, content_type=file.content_type)
            )


def mark_complete(session: WriteSession, submission_id: int) -> None:
    """The last POST of this submission has arrived."""
    session.exec(
        update(Submission)
        .where(col(Submission.id) == submission_id, col(Submission.complete).is_(False))
        .values(complete=True)
        .execution_options(synchronize_session=False)
    )


def lock_submission(session: WriteSession, instance_id: str) -> Locked | None:
    """A stored submission, locked against another edit."""
    row = session.exec(
        select(Submission, FormVersion.form_pk, Unit.path)
        .join(FormVersion, col(FormVersion.id) == Submission.form_version_id)
        .join(Unit, col(Unit.id) == Submission.unit_id, isouter=True)
        .where(col(Submission.instance_id) == instance_id)
        .with_for_update(of=Submission)
    ).first()
    return Locked(row[0], row[1], row[2] or "") if row else None


def supersede(session: WriteSession, old: Submission, by_instance: str) -> None:
    """Let a newer version take a submission's place: what was read from the old one no longer counts."""
    old.superseded_by = by_instance
    session.add(old)
    session.flush()
    # The index leads with unit and quarter.
    session.exec(
        delete(OBSERVATION).where(
            OBSERVATION.c.unit == (old.unit_id or 0),
            OBSERVATION.c.quarter == old.quarter,
            OBSERVATION.c.submission == old.id,
        )
    )


def files_of(session: WriteSession, submission_id: int) -> dict[str, FileRow]:
    """A submission's attachments by name."""
    rows = session.exec(select(Attachment).where(col(Attachment.submission_id) == submission_id))
    return {row.name: FileRow(row.name, row.sha256, row.size, row.content_type) for row in rows}


@contextmanager
def _driver_errors() -> Iterator[None]:
    """COPY runs beside SQLAlchemy, so its connection failures are told apart here."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise Problem("store.unavailable", headers={"Retry-After": "5"}) from error
