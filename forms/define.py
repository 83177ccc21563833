"""Reads an expanded workbook as a FormDefinition: items with their paths and what each answer means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from forms.columns import (
    Settings,
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
    translations,
    veto_of,
)
from forms.definition import Choice, FormDefinition, Item, Meaning, Role
from forms.sheets import Row, Sheet, Workbook

_MEDIA: Final = re.compile(r"jr://(?:file|file-csv|images|audio|video)/([^\"'<>\s]+)")
_ROOT: Final = re.compile(r"<instance>\s*<([A-Za-z_][\w.-]*)")
_NO_NODE: Final = frozenset({"", "xml-external", "csv-external", "background-geopoint"})
_YES: Final = frozenset({"yes", "true", "true()", "y", "1"})


@dataclass(slots=True)
class _Place:
    """Where a walk through the survey stands: open groups with the index of the innermost repeat."""

    names: list[str] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)


def define(workbook: Workbook, xform: str, roles: Mapping[str, tuple[Role, str]], filename: str = "") -> FormDefinition:
    """The definition of an expanded workbook and its compiled XForm. Wrong extra cells count as empty."""
    settings = read_settings(workbook, filename)
    root = match[1] if (match := _ROOT.search(xform)) else "data"
    sections: dict[str, dict[str, str]] = {}
    items = tuple(_items(workbook.sheet("survey"), root, roles, sections))
    names = {item.name for item in items}
    return FormDefinition(
        form_id=settings.form_id,
        version=settings.version,
        labels=settings.labels,
        kind=settings.kind,
        cadence=settings.cadence,
        root=root,
        unit_item=_existing(settings.unit_item, names),
        date_item=_date_item(settings, names),
        items=items,
        choices=_choices(workbook.sheet("choices")),
        sections=sections,
        media=tuple(dict.fromkeys(_MEDIA.findall(xform))),
    )


def _existing(name: str, names: set[str]) -> str:
    return name if name in names else ""


def _date_item(settings: Settings, names: set[str]) -> str:
    return _existing(settings.date_item, names)


def _items(
    survey: Sheet, root: str, roles: Mapping[str, tuple[Role, str]], sections: dict[str, dict[str, str]]
) -> Iterator[Item]:
    place = _Place()
    for row in survey:
        kind, name = row_type(row), row_name(row)
        if kind.word in ("begin_group", "begin_repeat"):
            if not place.names:
                sections[name] = translations(row, "label")
            place.names.append(name)
            if kind.word == "begin_repeat":
                place.repeats.append(len(place.names))
        elif kind.word in ("end_group", "end_repeat"):
            if place.repeats and place.repeats[-1] == len(place.names):
                place.repeats.pop()
            if place.names:
                place.names.pop()
        elif kind.word not in _NO_NODE and name:
            item = _item(row, root, place, roles)
            yield item
            if row_type(row).word.startswith("select_") and row["type"].split()[-1:] == ["or_other"]:
                yield replace(item, name=f"{name}_other", path=f"{item.path}_other", type="text", list_name="",
                              meanings=(), required=False)  # fmt: skip


def _item(row: Row, root: str, place: _Place, roles: Mapping[str, tuple[Role, str]]) -> Item:
    kind, name = row_type(row), row_name(row)
    role, companion_of = roles.get(name, ("item", ""))
    measures, _ = measures_of(row)
    parents = ["meta"] if kind.word == "audit" else place.names
    repeat = "/".join(["", root, *place.names[: place.repeats[-1]]]) if place.repeats else ""
    return Item(
        name=name,
        path="/".join(["", root, *parents, name]),
        type=kind.word,
        labels=translations(row, "label"),
        list_name=kind.list_name,
        section=place.names[0] if place.names else "",
        repeat=repeat,
        role=role,
        companion_of=companion_of,
        meanings=tuple(Meaning(code, measure) for code, measure in measures),
        severity=severity_of(row["severity"]) or 0,
        days=days_of(row["days"]) or 0,
        route=route_of(row["route"]) or 0,
        veto=veto_of(row["veto"]) or 0,
        required=row["required"].lower() in _YES,
    )


def _choices(sheet: Sheet) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for row in sheet:
        name = list_name(row)
        light = light_of(row["light"]) if row["light"] else None
        lists.setdefault(name, []).append(Choice(name, choice_name(row), translations(row, "label"), light))
    return {name: tuple(found) for name, found in lists.items()}
