"""What the checklist author's pages show: problems in their place in the sheet, the form as it will be, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from forms.changes import FormChanges, compare
from forms.definition import Choice, FormDefinition, Item
from forms.problems import FormProblem
from forms.sheets import Workbook
from forms.shipped import shipped_checklists
from server.problems import Problem
from server.services.reference import definition_of
from server.store.db import ReadSession
from server.store.forms import Form, FormVersion, current_version, form_of, forms_of, version_of, versions_of

Labels = Mapping[str, str]
MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A problem with the rows around it: ``headers`` of the columns that say something there."""

    problem: FormProblem
    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class PreviewItem:
    """One question of the preview with its answers and the companions added to it."""

    item: Item
    choices: tuple[Choice, ...]
    companions: int


@dataclass
class Preview:
    """A form as people will see it."""

    definition: FormDefinition
    sections: list[tuple[str, Labels, list[PreviewItem]]]
    counted: int
    indicators: int
    required: int


@dataclass
class FormPage:
    """A checklist: its version on show, all versions, and what it may be compared with."""

    form: Form
    version: FormVersion
    versions: list[FormVersion]
    preview: Preview
    changes: Mapping[str, Any] = field(default_factory=dict)


def places(problems: Sequence[FormProblem], workbook: Workbook | None) -> list[Place]:
    """Each problem beside its row of the sheet, with the row before and after."""
    return [_place(problem, workbook) for problem in problems[:MOST_PROBLEMS]]


def _place(problem: FormProblem, workbook: Workbook | None) -> Place:
    sheet = workbook.sheet(problem.sheet) if workbook is not None and problem.sheet else None
    if sheet is None or not problem.row:
        return Place(problem, (), ())
    near = [row for row in sheet.rows if abs(row.number - problem.row) <= 1]
    used = [header for header in sheet.headers if header == problem.column or any(row[header] for row in near)]
    if problem.column and problem.column not in used:
        used.append(problem.column)
    shown = tuple(used[:9]) if problem.column in used[:9] or not problem.column else (*used[:8], problem.column)
    rows = {row.number: tuple(row[header] for header in shown) for row in near}
    if problem.row == 1:
        rows[1] = shown
    rows.setdefault(problem.row, tuple("" for _ in shown))
    return Place(problem, shown, tuple(sorted(rows.items())))


def preview(definition: FormDefinition) -> Preview:
    """The form by section, companions folded into the question they explain."""
    sections: dict[str, list[PreviewItem]] = {}
    companions: dict[str, int] = {}
    for item in definition.items:
        if item.companion_of:
            companions[item.companion_of] = companions.get(item.companion_of, 0) + 1
    for item in definition.items:
        if not item.companion_of:
            choices = definition.choices.get(item.list_name, ())
            shown = PreviewItem(item, tuple(choices), companions.get(item.name, 0))
            sections.setdefault(item.section, []).append(shown)
    listed = [(name, definition.sections.get(name, {}), items) for name, items in sections.items()]
    own = [item for item in definition.items if item.role == "item"]
    fed = {meaning.indicator for item in own for meaning in item.meanings}
    return Preview(definition, listed, len(own), len(fed), sum(1 for item in own if item.required))


def checklist_list(session: ReadSession, project_id: int) -> list[tuple[Form, FormVersion | None]]:
    """The project's forms with the version that phones have."""
    return [(form, current_version(session, form)) for form in forms_of(session, project_id)]


def library(session: ReadSession, project_id: int) -> list[tuple[str, bool]]:
    """The shipped checklists, and whether the project has each already."""
    known = {form.form_id for form in forms_of(session, project_id)}
    return [(name, name in known) for name in shipped_checklists()]


def form_page(session: ReadSession, project_id: int, form_id: str, version: str) -> FormPage:
    """A checklist at a version, "" for the current one. Raises Problem("not_found")."""
    form = form_of(session, project_id, form_id)
    if form is None or form.id is None:
        raise Problem("not_found")
    versions = versions_of(session, form.id)
    newest = current_version(session, form) or (versions[0] if versions else None)
    chosen = version_of(session, form.id, version) if version else newest
    if chosen is None:
        raise Problem("not_found")
    return FormPage(form, chosen, versions, preview(definition_of(chosen)), orjson.loads(chosen.changes))


def compared(session: ReadSession, project_id: int, form_id: str, old: str, new: str) -> tuple[Form, FormChanges]:
    """What changed between two versions. Raises Problem("not_found")."""
    form = form_of(session, project_id, form_id)
    if form is None or form.id is None:
        raise Problem("not_found")
    before, after = version_of(session, form.id, old), version_of(session, form.id, new)
    if before is None or after is None:
        raise Problem("not_found")
    return form, compare(definition_of(before), definition_of(after))
