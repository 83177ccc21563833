"""The indicator catalogue and the rulebook as workbooks that a supervision office edits in Excel.

Catalogue: sheets ``settings`` (version), ``indicators`` (columns are the fields of ``forms.catalogue.Indicator``),
``dimensions``, ``sources`` and ``departments`` (code, labels, any further columns). Rulebook: ``settings``, ``rules``.
Several values in a cell are separated by ``;``. Boundaries are written ``>= 10%``, ``<= 0``, ``> 3/2``, ``>= 4.5``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import Any, Final, get_args

from forms.catalogue import Catalogue, Comparison, Indicator, Threshold
from forms.catalogue import Rule as RuleWord
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.rulebook import Rule, Rulebook
from forms.sheets import Row, Sheet, Workbook, make_sheet

LABELS: Final = {"zh": "label::中文 (zh)", "en": "label::English (en)"}
_LISTS: Final = ("levels", "lead", "responsible")
_NUMBERS: Final = ("target", "freshness", "veto")
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "rule": get_args(RuleWord),
    "missing": ("exclude", "count"),
    "status": ("verified", "proposal", "unverified"),
    "core": ("yes", "no"),
}
_FIELDS: Final = tuple(entry.name for entry in fields(Indicator) if entry.name != "labels")
_DEFAULTS: Final = {entry.name: entry.default for entry in fields(Indicator) if entry.default is not MISSING}
_BOUNDARY: Final = re.compile(r"(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)\s*(?:(%)|/\s*(\d+))?")
_SIGNS: Final = str.maketrans({"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "=", "％": "%", "／": "/"})


def read_catalogue(workbook: Workbook) -> tuple[Catalogue, list[FormProblem]]:
    """The catalogue in a workbook and what is wrong with it; rows with errors are left out of the catalogue."""
    problems: list[FormProblem] = []
    version = _version(workbook, problems)
    dimensions = _named(workbook.sheet("dimensions"), problems)
    sources = _named(workbook.sheet("sources"), problems)
    departments = _named(workbook.sheet("departments"), problems)
    indicators: dict[str, Indicator] = {}
    sheet = workbook.sheet("indicators")
    if not sheet.rows:
        problems.append(problem("workbook.sheet_missing", sheet="indicators"))
    problems += _unknown_headers(sheet, {*_FIELDS, *LABELS.values()})
    for row in sheet:
        found = _indicator(row, dimensions, problems)
        if found and found.code in indicators:
            problems.append(problem("catalogue.code_repeated", "indicators", row.number, "code", value=found.code))
        elif found:
            indicators[found.code] = found
    return Catalogue(version, indicators, dimensions, sources, departments), problems


def write_catalogue(catalogue: Catalogue) -> Workbook:
    """The workbook that ``read_catalogue`` reads back as the same catalogue."""
    rows = [_indicator_cells(indicator) for indicator in catalogue.indicators.values()]
    headers = [*_FIELDS[:2], *LABELS.values(), *_FIELDS[2:]]
    return Workbook(
        {
            "settings": make_sheet("settings", ["version"], [{"version": catalogue.version}]),
            "indicators": make_sheet("indicators", headers, rows),
            "dimensions": _named_sheet("dimensions", catalogue.dimensions),
            "sources": _named_sheet("sources", catalogue.sources),
            "departments": _named_sheet("departments", catalogue.departments),
        }
    )


def read_rulebook(workbook: Workbook) -> tuple[Rulebook, list[FormProblem]]:
    """The rulebook in a workbook and what is wrong with it."""
    problems: list[FormProblem] = []
    version = _version(workbook, problems)
    sheet = workbook.sheet("rules")
    if not sheet.rows:
        problems.append(problem("workbook.sheet_missing", sheet="rules"))
    problems += _unknown_headers(sheet, {"id", "parameters", "source", "status", *LABELS.values()})
    rules: dict[str, Rule] = {}
    for row in sheet:
        if not row["id"] or row["id"] in rules:
            code = "catalogue.code_repeated" if row["id"] else "catalogue.cell_missing"
            problems.append(problem(code, "rules", row.number, "id", value=row["id"]))
            continue
        parameters = dict(part.partition("=")[::2] for part in _split(row["parameters"]))
        if wrong := [name for name, value in parameters.items() if not name.strip() or not value.strip()]:
            problems.append(problem("catalogue.parameter", "rules", row.number, "parameters", value=wrong[0]))
        clean = {name.strip(): value.strip() for name, value in parameters.items()}
        rules[row["id"]] = Rule(row["id"], _labels(row), clean, row["source"], row["status"] or "proposal")
    return Rulebook(version, rules), problems


def write_rulebook(rulebook: Rulebook) -> Workbook:
    """The workbook that ``read_rulebook`` reads back as the same rulebook."""
    rows = [
        {
            "id": rule.id,
            **_label_cells(rule.labels),
            "parameters": "; ".join(f"{name}={value}" for name, value in rule.parameters.items()),
            "source": rule.source,
            "status": rule.status,
        }
        for rule in rulebook.rules.values()
    ]
    headers = ["id", *LABELS.values(), "parameters", "source", "status"]
    settings = make_sheet("settings", ["version"], [{"version": rulebook.version}])
    return Workbook({"settings": settings, "rules": make_sheet("rules", headers, rows)})


def parse_threshold(text: str) -> Threshold | None:
    """A boundary such as ``>= 10%``, ``> 3/2`` or ``≥ 4.5`` as an exact, reduced fraction; None if it is none."""
    match = _BOUNDARY.fullmatch(text.translate(_SIGNS).strip())
    if not match or match[4] == "0":
        return None
    value = Fraction(match[2]) / (100 if match[3] else int(match[4] or 1))
    comparison: Comparison = match[1]  # type: ignore[assignment]
    return Threshold(comparison, value.numerator, value.denominator)


def threshold_text(threshold: Threshold, percent: bool) -> str:
    """A boundary as the workbook writes it: as a percentage if asked and exact, else as a decimal, else a fraction."""
    value = threshold.fraction
    shown = _decimal(value * 100) if percent else None
    text = f"{shown}%" if shown else _decimal(value) or f"{value.numerator}/{value.denominator}"
    return f"{threshold.comparison} {text}"


def _decimal(value: Fraction) -> str | None:
    """A fraction as a terminating decimal of at most six places, None if it is no such number."""
    scaled = value * 10**6
    if scaled.denominator != 1:
        return None
    sign, digits = "-" if scaled < 0 else "", f"{abs(scaled.numerator):07d}"
    return f"{sign}{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".")


def _indicator(row: Row, dimensions: Mapping[str, Any], problems: list[FormProblem]) -> Indicator | None:
    before = len(problems)

    def wrong(code: str, column: str, **values: str) -> None:
        problems.append(problem(code, "indicators", row.number, column, **values))

    values: dict[str, Any] = {"labels": _labels(row)}
    for name in _FIELDS:
        if text := row[name]:
            values[name] = _value(name, text, wrong)
        elif name in _DEFAULTS:
            values[name] = _DEFAULTS[name]
    values.setdefault("requirement", row["code"])
    for name in ("code", "source"):
        if not row[name]:
            wrong("catalogue.cell_missing", name)
    if not values["labels"]:
        wrong("catalogue.cell_missing", LABELS["zh"])
    if row["dimension"] and dimensions and row["dimension"] not in dimensions:
        wrong("catalogue.dimension_unknown", "dimension", value=row["dimension"])
    return None if len(problems) > before else Indicator(**values)


def _value(name: str, text: str, wrong: Callable[..., None]) -> Any:
    if name in _LISTS:
        return tuple(_split(text))
    if name in ("green", "yellow"):
        found = parse_threshold(text)
        if found is None:
            wrong("catalogue.threshold", name, value=text)
        return found
    if name in _NUMBERS:
        number = text.removeprefix("V") if name == "veto" else text
        if not number.isascii() or not number.isdigit():
            wrong("catalogue.number", name, value=text)
            return 0
        return int(number)
    if name in _WORDS:
        word = text.lower()
        if word not in _WORDS[name]:
            wrong("catalogue.word", name, value=text, allowed=", ".join(_WORDS[name]))
        return word == "yes" if name == "core" else word
    return text


def _indicator_cells(indicator: Indicator) -> dict[str, str]:
    cells = {**_label_cells(indicator.labels)}
    for name in _FIELDS:
        value = getattr(indicator, name)
        if name in ("green", "yellow"):
            percent = indicator.rule in ("ratio", "items", "milestone") or indicator.unit == "%"
            cells[name] = threshold_text(value, percent) if value else ""
        elif name in _LISTS:
            cells[name] = "; ".join(value)
        elif name == "core":
            cells[name] = "yes" if value else "no"
        elif name in _NUMBERS:
            cells[name] = "" if value == _DEFAULTS[name] else str(value)
        else:
            cells[name] = str(value)
    return cells


def _named(sheet: Sheet, problems: list[FormProblem]) -> dict[str, dict[str, str]]:
    named: dict[str, dict[str, str]] = {}
    for row in sheet:
        code = row["code"]
        if not code or code in named:
            kind = "catalogue.code_repeated" if code else "catalogue.cell_missing"
            problems.append(problem(kind, sheet.name, row.number, "code", value=code))
            continue
        other = {key: text for key, text in row.cells.items() if key not in ("code", *LABELS.values())}
        named[code] = {**_labels(row), **other}
    return named


def _named_sheet(name: str, named: Mapping[str, Mapping[str, str]]) -> Sheet:
    rows = [
        {"code": code, **_label_cells(row), **{key: text for key, text in row.items() if key not in LABELS}}
        for code, row in named.items()
    ]
    return make_sheet(name, ["code", *LABELS.values()], rows)


def _labels(row: Row) -> dict[str, str]:
    return {language: row[header] for language, header in LABELS.items() if row[header]}


def _label_cells(labels: Mapping[str, str]) -> dict[str, str]:
    return {header: labels.get(language, "") for language, header in LABELS.items()}


def _version(workbook: Workbook, problems: list[FormProblem]) -> str:
    """The version in the settings: a column ``version``, or a row of the columns ``name`` and ``value``."""
    rows = workbook.sheet("settings").rows
    named = {row["name"]: row["value"] for row in rows}
    version = rows[0]["version"] or named.get("version", "") if rows else ""
    if not version:
        problems.append(problem("catalogue.cell_missing", "settings", 2, "version"))
    return version


def _unknown_headers(sheet: Sheet, known: Iterable[str]) -> list[FormProblem]:
    return [
        problem("catalogue.column_unknown", sheet.name, 1, header, value=header)
        for header in sheet.headers
        if header not in set(known)
    ]


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;；]", text) if part.strip()]
