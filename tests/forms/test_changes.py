"""A new version says which items changed meaning and whether indicators remain comparable."""

from __future__ import annotations

import dataclasses

from forms.changes import compare
from forms.definition import Choice, FormDefinition, Item, Meaning
from forms.meaning import Light, Measure


def item(name: str, **changes: object) -> Item:
    meanings = (Meaning("A-1", Measure.LIGHT),)
    base = Item(name, f"/data/{name}", "select_one", {"zh": "题"}, "ynp", meanings=meanings, severity=2)
    return dataclasses.replace(base, **changes)


def form(*items: Item, red: Light = Light.RED) -> FormDefinition:
    choices = (Choice("ynp", "1", {}, Light.GREEN), Choice("ynp", "3", {}, red))
    return FormDefinition("f", "1", {}, items=items, choices={"ynp": choices})


def test_the_same_form_is_comparable() -> None:
    changes = compare(form(item("a")), form(item("a")))
    assert changes.meaning == () and changes.indicators["A-1"].comparable


def test_another_wording_is_told_and_stays_comparable() -> None:
    changes = compare(form(item("a")), form(item("a", labels={"zh": "另"})))
    assert changes.relabelled == ("a",)
    found = changes.indicators["A-1"]
    assert found.comparable and "措辞" in found.zh and "wording" in found.en


def test_another_light_of_a_choice_ends_comparability() -> None:
    changes = compare(form(item("a")), form(item("a"), red=Light.YELLOW))
    assert [(c.name, c.en) for c in changes.meaning] == [("a", "light of choice 3 red → yellow")]
    assert not changes.indicators["A-1"].comparable


def test_added_and_removed_items_and_indicators_are_told() -> None:
    new = item("b", meanings=(Meaning("B-1", Measure.LIGHT),))
    changes = compare(form(item("a")), form(new))
    assert (changes.added, changes.removed) == (("b",), ("a",))
    assert {code: found.comparable for code, found in changes.indicators.items()} == {"A-1": False, "B-1": False}
    grown = compare(form(item("a")), form(item("a"), item("b"))).indicators["A-1"]
    assert not grown.comparable and "b" in grown.en


def test_severity_type_and_veto_are_meaning() -> None:
    changes = compare(form(item("a")), form(item("a", severity=4, type="integer", veto=5)))
    assert changes.meaning[0].en == "type select_one → integer; severity S2 → S4; veto V0 → V5"
