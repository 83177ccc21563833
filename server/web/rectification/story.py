"""What happened to a matter, step by step, with its files and documents, as its page tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from scorecards.documents.kinds import KINDS, number_words
from scorecards.lifecycle.table import FieldKind, FieldSpec, Table, Words
from server.services.documents import values as document_values
from server.store import documents as store
from server.store.cases import CaseDocument, CaseFile, CaseStep
from server.store.db import ReadSession
from server.store.reading import cases as reading_cases
from server.web.locale import has_text, text
from server.web.rectification.documents import document_links
from server.web.render import SignedPage
from server.web.visits.submission_view import PICTURES

NOBODY: Final = Words("", "")


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file on a page, with when and where a photo was taken where that is known."""

    name: str
    url: str
    thumb: str = ""
    size: int = 0
    picture: bool = False
    taken_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    place: str = ""
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One step that was taken: what, by whom ("" the system), when, from where to where, what was entered."""

    action: str
    words: Words
    who: str
    at: dt.datetime
    before: Words
    after: Words
    due: dt.date | None
    said: Sequence[tuple[Words, Words]]
    files: Sequence[ShownFile]
    instance_id: str = ""
    earlier: Sequence[Told] = ()

    @property
    def system(self) -> bool:
        return not self.who

    @property
    def quiet(self) -> bool:
        """True for a note beside the steps that says nothing of its own: several of them are told as one."""
        return self.before == self.after and not self.said and not self.files

    def same(self, other: Told) -> bool:
        """True where two notes differ only in when and by whom."""
        return self.quiet and other.quiet and self.action == other.action


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A numbered document: ``links`` are (words, address); ``receipt`` says who took note of it when."""

    words: Words
    number: str
    at: dt.date
    due: dt.date | None
    links: Sequence[tuple[str, str]]
    receipt: str
    acknowledged: bool


@dataclass
class Story:
    """Everything that happened, the newest first; ``after`` are the photos that show the result."""

    told: list[Told] = field(default_factory=list)
    after: list[ShownFile] = field(default_factory=list)
    before: list[ShownFile] = field(default_factory=list)


def of(
    page: SignedPage,
    session: ReadSession,
    table: Table,
    base: str,
    *,
    finding_id: int | None = None,
    measure_id: int | None = None,
) -> Story:
    """The story of a matter whose page is at ``base``."""
    rows = reading_cases.steps_of(session, finding_id=finding_id, measure_id=measure_id)
    names = _names(page, session, table, [row[0] for row in rows])
    files: dict[int, list[CaseFile]] = {}
    for file in reading_cases.files_of_steps(session, [row[0].id for row in rows]):
        files.setdefault(file.step_id, []).append(file)
    story = Story()
    for step, who, instance_id in rows:
        shown = [_file(base, file, step.at) for file in files.get(step.id, ())]
        given = {file.role for file in files.get(step.id, ())}
        if "after" in given:
            story.after += [entry for entry, file in zip(shown, files[step.id], strict=True) if file.role == "after"]
        if "before" in given:
            story.before += [entry for entry, file in zip(shown, files[step.id], strict=True) if file.role == "before"]
        words, specs = _of_table(table, step.action, step.before)
        told = Told(
            step.action,
            words,
            who or "",
            step.at,
            _state(table, step.before),
            _state(table, step.after),
            step.due_on,
            _said(specs, orjson.loads(step.fields), step.reason, names),
            shown,
            instance_id or "",
        )
        if story.told and told.same(story.told[-1]):
            story.told[-1] = replace(story.told[-1], earlier=(*story.told[-1].earlier, told))
        else:
            story.told.append(told)
    return story


def _names(page: SignedPage, session: ReadSession, table: Table, steps: Sequence[CaseStep]) -> dict[str, str]:
    """The names of the people and units that steps chose, by ``kind:id``."""
    ids: dict[FieldKind, set[int]] = {FieldKind.USER: set(), FieldKind.UNIT: set()}
    for step in steps:
        fields = orjson.loads(step.fields)
        for spec in _of_table(table, step.action, step.before)[1]:
            if spec.kind in ids and str(fields.get(spec.name, "")).isdigit():
                ids[spec.kind].add(int(fields[spec.name]))
    people = reading_cases.names_of(session, ids[FieldKind.USER])
    units = reading_cases.units_named(session, ids[FieldKind.UNIT])
    found = {f"{FieldKind.USER.value}:{number}": name for number, name in people.items()}
    return found | {
        f"{FieldKind.UNIT.value}:{number}": page.name(unit.name, unit.name_en) for number, unit in units.items()
    }


def _of_table(table: Table, action: str, before: str) -> tuple[Words, Sequence[FieldSpec]]:
    step = table.step(before, action) or next((entry for entry in table.steps if entry.action == action), None)
    if step is not None:
        return step.words, step.fields
    key = f"story.{action}"  # what is noted beside the steps
    return (Words(text("zh", key), text("en", key)) if has_text(key) else Words(action, action)), ()


def _state(table: Table, name: str) -> Words:
    return table.states[name].words if name in table.states else Words(name, name)


def _said(
    specs: Sequence[FieldSpec], fields: Mapping[str, Any], reason: str, names: Mapping[str, str]
) -> list[tuple[Words, Words]]:
    """What was entered, in words, in the order of the form; and what is known beside it."""
    said = []
    for spec in specs:
        value = str(fields.get(spec.name) or "")
        if not value or spec.kind in (FieldKind.FILES, FieldKind.PHOTOS):
            continue
        if spec.kind in (FieldKind.USER, FieldKind.UNIT):
            value = names.get(f"{spec.kind.value}:{value}", value)
        said.append((spec.words, spec.choices.get(value, Words(value, value))))
    if reason and reason not in {value.zh for _, value in said}:
        said.append((Words("说明", "Note"), Words(str(fields.get("zh", reason)), str(fields.get("en", reason)))))
    return said


def _file(base: str, file: CaseFile, sent_at: dt.datetime) -> ShownFile:
    url = f"{base}/files/{file.id}"
    place = f"{file.latitude}, {file.longitude}" if file.latitude and file.longitude else ""
    picture = file.content_type in PICTURES
    thumb = f"{base}/thumbs/{file.id}" if picture else ""
    return ShownFile(file.name, url, thumb, file.size, picture, file.taken_at, sent_at, place)


def without_files(step: Told) -> Told:
    """The same step for somebody who does not see its files."""
    return replace(step, files=())


def documents(page: SignedPage, session: ReadSession, rows: Sequence[Any]) -> list[ShownDocument]:
    """Documents for a page, of one district: its letterhead is asked for once."""
    prefix = ""
    if rows:
        district = store.district_named(session, rows[0][0].district_id)
        _, prefix, _ = document_values.head_words(session, district)
    return [_document(page, prefix, document, name) for document, name in rows]


def _document(page: SignedPage, prefix: str, document: CaseDocument, name: str | None) -> ShownDocument:
    receipt, kind = "", KINDS.get(document.kind)
    asked = kind is None or kind.receipt  # a sheet that is filled in and kept asks nobody for a receipt
    if document.acknowledged_at and asked:
        receipt = page.t("document.receipt", who=name or "", moment=page.moment(document.acknowledged_at))
    elif document.delivered_at and asked:
        receipt = page.t("document.delivered", moment=page.moment(document.delivered_at))
    return ShownDocument(
        Words(kind.zh, kind.en) if kind else Words(document.kind, document.kind),
        number_words(document.kind, prefix, document.year, document.number),
        document.issued_on,
        document.due_on,
        document_links(page, document.id or 0) if kind else (),
        receipt,
        bool(document.acknowledged_at),
    )
