"""The front door for workbooks: Excel or Markdown in, sheets of text with row numbers out, and back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from forms.markdown import read_markdown, write_markdown
from forms.problem_texts import problem
from forms.problems import FormProblem, has_errors
from forms.sheets import Row, Sheet, Workbook, make_sheet, make_workbook
from forms.xlsx import MAX_FILE, read_xlsx
from forms.xlsx_write import write_xlsx

__all__ = [
    "Row",
    "Sheet",
    "Workbook",
    "make_sheet",
    "make_workbook",
    "read_markdown",
    "read_workbook",
    "write_markdown",
    "write_xlsx",
]

_MARKDOWN: Final = (".md", ".markdown")


def read_workbook(
    data: bytes, filename: str = "", sheets: Collection[str] | None = None
) -> tuple[Workbook | None, list[FormProblem]]:
    """Read a workbook that nobody has vouched for: .xlsx, or Markdown where the file name ends in ``.md``.

    ``sheets`` limits what is read to these names (compared in lower case), so that an author's scratch sheets are
    left alone. Never raises; None where nothing could be read. Cells with a problem are left out of the workbook.
    """
    if not data:
        return None, [problem("workbook.empty")]
    if filename.lower().endswith(_MARKDOWN):
        return _read_markdown(data, sheets)
    workbook, problems = read_xlsx(data, sheets)
    blank = workbook is not None and not any(sheet.headers for sheet in workbook.sheets.values())
    if blank and not has_errors(problems):
        problems.append(problem("workbook.empty"))
    return workbook, problems


def _read_markdown(data: bytes, sheets: Collection[str] | None) -> tuple[Workbook | None, list[FormProblem]]:
    if len(data) > MAX_FILE:
        return None, [problem("workbook.too_large", value=str(MAX_FILE // 2**20))]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, [problem("workbook.not_text")]
    workbook = read_markdown(text)
    if sheets is not None:
        kept = {name.lower(): sheet for name, sheet in workbook.sheets.items() if name.lower() in sheets}
        workbook = Workbook(kept)
    return workbook, [] if workbook.sheets else [problem("workbook.empty")]
