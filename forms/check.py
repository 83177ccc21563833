"""Everything that publishing asks of a workbook, in one call: read, expand, compile, lint, define."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from forms.catalogue import Catalogue
from forms.changes import meaning_problems
from forms.columns import FORM_SHEETS
from forms.compile import compile_form
from forms.define import define
from forms.definition import FormDefinition
from forms.expand import expand
from forms.kobo import standard
from forms.lint import lint
from forms.problem_texts import problem
from forms.problems import FormProblem, has_errors
from forms.sheets import Workbook
from forms.workbook import read_workbook

MAX_QUESTIONS: Final = 5_000


@dataclass(frozen=True, slots=True)
class CheckedForm:
    """What became of a workbook.

    ``workbook`` is as authored, ``expanded`` what the form is made of; both None where the file could not be read.
    ``definition`` and ``xform`` are None where a problem forbids publishing.
    """

    problems: list[FormProblem] = field(default_factory=list)
    definition: FormDefinition | None = None
    xform: str | None = None
    workbook: Workbook | None = None
    expanded: Workbook | None = None


def check(
    data: bytes, *, filename: str = "", catalogue: Catalogue | None = None, previous: FormDefinition | None = None
) -> CheckedForm:
    """Check a workbook and compile it. Never raises; errors first, then warnings, in the order of sheet and row.

    With ``catalogue`` unknown indicators are errors; with ``previous`` a name whose meaning changed is a warning.
    """
    workbook, problems = read_workbook(data, filename, FORM_SHEETS)
    if workbook is None:
        return CheckedForm(problems)
    if not workbook.sheet("survey").rows:
        return CheckedForm([*problems, problem("workbook.sheet_missing", "survey")], workbook=workbook)
    if len(workbook.sheet("survey").rows) > MAX_QUESTIONS:
        return CheckedForm([*problems, problem("survey.too_many_rows", "survey", value=str(MAX_QUESTIONS))])
    plain, kobo_problems = standard(workbook)
    problems += kobo_problems
    expanded = expand(plain)
    problems += lint(plain, expanded.workbook, catalogue, filename)
    xform, compile_problems = compile_form(expanded.workbook)
    problems += compile_problems
    definition = define(expanded.workbook, xform, expanded.roles, filename) if xform else None
    if definition and previous:
        problems += meaning_problems(previous, definition, plain)
    problems = _sorted(problems)
    if has_errors(problems):
        definition, xform = None, None
    return CheckedForm(problems, definition, xform, workbook, expanded.workbook)


def _sorted(problems: list[FormProblem]) -> list[FormProblem]:
    sheets = {"": 0, "settings": 1, "survey": 2, "choices": 3}
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda found: (found.level != "error", sheets.get(found.sheet, 9), found.row))
