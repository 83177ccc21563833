"""A submission as people read it: every answer with its question, light and photos, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from forms.answers import Answer
from forms.definition import FormDefinition, Item
from forms.meaning import Light
from forms.submission import FILE_TYPES, SubmissionProblem, read_answers
from server.problems import Problem
from server.security.permissions import may, reach
from server.security.viewer import Viewer
from server.services.reference import definition_of
from server.store.db import ReadSession, WriteSession
from server.store.forms import Form, FormVersion
from server.store.people import Person
from server.store.reading import work as reading_work
from server.store.submissions import Attachment, Submission
from server.store.units import Unit
from server.web.scorecard.explain_view import value_labels

Labels = Mapping[str, str]
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """One answer in words. ``file`` is an attachment's name, ``picture`` whether it can be shown as one."""

    item: str
    label: Labels
    value: Labels
    light: int | None
    severity: int
    note: str
    photos: tuple[str, ...]
    repeat_index: int
    file: str = ""
    picture: bool = False


@dataclass
class Found:
    """A submission that the viewer may see, with what it belongs to."""

    submission: Submission
    version: FormVersion
    form: Form
    unit: Unit | None
    person: Person | None


@dataclass
class SubmissionPage:
    """Everything that the page shows; ``sections`` in the order of the form."""

    found: Found
    definition: FormDefinition
    sections: list[tuple[Labels, list[ShownAnswer]]]
    attachments: list[Attachment]
    versions: list[Any]
    events: list[Any]
    counted: dict[int, int] = field(default_factory=dict)
    unreadable: str = ""


def visible_submission(
    session: ReadSession | WriteSession, viewer: Viewer, instance_id: str, action: str = "submission.see"
) -> Found:
    """A submission of a unit in reach, or the viewer's own. Raises Problem: not_found, auth.forbidden."""
    row = reading_work.submission(session, instance_id)
    if row is None:
        raise Problem("not_found")
    found = Found(*row)
    path = found.unit.path if found.unit else "/"
    own = found.submission.submitter_id == viewer.person_id
    if not (may(viewer, "submission.see", path) or own):
        raise Problem("not_found")
    if action != "submission.see" and not may(viewer, action, path):
        raise Problem("auth.forbidden")
    return found


def build(session: ReadSession, found: Found) -> SubmissionPage:
    """The page of a submission."""
    submission = found.submission
    assert submission.id is not None
    definition = definition_of(found.version)
    files = {file.name: file for file in reading_work.attachments(session, submission.id)}
    page = SubmissionPage(
        found,
        definition,
        [],
        list(files.values()),
        reading_work.versions_of(session, submission.root_id),
        reading_work.events_about(session, submission.instance_id),
    )
    try:
        answers = read_answers(submission.xml, definition)
    except SubmissionProblem as problem:
        page.unreadable = problem.zh
        return page
    page.sections = _sections(definition, answers, files)
    shown = [answer for _, listed in page.sections for answer in listed]
    page.counted = {light: sum(1 for answer in shown if answer.light == light) for light in (3, 2, 1, 4, 0)}
    return page


def _sections(
    definition: FormDefinition, answers: Sequence[Answer], files: Mapping[str, Attachment]
) -> list[tuple[Labels, list[ShownAnswer]]]:
    items = {item.name: item for item in definition.items}
    said = {(answer.item, answer.repeat_index): answer.value for answer in answers}
    companions: dict[str, list[Item]] = {}
    for item in definition.items:
        if item.companion_of:
            companions.setdefault(item.companion_of, []).append(item)
    sections: dict[str, list[ShownAnswer]] = {}
    for answer in answers:
        item = items.get(answer.item)
        if item is not None and item.companion_of and (item.companion_of, answer.repeat_index) in said:
            continue
        shown = _answer(definition, item, answer, companions.get(answer.item, ()), said, files)
        sections.setdefault(item.section if item else "", []).append(shown)
    names = [*definition.sections, *(name for name in sections if name not in definition.sections)]
    return [(definition.sections.get(name, {}), sections[name]) for name in names if name in sections]


def _answer(
    definition: FormDefinition,
    item: Item | None,
    answer: Answer,
    companions: Iterable[Item],
    said: Mapping[tuple[str, int], str],
    files: Mapping[str, Attachment],
) -> ShownAnswer:
    notes, photos = [], []
    for companion in companions:
        value = said.get((companion.name, answer.repeat_index), "")
        if value and companion.role == "photo_companion":
            photos.append(value)
        elif value:
            notes.append(value)
    file = answer.value if item is not None and item.type in FILE_TYPES else ""
    known = files.get(file)
    return ShownAnswer(
        answer.item,
        item.labels if item else {"zh": answer.item},
        value_labels(definition, item, answer.value),
        light_of(definition, item, answer.value),
        item.severity if item else 0,
        " ".join(notes),
        tuple(name for name in photos if name in files and files[name].sha256),
        answer.repeat_index,
        file,
        bool(known and known.sha256 and known.content_type in PICTURES),
    )


def light_of(definition: FormDefinition, item: Item | None, value: str) -> int | None:
    """The light of an answer: the worst of what was chosen, None where the list carries no lights."""
    if item is None or not item.list_name:
        return None
    lights = {choice.name: choice.light for choice in definition.choices.get(item.list_name, ())}
    chosen = [light for name in value.split() if (light := lights.get(name)) is not None]
    return int(max(chosen, key=lambda light: (light is not Light.GREY, light))) if chosen else None


def own_reach(viewer: Viewer) -> tuple[str, ...]:
    """Where the viewer sees submissions. Raises Problem("auth.forbidden") if nowhere."""
    paths = reach(viewer, "submission.see")
    if not paths:
        raise Problem("auth.forbidden")
    return paths


def photos_of(text: str) -> list[str]:
    """The names of a finding's photos."""
    return [str(name) for name in orjson.loads(text)]
