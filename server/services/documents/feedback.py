"""The feedback sheet of a stored submission: its answers counted, what they propose, what the school said."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from PIL import Image

from forms.answers import Answer
from forms.definition import FormDefinition, Item, item_label
from forms.meaning import Light
from forms.submission import SubmissionProblem, read_answers
from scorecards.documents.conditions import short_code
from scorecards.documents.feedback import FeedbackFinding, FeedbackSheet
from scorecards.findings import ProposedFinding, propose
from server.problems import Problem
from server.services.context import Context
from server.services.documents.values import head_words
from server.services.reference import definition_of, in_force
from server.services.work_calendar import calendar_of
from server.store.db import ReadSession
from server.store.forms import Form, FormVersion, Project
from server.store.people import Person
from server.store.reading import work as reading_work
from server.store.submissions import Submission
from server.store.units import Unit

# The common header and footer (forms/library/common.md); a workbook without them has less on its sheet.
HIGHLIGHT, ATTITUDE, RESERVATION = "ft_a01", "ft_a11", "ft_a12"
EPOCH: Final = dt.date(1970, 1, 1)
SIGNATURES: Final = ("ft_a13", "ft_a14")
SIGNATURE_SIZE: Final = (900, 300)
MOST_PIXELS: Final = 20_000_000


def feedback_sheet(
    session: ReadSession,
    context: Context,
    submission: Submission,
    version: FormVersion,
    form: Form,
    unit: Unit,
    person: Person | None,
    *,
    language: str,
    link: str,
) -> FeedbackSheet:
    """What the sheet says. Raises Problem("submission.invalid") for one that cannot be read any more."""
    definition = definition_of(version)
    try:
        answers = read_answers(submission.xml, definition)
    except SubmissionProblem as problem:
        raise Problem("submission.invalid", detail_zh=problem.zh, detail_en=problem.en) from problem
    said = {answer.item: answer.value.strip() for answer in answers if not answer.repeat_index}
    force = in_force(session, submission.project_id)
    day = EPOCH + dt.timedelta(days=submission.observed_on)
    proposed = propose(
        definition,
        answers,
        force.rulebook,
        found_on=day,
        catalogue=force.catalogue,
        calendar=calendar_of(session),
    )
    district = session.get_one(Unit, session.get_one(Project, submission.project_id).unit_id)
    files = {file.name: file.sha256 for file in reading_work.attachments(session, submission.id or 0) if file.sha256}
    return FeedbackSheet(
        form=form.title_en or form.title if language == "en" else form.title,
        school=unit.name_en or unit.name if language == "en" else unit.name,
        school_code=unit.code,
        visited_on=day,
        inspectors=(person.name,) if person else (),
        counts=counts(definition, answers),
        findings=tuple(_finding(definition, finding, language) for finding in proposed),
        highlight=said.get(HIGHLIGHT, ""),
        attitude=_chosen(definition, ATTITUDE, said.get(ATTITUDE, ""), language),
        reservation=said.get(RESERVATION, ""),
        signatures=(_signature(context, said, files, 0), _signature(context, said, files, 1)),
        receipt=submission.instance_id,
        link=link,
        issuer=head_words(session, district)[0],
    )


def counts(definition: FormDefinition, answers: Sequence[Answer]) -> Mapping[Light, int]:
    """How many answers carry each light, the worst of several chosen counting once."""
    items = {item.name: item for item in definition.items}
    found: Counter[Light] = Counter()
    for answer in answers:
        item = items.get(answer.item)
        if item is not None and item.role == "item" and item.list_name:
            lights = _lights(definition, item, answer.value)
            if lights:
                found[max(lights, key=lambda light: (light is not Light.GREY, light))] += 1
    return found


def _lights(definition: FormDefinition, item: Item, value: str) -> list[Light]:
    lights = {choice.name: choice.light for choice in definition.choices.get(item.list_name, ())}
    return [light for name in value.split() if (light := lights.get(name)) is not None]


def _finding(definition: FormDefinition, finding: ProposedFinding, language: str) -> FeedbackFinding:
    item = next((item for item in definition.items if item.name == finding.item), None)
    title = finding.labels.get(language) or next(iter(finding.labels.values()), "")
    return FeedbackFinding(
        item=short_code(finding.item, definition.form_id),
        title=title or (item_label(item, language) if item else finding.item),
        fact="" if finding.fact == title else finding.fact,
        severity=finding.severity,
        route=finding.route,
        days=finding.days,
        light=finding.light,
        photos=len(finding.photos),
    )


def _chosen(definition: FormDefinition, name: str, value: str, language: str) -> str:
    item = next((item for item in definition.items if item.name == name), None)
    listed = definition.choices.get(item.list_name, ()) if item else ()
    labels = next((choice.labels for choice in listed if choice.name == value), {})
    return labels.get(language) or next(iter(labels.values()), value)


def _signature(context: Context, said: Mapping[str, str], files: Mapping[str, str], index: int) -> str:
    """A drawn signature as an SVG document around a picture made anew; "" where there is none that can be read."""
    digest = files.get(said.get(SIGNATURES[index], ""), "")
    try:
        data = context.blobs.get(digest) if digest else b""
        if not data:
            return ""
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return ""
            small = picture.convert("RGB")
            small.thumbnail(SIGNATURE_SIZE)
    except (KeyError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return ""
    target = io.BytesIO()
    small.save(target, "PNG")
    inside = base64.b64encode(target.getvalue()).decode()
    size = f'width="{small.width}" height="{small.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {small.width} {small.height}">'
        f'<image {size} href="data:image/png;base64,{inside}"/></svg>'
    )
