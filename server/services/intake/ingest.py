"""Taking a submission in: read it by the version it was filled with, judge it, keep its files, store it, only then
say so.

``Ingest`` is the one way in, for phones, the web and imported spreadsheets alike.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.observe import observe
from analysis.windows import day_number
from forms.answers import Answer, SubmissionHead
from forms.definition import FormDefinition
from forms.meaning import quarter_of
from forms.submission import SubmissionProblem, attachment_names, parse_submission, read_answers, read_head
from server.blobs.folder import BlobWriter
from server.problems import Problem
from server.security.permissions import may, reach
from server.security.viewer import Viewer
from server.services.checklists.compiled import CompiledForm, CompiledForms
from server.services.context import Context
from server.services.intake.group_commit import GroupCommitter
from server.services.intake.known_units import KnownUnit, KnownUnits
from server.services.intake.storing import Record, Stored, store_all
from server.store.intake import FileRow, SubmissionRow

# A visit dated outside these days is taken in, and put before the reviewers with a note.
DAYS_AHEAD: Final = 1
DAYS_BACK: Final = 366
# Beyond these no quarter, deadline or holiday is counted.
YEARS: Final = range(1900, 2200)
CONTENT_TYPES: Final = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "heic": "image/heic", "mp4": "video/mp4", "3gp": "video/3gpp", "mov": "video/quicktime", "webm": "video/webm",
    "m4a": "audio/mp4", "amr": "audio/amr", "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg",
    "aac": "audio/aac", "csv": "text/csv", "txt": "text/plain", "pdf": "application/pdf",
}  # fmt: skip


@dataclass(slots=True)
class Arrival:
    """What a door hands over. ``project_path`` is the path of the project's unit; ``files`` are not kept yet."""

    viewer: Viewer
    project_id: int
    project_path: str
    xml: bytes
    files: Mapping[str, BlobWriter] = field(default_factory=dict)
    complete: bool = True
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class _VisitDay:
    """The day of a visit; ``note`` says what is doubtful about it."""

    day: dt.date
    note: str = ""


class Ingest:
    """One a process. Safe to share between threads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.forms = CompiledForms(context.database)
        self.units = KnownUnits(context.database)
        self.committer: GroupCommitter[Record, Stored] = GroupCommitter(
            lambda records: store_all(context, records), limit=context.settings.group_commit
        )

    def take(self, arrival: Arrival) -> Stored:
        """Take one submission in and wait until it is committed. Raises Problem."""
        return self.committer.put(self.prepare(arrival)).result()

    def take_all(self, arrivals: Iterable[Arrival]) -> list[Stored | Problem]:
        """Take several in, sharing commits; gives each its fate in order."""
        pending = []
        for arrival in arrivals:
            try:
                pending.append(self.committer.put(self.prepare(arrival)))
            except Problem as problem:
                pending.append(problem)
        fates: list[Stored | Problem] = []
        for entry in pending:
            try:
                fates.append(entry if isinstance(entry, Problem) else entry.result())
            except Problem as problem:
                fates.append(problem)
        return fates

    def close(self) -> None:
        """Store what is under way and stop."""
        self.committer.close()

    def prepare(self, arrival: Arrival, *, may_wait: bool = True) -> Record:
        """Read and judge an arrival, and keep its files. Raises Problem, and NotKept if it would have to wait."""
        try:
            return self._prepare(arrival, may_wait)
        except SubmissionProblem as problem:
            raise Problem("submission.invalid", detail_zh=problem.zh, detail_en=problem.en) from problem

    def _prepare(self, arrival: Arrival, may_wait: bool) -> Record:
        root = parse_submission(arrival.xml)
        head = read_head(root)
        if head.deprecated_id == head.instance_id:
            raise Problem("submission.conflict", instance=head.instance_id)
        form = self.forms.find(arrival.project_id, head.form_id, head.version, may_wait=may_wait)
        if not form.open:
            raise Problem("submission.form_closed", form=head.form_id)
        answers = read_answers(root, form.definition)
        unit = self._unit(arrival, form.definition, answers, may_wait)
        visit = self._visit_day(form.definition, answers)
        files = self._files(arrival, form.definition, answers)
        rows = observe(form.definition, answers, form.catalogue, unit=unit.attributes) if unit else []
        return Record(
            row=_row(arrival, head, form, unit, visit),
            observations=rows,
            files=files,
            form_pk=form.form_pk,
            may_edit=reach(arrival.viewer, "submission.review"),
        )

    def _unit(
        self, arrival: Arrival, definition: FormDefinition, answers: Sequence[Answer], may_wait: bool
    ) -> KnownUnit | None:
        """The unit that was visited, None for a form that asks for none."""
        if not definition.unit_item:
            if not reach(arrival.viewer, "submission.send"):
                raise Problem("auth.forbidden")
            return None
        code = value_of(answers, definition.unit_item)
        unit = self.units.find(code, may_wait=may_wait) if code else None
        if unit is None or not unit.path.startswith(arrival.project_path):
            raise Problem("submission.unit_unknown", unit=code or "-")
        if not may(arrival.viewer, "submission.send", unit.path):
            raise Problem("submission.unit_forbidden", unit=code)
        return unit

    def _visit_day(self, definition: FormDefinition, answers: Sequence[Answer]) -> _VisitDay:
        today = self._context.today()
        text = value_of(answers, definition.date_item) if definition.date_item else ""
        if not text:
            return _VisitDay(today)
        day = day_of(text, self._context.settings.zone)
        if day is None:
            return _VisitDay(today, f"到访日期无法识别：{text[:40]} / unreadable date of visit")
        if not -DAYS_BACK <= (day - today).days <= DAYS_AHEAD:
            return _VisitDay(day, f"到访日期{day.isoformat()}与接收日期相差较大 / doubtful date of visit")
        return _VisitDay(day)

    def _files(self, arrival: Arrival, definition: FormDefinition, answers: Sequence[Answer]) -> list[FileRow]:
        """Keep the files that answers name; a phone's left-over files that none names are not taken."""
        names = [name for name in attachment_names(definition, answers) if len(name) <= 255]
        limit = self._context.settings.max_attachments
        if len(names) > limit:
            raise Problem("attachment.too_many", limit=limit)
        found = []
        for name in names:
            writer = arrival.files.get(name)
            if writer is None:
                found.append(FileRow(name, "", 0, ""))
            else:
                ending = name.rpartition(".")[2].lower()
                kind = CONTENT_TYPES.get(ending, "application/octet-stream")
                found.append(FileRow(name, writer.keep(), writer.size, kind))
        return found


def value_of(answers: Sequence[Answer], item: str) -> str:
    """The first answer of an item, "" if it was not answered."""
    return next((answer.value.strip() for answer in answers if answer.item == item), "")


def day_of(text: str, zone: dt.tzinfo) -> dt.date | None:
    """The day of a date or dateTime in the district's time zone; None if it is neither, or of no century of ours."""
    try:
        moment = dt.datetime.fromisoformat(text)
        day = moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    except (ValueError, OverflowError):
        return None
    return day if day.year in YEARS else None


def _row(
    arrival: Arrival, head: SubmissionHead, form: CompiledForm, unit: KnownUnit | None, visit: _VisitDay
) -> SubmissionRow:
    return SubmissionRow(
        instance_id=head.instance_id,
        root_id=head.instance_id,
        deprecated_id=head.deprecated_id,
        number=1,
        project_id=arrival.project_id,
        form_version_id=form.version_id,
        unit_id=unit.id if unit else 0,
        submitter_id=arrival.viewer.person_id,
        quarter=quarter_of(visit.day),
        observed_on=day_number(visit.day),
        device_id=arrival.device_id[:255],
        instance_name=head.instance_name[:300],
        xml=arrival.xml,
        xml_sha256=hashlib.sha256(arrival.xml).hexdigest(),
        complete=arrival.complete,
        review_state="has_issues" if visit.note else "received",
        review_note=visit.note,
    )
