"""Workbooks of KoboToolbox's form builder as standard XLSForm: its score, rank and matrix groups are written out.

The names and the rows are those that KoboToolbox itself makes when it deploys such a form, so that data and tools
made for either fit the other. Its other columns ($kuid, $autoname, kobo--..., _isRepeat) never reach pyxform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from forms.columns import choice_name, list_name, row_name, row_type
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.sheets import Row, Sheet, Workbook

_WIDTH: Final = re.compile(r"w(\d+)")
_OWN: Final = ("indicator", "measure", "severity", "days", "route", "veto")


class _Group(NamedTuple):
    """One of KoboToolbox's own groups: its first row, the rows inside, and its name."""

    begin: Row
    rows: Sequence[Row]
    name: str


def standard(workbook: Workbook) -> tuple[Workbook, list[FormProblem]]:
    """The workbook with KoboToolbox's own groups expanded and missing names filled in from ``$autoname``.

    A workbook without them comes back as it is. Added rows carry the number of the row they come from.
    """
    survey, choices = workbook.sheet("survey"), workbook.sheet("choices")
    if "$autoname" in survey.headers:
        survey = _named(survey, "$autoname")
    if "$autovalue" in choices.headers:
        choices = _named(choices, "$autovalue")
    problems: list[FormProblem] = []
    if any(row_type(row).word in _HANDLERS for row in survey):
        survey = _expanded(survey, choices, problems)
    changed = workbook.with_sheet(survey) if survey.rows else workbook
    return (changed.with_sheet(choices) if choices.rows else changed), problems


def _named(sheet: Sheet, automatic: str) -> Sheet:
    rows = [
        row
        if "name" in row.cells or automatic not in row.cells
        else Row(row.number, {**row.cells, "name": row[automatic]})
        for row in sheet
    ]
    return _with_rows(sheet, rows)


def _with_rows(sheet: Sheet, rows: Sequence[Row]) -> Sheet:
    every = dict.fromkeys([*sheet.headers, *(header for row in rows for header in row.cells)])
    return Sheet(sheet.name, tuple(every), tuple(rows))


def _expanded(survey: Sheet, choices: Sheet, problems: list[FormProblem]) -> Sheet:
    rows: list[Row] = []
    pending = iter(survey.rows)
    for row in pending:
        word = row_type(row).word
        handler = _HANDLERS.get(word)
        if handler is None:
            rows.append(row)
            continue
        inside: list[Row] = []
        end = word.replace("begin_", "end_")
        for following in pending:
            if row_type(following).word == end:
                break
            inside.append(following)
        else:
            problems.append(problem("kobo.unclosed", "survey", row.number, "type", value=word))
        rows += handler(_Group(row, inside, row_name(row)), choices, problems)
    return _with_rows(survey, rows)


def _score(group: _Group, choices: Sheet, problems: list[FormProblem]) -> list[Row]:
    kind = _list_of(group, "kobo--score-choices", choices, problems)
    required = {"required": group.begin["required"]} if group.begin["required"] else {}
    head = {**_texts(group.begin), "type": kind, "name": f"{group.name}_header", "appearance": "label"}
    rows = [_opening(group, "field-list"), Row(group.begin.number, head)]
    for row in _only(group, "score__row", problems):
        rows.append(_made(row, {"appearance": "list-nolabel", **row.cells, "type": kind, **required}))
    return [*rows, _closing(group)]


def _rank(group: _Group, choices: Sheet, problems: list[FormProblem]) -> list[Row]:
    kind = _list_of(group, "kobo--rank-items", choices, problems)
    message = group.begin["kobo--rank-constraint-message"]
    note = {**_texts(group.begin), "type": "note", "name": f"{group.name}_label"}
    rows = [_opening(group, "field-list"), Row(group.begin.number, note)]
    earlier: list[str] = []
    for row in _only(group, "rank__level", problems):
        name = row_name(row)
        cells = {"appearance": "minimal", **row.cells, "type": kind, "required": "true"}
        if message:
            cells["constraint_message"] = message
        if earlier:
            cells["constraint"] = " and ".join(f"${{{name}}} != ${{{before}}}" for before in earlier)
        earlier.append(name)
        rows.append(_made(row, cells))
    return [*rows, _closing(group)]


def _matrix(group: _Group, choices: Sheet, problems: list[FormProblem]) -> list[Row]:
    name = group.begin["kobo--matrix_list"]
    items = [row for row in choices if list_name(row) == name]
    if not items:
        problems.append(
            problem("kobo.list_missing", "survey", group.begin.number, "kobo--matrix_list", value=name or "-")
        )
    width = f"w{1 + sum(_width(row) for row in group.rows)}"
    header = f"{group.name}_header"
    rows = [
        Row(group.begin.number, {"type": "begin_group", "name": header, "appearance": width, **_relevant(group.begin)}),
        Row(group.begin.number, _note(f"{header}_note", "w1", group.begin, "**{}**")),
    ]
    for row in group.rows:
        rows.append(Row(row.number, _note(f"{header}_{row_name(row)}", f"w{_width(row)}", row, "**{}**")))
    rows.append(_closing(group))
    for item in items:
        base = f"{group.name}_{choice_name(item)}"
        opening = {"type": "begin_group", "name": base, "appearance": width, **_relevant(group.begin)}
        rows += [
            Row(group.begin.number, opening),
            Row(group.begin.number, _note(f"{base}_note", "w1", item, "##### {}")),
        ]
        rows += [_matrix_cell(row, item, base, group) for row in group.rows]
        rows.append(_closing(group))
    return rows


def _matrix_cell(row: Row, item: Row, base: str, group: _Group) -> Row:
    word = row_type(row).word
    look = "horizontal-compact" if word in ("select_one", "select_multiple") else "no-label"
    cells = {"type": row["type"], "name": f"{base}_{row_name(row)}", "appearance": f"w{_width(row)} {look}"}
    for key, text in row.cells.items():
        if key.partition("::")[0] == "label":
            cells[key] = f'<span style="display:none">{choice_name(item)}-{text}</span>'
        elif key in ("relevant", "constraint", "required"):
            cells[key] = _renamed(text, base, group)
        elif key in _OWN or key.partition("::")[0] in ("constraint_message", "hint"):
            cells[key] = text
    return Row(row.number, cells)


def _renamed(text: str, base: str, group: _Group) -> str:
    """References to other columns of the matrix mean the same row of it."""
    for column in group.rows:
        text = text.replace(f"${{{row_name(column)}}}", f"${{{base}_{row_name(column)}}}")
    return text


def _width(row: Row) -> int:
    match = _WIDTH.fullmatch(row["appearance"].strip())
    return int(match[1]) if match else 2


def _list_of(group: _Group, column: str, choices: Sheet, problems: list[FormProblem]) -> str:
    name = group.begin[column]
    if not any(list_name(row) == name for row in choices):
        problems.append(problem("kobo.list_missing", "survey", group.begin.number, column, value=name or "-"))
    return f"select_one {name}"


def _only(group: _Group, word: str, problems: list[FormProblem]) -> list[Row]:
    kept = []
    for row in group.rows:
        if row_type(row).word == word:
            kept.append(row)
        else:
            problems.append(problem("kobo.row_type", "survey", row.number, "type", value=row["type"], allowed=word))
    return kept


def _opening(group: _Group, appearance: str) -> Row:
    cells = {"type": "begin_group", "name": group.name, "appearance": appearance, **_relevant(group.begin)}
    return Row(group.begin.number, cells)


def _closing(group: _Group) -> Row:
    return Row(group.begin.number, {"type": "end_group"})


def _made(row: Row, cells: Mapping[str, str]) -> Row:
    return Row(row.number, dict(cells))


def _relevant(row: Row) -> dict[str, str]:
    return {"relevant": row["relevant"]} if row["relevant"] else {}


def _texts(row: Row) -> dict[str, str]:
    return {key: text for key, text in row.cells.items() if key.partition("::")[0] in ("label", "hint")}


def _note(name: str, width: str, source: Row, template: str) -> dict[str, str]:
    labels = {key: template.format(text) for key, text in _texts(source).items() if key.partition("::")[0] == "label"}
    return {"type": "note", "name": name, "appearance": width, **(labels or {"label": "-"})}


_HANDLERS: Final[Mapping[str, Callable[[_Group, Sheet, list[FormProblem]], list[Row]]]] = {
    "begin_score": _score,
    "begin_rank": _rank,
    "begin_kobomatrix": _matrix,
}
