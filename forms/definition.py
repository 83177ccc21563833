"""A published checklist as data: its items, choices and what each answer means.

A definition is immutable and belongs to one version of one form. It is stored as JSON beside the XForm,
so that a submission of an old version is always mapped by that version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from forms.meaning import Light, Measure

Role = Literal["item", "header", "footer", "note_companion", "photo_companion"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One indicator that an answer feeds, and how."""

    indicator: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a choice list. ``light`` is None where the list carries no lights."""

    list_name: str
    name: str
    labels: Mapping[str, str]
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    ``path`` is the XForm nodeset (``/data/sec_a/f01_a01``); ``section`` the outermost group's name; ``repeat`` the
    nodeset of the innermost repeat or "". ``severity`` 0 means none, 1-4 S1-S4; ``route`` 0 none, 1-4 R1-R4;
    ``veto`` 0 none, 1-9 V1-V9; ``days`` 0 means the severity's default. ``companion_of`` names the item whose red or
    partial answer a note or photo explains.
    """

    name: str
    path: str
    type: str
    labels: Mapping[str, str]
    list_name: str = ""
    section: str = ""
    repeat: str = ""
    role: Role = "item"
    companion_of: str = ""
    meanings: tuple[Meaning, ...] = ()
    severity: int = 0
    days: int = 0
    route: int = 0
    veto: int = 0
    required: bool = False


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One version of one form.

    ``labels`` maps language ("zh", "en") to the title, ``sections`` a section's name to its labels in form order.
    ``unit_item`` and ``date_item`` name the items that say which unit was observed and when ("" if none do);
    ``kind`` is regular, thematic, recheck, school_return, department_return or survey (any other XLSForm).
    """

    form_id: str
    version: str
    labels: Mapping[str, str]
    kind: str = "survey"
    cadence: str = ""
    root: str = "data"
    unit_item: str = ""
    date_item: str = ""
    items: tuple[Item, ...] = ()
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    media: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """The title in a language, else in any."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.form_id)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data; enums as their integers."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FormDefinition:
        """The inverse of ``to_json``."""
        items = tuple(
            Item(
                **{**item, "meanings": tuple(Meaning(m["indicator"], Measure(m["measure"])) for m in item["meanings"])}
            )
            for item in data["items"]
        )
        choices = {
            name: tuple(Choice(**{**c, "light": None if c["light"] is None else Light(c["light"])}) for c in listed)
            for name, listed in data["choices"].items()
        }
        return cls(**{**data, "items": items, "choices": choices, "media": tuple(data["media"])})


def item_label(item: Item, language: str) -> str:
    """An item's label in a language, else in any, else its name."""
    return item.labels.get(language) or next(iter(item.labels.values()), item.name)
