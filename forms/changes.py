"""What a new version of a form changes, and whether its indicators can still be compared with the old version's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.columns import row_name
from forms.definition import FormDefinition, Item
from forms.meaning import Light
from forms.problem_texts import problem
from forms.problems import FormProblem
from forms.sheets import Workbook


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """An item whose meaning changed: what changed, as words in Chinese and English."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Comparability:
    """Whether an indicator's amounts of the new version may stand beside the old ones, and why not."""

    comparable: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FormChanges:
    """Items by name: added, removed, worded differently, with another meaning; indicators by code."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    relabelled: tuple[str, ...]
    meaning: tuple[ChangedItem, ...]
    indicators: Mapping[str, Comparability]


def compare(old: FormDefinition, new: FormDefinition) -> FormChanges:
    """Compare two versions. Companions count with the item they explain and are not listed."""
    before, after = _items(old), _items(new)
    both = [name for name in after if name in before]
    meaning = [found for name in both if (found := _changed(before[name], after[name], old, new))]
    changed = {found.name: found for found in meaning}
    relabelled = [name for name in both if before[name].labels != after[name].labels]
    return FormChanges(
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        relabelled=tuple(relabelled),
        meaning=tuple(meaning),
        indicators=_indicators(before, after, changed, set(relabelled)),
    )


def meaning_problems(old: FormDefinition, new: FormDefinition, workbook: Workbook) -> list[FormProblem]:
    """One warning per name that is used again with another meaning, at its row of the authored workbook."""
    rows = {row_name(row): row.number for row in workbook.sheet("survey")}
    return [
        problem(
            "survey.meaning_changed", "survey", rows[found.name], "name", value=found.name, zh=found.zh, en=found.en
        )
        for found in compare(old, new).meaning
        if found.name in rows
    ]


def _items(definition: FormDefinition) -> dict[str, Item]:
    return {item.name: item for item in definition.items if not item.companion_of and item.type != "note"}


def _lights(item: Item, definition: FormDefinition) -> dict[str, Light | None]:
    return {choice.name: choice.light for choice in definition.choices.get(item.list_name, ())}


def _feeds(item: Item) -> str:
    return ", ".join(f"{meaning.indicator}:{meaning.measure.word}" for meaning in item.meanings) or "-"


def _changed(before: Item, after: Item, old: FormDefinition, new: FormDefinition) -> ChangedItem | None:
    """What changed in the meaning of an item: its type, choices, lights, indicators, severity, veto or place."""
    zh, en = [], []

    def note(chinese: str, english: str, one: object, two: object) -> None:
        if one != two:
            zh.append(f"{chinese} {one or '-'} → {two or '-'}")
            en.append(f"{english} {one or '-'} → {two or '-'}")

    note("题型", "type", before.type, after.type)
    note("指标", "indicators", _feeds(before), _feeds(after))
    note("严重度", "severity", f"S{before.severity}", f"S{after.severity}")
    note("否决", "veto", f"V{before.veto}", f"V{after.veto}")
    note("路线", "route", f"R{before.route}", f"R{after.route}")
    note("重复组", "repeat", before.repeat, after.repeat)
    one, two = _lights(before, old), _lights(after, new)
    for name in dict.fromkeys([*one, *two]):
        if name not in two:
            note("选项", "choice", name, "")
        elif name not in one:
            note("选项", "choice", "", name)
        else:
            note(f"选项 {name} 的灯", f"light of choice {name}", _word(one[name]), _word(two[name]))
    return ChangedItem(after.name, "；".join(zh), "; ".join(en)) if zh else None


def _word(light: Light | None) -> str:
    return light.word if light is not None else "-"


def _by_indicator(items: Mapping[str, Item]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for item in items.values():
        for meaning in item.meanings:
            found.setdefault(meaning.indicator, set()).add(item.name)
    return found


def _indicators(
    before: Mapping[str, Item], after: Mapping[str, Item], changed: Mapping[str, ChangedItem], relabelled: set[str]
) -> dict[str, Comparability]:
    one, two = _by_indicator(before), _by_indicator(after)
    return {
        code: _comparable(one.get(code, set()), two.get(code, set()), changed, relabelled) for code in {**one, **two}
    }


def _comparable(
    one: set[str], two: set[str], changed: Mapping[str, ChangedItem], relabelled: set[str]
) -> Comparability:
    def listed(names: set[str]) -> str:
        return ", ".join(sorted(names))

    if not one:
        return Comparability(False, f"新指标：{listed(two)}", f"new indicator: {listed(two)}")
    if not two:
        return Comparability(False, f"不再采集：{listed(one)}", f"no longer collected: {listed(one)}")
    if other := {name for name in one & two if name in changed}:
        return Comparability(False, f"含义变了的题目：{listed(other)}", f"items with another meaning: {listed(other)}")
    if gone := one - two:
        return Comparability(False, f"删去的题目：{listed(gone)}", f"items removed: {listed(gone)}")
    if new := two - one:
        return Comparability(False, f"新增的题目：{listed(new)}", f"items added: {listed(new)}")
    if worded := (one & two) & relabelled:
        return Comparability(
            True, f"可比；题目措辞有改动：{listed(worded)}", f"comparable; wording changed: {listed(worded)}"
        )
    return Comparability(True, "可比；题目没有变化", "comparable; its items are unchanged")
