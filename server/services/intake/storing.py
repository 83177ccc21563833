"""Storing what was received: one transaction for many submissions, and none fails because of its neighbour."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from server.problems import Problem
from server.services.context import Context
from server.store import intake
from server.store.db import WriteSession
from server.store.intake import FileRow, Known, Locked, SubmissionRow

log = logging.getLogger("liangpai")
Fate = Literal["created", "edited", "duplicate"]


@dataclass(slots=True)
class Record:
    """A submission that has been read and judged, ready to be stored.

    ``files`` are all attachments that its answers name; those with a ``sha256`` are kept as blobs already.
    ``may_edit`` are the unit paths below which the sender may replace what somebody else sent.
    """

    row: SubmissionRow
    observations: Sequence[Any]
    files: Sequence[FileRow]
    form_pk: int
    may_edit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a submission; ``id`` is its row's."""

    fate: Fate
    id: int
    instance_id: str


@dataclass(slots=True)
class _Batch:
    """What one transaction is about to write beside the submissions themselves."""

    observations: list[tuple[intake.ObservationHead, Sequence[Any]]] = field(default_factory=list)
    files: list[tuple[int, FileRow]] = field(default_factory=list)
    events: list[tuple[str, int, str, bool]] = field(default_factory=list)

    def add(self, number: int, record: Record, replaced: tuple[int, int] | None = None) -> None:
        """Add what comes with a new row; ``replaced`` is the unit (or 0) and quarter of the version it replaces."""
        row = record.row
        if row.unit_id and record.observations:
            head = (number, row.unit_id, row.submitter_id, row.quarter, row.observed_on)
            self.observations.append((head, record.observations))
        self.files += [(number, file) for file in record.files]
        places = dict.fromkeys(((row.unit_id, row.quarter), replaced or (0, 0)))
        touched = [place for place in places if place[0]]
        data = {
            "project": row.project_id,
            "quarter": row.quarter,
            "submission": number,
            "touched": touched,
            "unit": row.unit_id or None,
        }
        # Where no unit is touched nothing follows, so the jobs need not look.
        self.events.append((row.instance_id, row.submitter_id, orjson.dumps(data).decode(), bool(touched)))

    def write(self, session: WriteSession, at: dt.datetime) -> None:
        intake.insert_observations(session, self.observations)
        intake.insert_files(session, self.files)
        intake.insert_events(session, self.events, at)


def store_all(context: Context, records: Sequence[Record]) -> list[Stored | BaseException]:
    """Store records in one transaction; gives each its fate, or the Problem that its sender is told.

    Where the transaction fails for a reason that lies in the records, each is tried alone.
    """
    plain = [record for record in records if not record.row.deprecated_id]
    fates: dict[int, Stored | BaseException] = {}
    if plain:
        fates |= zip(map(id, plain), _store_plain(context, plain), strict=True)
    for record in records:
        if record.row.deprecated_id:
            fates[id(record)] = _attempt(context, record)
    return [fates[id(record)] for record in records]


def _store_plain(context: Context, records: Sequence[Record]) -> Sequence[Stored | BaseException]:
    try:
        with context.database.write() as session:
            return _write_new(session, records, context.clock())
    except Problem as problem:
        return [problem] * len(records)
    except Exception as error:
        if len(records) == 1:
            log.exception("could not store %s", records[0].row.instance_id)
            return [error]
        return [_store_plain(context, [record])[0] for record in records]


def _attempt(context: Context, record: Record) -> Stored | BaseException:
    try:
        with context.database.write() as session:
            return _write_edit(session, record, context.clock())
    except Problem as problem:
        return problem
    except Exception as error:
        log.exception("could not store %s", record.row.instance_id)
        return error


def _write_new(session: WriteSession, records: Sequence[Record], at: dt.datetime) -> list[Stored | BaseException]:
    first: dict[str, Record] = {}
    for record in records:
        first.setdefault(record.row.instance_id, record)
    created = intake.insert_submissions(session, [record.row for record in first.values()], at)
    batch = _Batch()
    for instance, number in created.items():
        batch.add(number, first[instance])
    batch.write(session, at)
    again = [record for record in records if first[record.row.instance_id] is not record
             or record.row.instance_id not in created]  # fmt: skip
    known = intake.known_submissions(session, [record.row.instance_id for record in again])
    fates: dict[int, Stored | BaseException] = {id(record): _resent(session, record, known) for record in again}
    for instance, number in created.items():
        fates[id(first[instance])] = Stored("created", number, instance)
    return [fates[id(record)] for record in records]


def _resent(session: WriteSession, record: Record, known: dict[str, Known]) -> Stored | BaseException:
    """A submission that is stored already: the same one gets what it lacked, another one is refused."""
    row = record.row
    stored = known[row.instance_id]
    if (stored.xml_sha256, stored.project_id) != (row.xml_sha256, row.project_id):
        return Problem("submission.conflict", instance=row.instance_id)
    intake.fill_files(session, stored.id, record.files)
    if row.complete and not stored.complete:
        intake.mark_complete(session, stored.id)
    return Stored("duplicate", stored.id, row.instance_id)


def _write_edit(session: WriteSession, record: Record, at: dt.datetime) -> Stored | BaseException:
    """A new version of a submission. Raises Problem: submission.deprecated_unknown, submission.deprecated_twice."""
    row = record.row
    found = intake.lock_submission(session, row.deprecated_id)
    known = intake.known_submissions(session, [row.instance_id])
    if row.instance_id in known:
        return _resent(session, record, known)
    if found is None or not _may_edit(record, found):
        raise Problem("submission.deprecated_unknown", instance=row.deprecated_id)
    old = found.submission
    if old.superseded_by:
        raise Problem("submission.deprecated_twice", instance=row.deprecated_id)
    assert old.id is not None
    row.root_id, row.number, row.review_state = old.root_id, old.number + 1, "edited"
    intake.supersede(session, old, row.instance_id)
    created = intake.insert_submissions(session, [row], at)
    if row.instance_id not in created:  # another process stored it between our look and our insert
        raise Problem("store.unavailable", headers={"Retry-After": "1"})
    carried = intake.files_of(session, old.id)
    record.files = [carried[file.name] if not file.sha256 and file.name in carried else file for file in record.files]
    batch = _Batch()
    batch.add(created[row.instance_id], record, (old.unit_id or 0, old.quarter))
    batch.write(session, at)
    return Stored("edited", created[row.instance_id], row.instance_id)


def _may_edit(record: Record, old: Locked) -> bool:
    """Whoever sent it, or who reviews at its unit; a form cannot take another form's submission's place."""
    row = record.row
    if (old.submission.project_id, old.form_pk) != (row.project_id, record.form_pk):
        return False
    own = bool(row.submitter_id) and old.submission.submitter_id == row.submitter_id
    return own or any(old.unit_path.startswith(prefix) for prefix in record.may_edit)
