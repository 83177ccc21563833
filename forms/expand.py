"""Adds what an author need not type: header, footer, and a note and a photo behind a red or partial answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Final

from forms.columns import (
    choice_name,
    language_of,
    light_of,
    list_name,
    read_settings,
    row_name,
    row_type,
    severity_of,
)
from forms.definition import Role
from forms.markdown import read_markdown
from forms.meaning import Light
from forms.sheets import Row, Sheet, Workbook

PHOTO_PARAMETERS: Final = "max-pixels=1280"
NO_CONFLICT: Final = "${hd_a11} = '1'"
_EXPLAINED: Final = (Light.RED, Light.YELLOW, Light.GREY)
_UNSEEN: Final = frozenset(
    (
        *(
            "start",
            "end",
            "today",
            "deviceid",
            "username",
            "phonenumber",
            "email",
            "simserial",
            "subscriberid",
            "audit",
        ),
        *("calculate", "hidden", "start-geopoint", "background-audio", "background-geopoint"),
        *("xml-external", "csv-external"),
    )
)
_TRANSLATED: Final = ("label", "hint", "constraint_message")


@dataclass(frozen=True, slots=True)
class Expanded:
    """An expanded workbook. Added rows carry the number of the authored row they belong to, 0 for header and footer.

    ``roles`` says of each added question what it is and, for a companion, of which question.
    """

    workbook: Workbook
    roles: Mapping[str, tuple[Role, str]]


def expand(workbook: Workbook) -> Expanded:
    """The workbook with companions and, where its kind asks for them, the common header and footer.

    An already expanded workbook comes back as it is, so that what ``forms expand`` writes can be published again.
    """
    survey = workbook.sheet("survey")
    named = {row_name(row) for row in survey}
    full = read_settings(workbook).header
    roles: dict[str, tuple[Role, str]] = {}
    gated = _gated(survey.rows) if full and "hd_a11" not in named else survey.rows
    rows = _with_companions(replace(survey, rows=gated), _explained(workbook.sheet("choices")), named, roles)
    choices = workbook.sheet("choices")
    if full:
        common = _common()
        rows = [*_part(common.sheet("header"), survey, named), *rows, *_part(common.sheet("footer"), survey, named)]
        rows = [_sized(row) for row in rows]
        choices = _with_choices(choices, common.sheet("choices"), rows)
        for sheet, role in (("header", "header"), ("footer", "footer")):
            roles |= {row_name(row): (role, "") for row in common.sheet(sheet) if row_name(row)}  # type: ignore[misc]
    found = workbook.with_sheet(_sheet("survey", survey.headers, rows))
    if choices.rows:
        found = found.with_sheet(choices)
    return Expanded(found, roles)


@cache
def _common() -> Workbook:
    return read_markdown((resources.files("forms") / "library" / "common.md").read_text(encoding="utf-8"))


def _sheet(name: str, headers: tuple[str, ...], rows: list[Row]) -> Sheet:
    every = dict.fromkeys([*headers, *(header for row in rows for header in row.cells)])
    return Sheet(name, tuple(every), tuple(rows))


def _explained(choices: Sheet) -> dict[str, list[str]]:
    """Per list with a red or yellow light, the answers that want an explanation: red, yellow and grey ones."""
    found: dict[str, list[str]] = {}
    lit: set[str] = set()
    for row in choices:
        light = light_of(row["light"])
        if light in _EXPLAINED:
            found.setdefault(list_name(row), []).append(choice_name(row))
        if light in (Light.RED, Light.YELLOW):
            lit.add(list_name(row))
    return {name: answers for name, answers in found.items() if name in lit}


def _with_companions(
    survey: Sheet, explained: Mapping[str, list[str]], named: set[str], roles: dict[str, tuple[Role, str]]
) -> list[Row]:
    rows: list[Row] = []
    labels = [header for header in survey.headers if header.partition("::")[0].strip().lower() == "label"]
    for row in survey:
        rows.append(row)
        name, kind = row_name(row), row_type(row)
        severity = severity_of(row["severity"]) or 0
        if severity < 2 or kind.word not in ("select_one", "select_multiple") or kind.list_name not in explained:
            continue
        roles |= {f"{name}_nt": ("note_companion", name), f"{name}_ev": ("photo_companion", name)}
        relevant = _answered(name, kind.word, explained[kind.list_name])
        note = {"type": "text", "name": f"{name}_nt", "relevant": relevant, **_labels(row, labels, "说明", "Explain")}
        photo = {"type": "image", "name": f"{name}_ev", "relevant": relevant, **_labels(row, labels, "照片", "Photo")}
        photo["parameters"] = PHOTO_PARAMETERS
        if severity >= 3:
            photo["required"] = "yes"
        rows += [Row(row.number, cells) for cells in (note, photo) if cells["name"] not in named]
    return rows


def _answered(name: str, kind: str, answers: list[str]) -> str:
    template = "${{{0}}} = '{1}'" if kind == "select_one" else "selected(${{{0}}}, '{1}')"
    return " or ".join(template.format(name, answer) for answer in answers)


def _labels(row: Row, headers: list[str], zh: str, en: str) -> dict[str, str]:
    """The question's label with a word before it, in each language the author uses."""
    found = {}
    for header in headers:
        if text := row[header]:
            chinese = (
                language_of(header).startswith("zh") if "::" in header else bool(re.search("[\u4e00-\u9fff]", text))
            )
            found[header] = f"{zh}：{text}" if chinese else f"{en}: {text}"
    return found


def _gated(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The author's rows, the outermost ones relevant only without a conflict of interest."""
    gated, depth = [], 0
    for row in rows:
        word = row_type(row).word
        depth -= word in ("end_group", "end_repeat")
        if depth == 0 and word and not word.startswith("end_") and word not in _UNSEEN:
            own = row["relevant"]
            row = Row(row.number, {**row.cells, "relevant": f"{NO_CONFLICT} and ({own})" if own else NO_CONFLICT})  # noqa: PLW2901
        depth += word in ("begin_group", "begin_repeat")
        gated.append(row)
    return tuple(gated)


def _part(common: Sheet, survey: Sheet, named: set[str]) -> list[Row]:
    """The header or footer in the author's languages; nothing where the author's workbook has it already."""
    if any(row_name(row) in named for row in common if row_name(row)):
        return []
    return [Row(0, _localised(row.cells, survey.headers)) for row in common]


def _localised(cells: Mapping[str, str], headers: tuple[str, ...]) -> dict[str, str]:
    """Our Chinese and English texts under the author's own language headers; languages that we lack get English."""
    own = [header for header in headers if header.partition("::")[0].strip().lower() == "label"]
    found = {key: text for key, text in cells.items() if "::" not in key}
    for column in _TRANSLATED:
        texts = {language_of(key): text for key, text in cells.items() if key.startswith(column + "::")}
        for header in own if texts else ():
            _, separator, language = header.partition("::")
            chinese = not separator or language_of(header).startswith("zh")
            found[column + separator + language] = texts.get("zh" if chinese else "en", "")
    return found


def _sized(row: Row) -> Row:
    if row_type(row).word != "image" or "max-pixels" in row["parameters"]:
        return row
    return Row(row.number, {**row.cells, "parameters": f"{row['parameters']} {PHOTO_PARAMETERS}".strip()})


def _with_choices(choices: Sheet, common: Sheet, rows: list[Row]) -> Sheet:
    """The author's lists and those of ours that a question uses and the author has not written."""
    own = {list_name(row) for row in choices}
    used = {row_type(row).list_name for row in rows} - own
    headers = choices.headers or common.headers
    key = "list name" if "list name" in headers else "list_name"
    added = []
    for row in common:
        if row["list_name"] in used:
            cells = _localised(row.cells, headers)
            cells[key] = cells.pop("list_name")
            added.append(Row(0, cells))
    return _sheet("choices", headers, [*choices.rows, *added])
