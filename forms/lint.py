"""Our own checks of a checklist: what pyxform cannot know because it ignores our columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from forms.catalogue import Catalogue
from forms.columns import (
    KINDS,
    choice_name,
    days_of,
    light_of,
    list_name,
    measures_of,
    read_settings,
    route_of,
    row_name,
    row_type,
    severity_of,
    veto_of,
)
from forms.meaning import Measure
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.sheets import Row, Workbook

_RATIO_RULES: Final = frozenset({"ratio", "milestone"})
_NUMBERS: Final = frozenset({"integer", "decimal", "calculate", "range", "hidden"})


def lint(authored: Workbook, expanded: Workbook, catalogue: Catalogue | None, filename: str = "") -> list[FormProblem]:
    """What is wrong in the extra columns of an authored workbook; ``expanded`` says which names exist in all.

    Indicators are looked up only where a catalogue is given.
    """
    lists = _lists(authored, expanded)
    known = {row_name(row) for row in expanded.sheet("survey")}
    found = [*_settings(authored, known, filename), *_choices(authored)]
    for row in authored.sheet("survey"):
        found += _list(row, lists)
        found += _levels(row)
        found += _meanings(row, lists, catalogue)
    return [*found, *_pairs(authored, catalogue), *_names(authored)]


def _lists(authored: Workbook, expanded: Workbook) -> dict[str, list[Row]]:
    lists: dict[str, list[Row]] = {}
    for row in (expanded.sheets.get("choices") or authored.sheet("choices")).rows:
        lists.setdefault(list_name(row), []).append(row)
    return lists


def _settings(workbook: Workbook, known: set[str], filename: str) -> Iterator[FormProblem]:
    settings = read_settings(workbook, filename)
    row = workbook.sheet("settings").rows[0] if workbook.sheet("settings").rows else Row(0, {})
    plain = settings.kind == "survey"
    if settings.kind not in KINDS:
        yield problem("settings.kind", "settings", row.number, "kind", value=row["kind"], allowed=", ".join(KINDS))
    if row["header"] and row["header"].lower() not in ("yes", "no", "true", "false"):
        yield problem("settings.header", "settings", row.number, "header", value=row["header"])
    if not row.first("form_id", "id_string"):
        yield problem("settings.form_id_missing" if not plain or not settings.form_id else "settings.form_id_from_file",
                      "settings", row.number, "form_id", value=settings.form_id)  # fmt: skip
    if not settings.version:
        code = "settings.version_advised" if plain else "settings.version_missing"
        yield problem(code, "settings", row.number, "version")
    for column in ("unit_item", "date_item"):
        if row[column] and row[column] not in known:
            yield problem("settings.item_unknown", "settings", row.number, column, value=row[column])
    if not plain:
        for column, value in (("unit_item", settings.unit_item), ("date_item", settings.date_item)):
            if not value:
                yield problem("settings.item_missing", "settings", row.number, column)


def _choices(workbook: Workbook) -> Iterator[FormProblem]:
    seen: set[tuple[str, str]] = set()
    for row in workbook.sheet("choices"):
        if row["light"] and light_of(row["light"]) is None:
            yield problem("choices.light_word", "choices", row.number, "light", value=row["light"])
        key = (list_name(row), choice_name(row))
        if key in seen and all(key):
            yield problem("choices.name_repeated", "choices", row.number, "name", value=key[1], list=key[0])
        seen.add(key)


def _list(row: Row, lists: Mapping[str, list[Row]]) -> Iterator[FormProblem]:
    kind = row_type(row)
    if kind.word in ("select_one", "select_multiple", "rank") and kind.list_name not in lists:
        if kind.list_name.startswith("${"):
            return  # the choices are the entries of a repeat
        yield problem("survey.list_unknown", "survey", row.number, "type", value=kind.list_name or "-")


def _levels(row: Row) -> Iterator[FormProblem]:
    readers = (("severity", severity_of), ("route", route_of), ("veto", veto_of), ("days", days_of))
    for column, reader in readers:
        if reader(row[column]) is None:
            yield problem(f"survey.{column}", "survey", row.number, column, value=row[column])


def _meanings(row: Row, lists: Mapping[str, list[Row]], catalogue: Catalogue | None) -> Iterator[FormProblem]:
    measures, wrong = measures_of(row)
    if wrong == "#":
        yield problem("survey.measure_number", "survey", row.number, "measure", value=row["measure"] or "-")
    elif wrong:
        yield problem("survey.measure", "survey", row.number, "measure", value=wrong)
    kind = row_type(row)
    if measures and (kind.word.startswith(("begin_", "end_")) or kind.word == "note"):
        yield problem("survey.measure_nowhere", "survey", row.number, "indicator", value=kind.word)
        return
    for code, measure in measures:
        if catalogue is not None and code not in catalogue.indicators:
            yield problem("survey.indicator_unknown", "survey", row.number, "indicator", value=code)
        if measure is not Measure.LIGHT and kind.word not in _NUMBERS and not kind.word.startswith("select_one"):
            yield problem(
                "survey.measure_number_type", "survey", row.number, "measure", value=measure.word, type=kind.word
            )
    if any(measure is Measure.LIGHT for _, measure in measures):
        yield from _lit(row, kind.word, kind.list_name, lists)


def _lit(row: Row, word: str, name: str, lists: Mapping[str, list[Row]]) -> Iterator[FormProblem]:
    if word not in ("select_one", "select_multiple"):
        yield problem("survey.measure_light_type", "survey", row.number, "measure", value=word)
        return
    for choice in lists.get(name, ()):
        if not choice["light"]:
            yield problem("choices.light_missing", "choices", choice.number, "light", value=choice_name(choice),
                          list=name, item=row_name(row))  # fmt: skip


def _pairs(workbook: Workbook, catalogue: Catalogue | None) -> Iterator[FormProblem]:
    """A ratio needs both its parts on the same form, unless the catalogue says where the other comes from."""
    parts: dict[str, dict[Measure, Row]] = {}
    for row in workbook.sheet("survey"):
        for code, measure in measures_of(row)[0]:
            parts.setdefault(code, {}).setdefault(measure, row)
    for code, found in parts.items():
        indicator = catalogue.indicators.get(code) if catalogue else None
        if indicator and indicator.rule not in _RATIO_RULES:
            continue
        for have, lack, elsewhere in (
            (Measure.NUMERATOR, Measure.DENOMINATOR, indicator.denominator if indicator else ""),
            (Measure.DENOMINATOR, Measure.NUMERATOR, indicator.numerator if indicator else ""),
        ):
            if have in found and lack not in found and not elsewhere:
                yield problem("survey.ratio_half", "survey", found[have].number, "measure", value=code, lacks=lack.word)


def _names(workbook: Workbook) -> Iterator[FormProblem]:
    """Names are unique in the whole form: an answer is found by its question's name."""
    seen: dict[str, Row] = {}
    for row in workbook.sheet("survey"):
        name = row_name(row)
        if name and name in seen and not row_type(row).word.startswith("end_"):
            yield problem(
                "survey.name_repeated", "survey", row.number, "name", value=name, first=str(seen[name].number)
            )
        seen.setdefault(name, row)
