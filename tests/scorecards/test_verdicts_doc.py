"""docs/verdicts.md says what the rules do: each of its tables is put to the rules with the shipped rulebook."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import scorecards
from analysis.frames import INDICATOR_VALUE
from forms.catalogue import Catalogue, Threshold
from forms.meaning import SCALE, Light, quarter_before
from forms.rulebook import Rulebook
from forms.shipped import shipped_catalogue, shipped_rulebook
from scorecards.bulk import indicator_lights
from scorecards.dimension import dimension_card
from scorecards.lights import indicator_light
from scorecards.rollup import (
    DimensionCard,
    Duty,
    Overdue,
    PastCard,
    Relapse,
    SchoolRecord,
    TownRecord,
    Veto,
    department_card,
    school_card,
    town_card,
)
from scorecards.verdict import IndicatorValue, LightContext, Verdict

ROOT = Path(__file__).parents[2]
QUARTER = 20264


def table(name: str) -> list[dict[str, str]]:
    text = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    lines = text.split(f"<!-- table: {name} -->\n", 1)[1].split("\n\n", 1)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return shipped_rulebook()


def light_of(rule, value: IndicatorValue, rulebook: Rulebook, context: LightContext | None = None) -> str:
    return indicator_light(rule, value, rulebook, context=context or LightContext()).light.word


def amounts(numerator: int, denominator: int) -> IndicatorValue:
    return IndicatorValue(1, QUARTER, "X", numerator * SCALE, denominator * SCALE, observations=1)


@pytest.mark.parametrize("row", table("items"), ids=str)
def test_items(shipped, indicator, row):
    yes, partial, no, s4 = (int(row[name]) for name in ("yes", "partial", "no", "no_s4"))
    seen = IndicatorValue(
        1, QUARTER, "X", green=yes, yellow=partial, red=no, red_s4=s4, observations=yes + partial + no
    )
    assert light_of(indicator("X"), seen, shipped) == row["light"]


@pytest.mark.parametrize("row", table("ratio"), ids=str)
def test_ratio(shipped, indicator, row):
    rule = indicator("X", "ratio", green=Threshold(">=", 1, 10), yellow=Threshold(">=", 8, 100))
    assert light_of(rule, amounts(int(row["numerator"]), int(row["denominator"])), shipped) == row["light"]


@pytest.mark.parametrize("row", table("rotation"), ids=str)
def test_rotation(shipped, indicator, row):
    green, yellow = (Threshold(">=", int(row[name]), 100) for name in ("green", "yellow"))
    rule = indicator(row["indicator"], "ratio", green=green, yellow=yellow)
    assert light_of(rule, amounts(int(row["numerator"]), int(row["denominator"])), shipped) == row["light"]


@pytest.mark.parametrize("row", table("zero"), ids=str)
def test_zero(shipped, indicator, row):
    none, lead, confirmed = (int(row[name]) for name in ("none", "lead", "confirmed"))
    seen = IndicatorValue(1, QUARTER, "X", green=none, grey=lead, red=confirmed, observations=none + lead + confirmed)
    assert light_of(indicator("X", "zero"), seen, shipped) == row["light"]


@pytest.mark.parametrize("row", table("decrease"), ids=str)
def test_decrease(shipped, indicator, row):
    now, before = (
        IndicatorValue(1, QUARTER, "X", count=int(row[name]) * SCALE, observations=1) for name in ("now", "before")
    )
    assert light_of(indicator("X", "decrease"), now, shipped, LightContext(previous=before)) == row["light"]


@pytest.mark.parametrize("row", table("dimension"), ids=str)
def test_dimension(shipped, indicator, row):
    lights = [light for light in (Light.GREEN, Light.YELLOW, Light.RED) for _ in range(int(row[light.word]))]
    codes = [f"X{number}" for number in range(len(lights) + int(row["without"]))]
    catalogue = Catalogue("doc", {code: indicator(code, dimension="GP-1") for code in codes}, {"GP-1": {}})
    verdicts = {code: Verdict(light, "x") for code, light in zip(codes, lights, strict=False)}
    assert dimension_card("GP-1", verdicts, catalogue, shipped).light.word == row["light"]


FACTS: dict[str, dict[str, object]] = {
    "": {},
    "veto": {"vetoes": (Veto(3, QUARTER),)},
    "false evidence": {"false_evidence": 1},
    "two relapses": {"relapses": (Relapse("f", 2, 2),)},
    "two open R3": {"open_r3": 2},
    "open S4": {"open_s4": 1},
    "no visit": {"visits": 0},
}


def facts_of(text: str) -> dict[str, object]:
    overdue = re.fullmatch(r"S(\d) overdue (\d+)", text)
    return {"overdue": (Overdue("f", int(overdue[1]), int(overdue[2])),)} if overdue else FACTS[text]


def dimensions(row: dict[str, str]) -> list[DimensionCard]:
    names = {"reds": Light.RED, "yellows": Light.YELLOW, "greens": Light.GREEN}
    lights = [light for name, light in names.items() for _ in range(int(row[name]))]
    return [DimensionCard(f"D{n}", light, "x", 1, 1, (), {}) for n, light in enumerate(lights)]


@pytest.mark.parametrize("row", table("school"), ids=str)
def test_school(shipped, row):
    card = school_card(
        dimensions(row), SchoolRecord(**{"quarter": QUARTER, "visits": 1, **facts_of(row["facts"])}), shipped
    )
    assert (card.light.word, card.rule) == (row["light"], row["rule"])


@pytest.mark.parametrize("row", table("repeats"), ids=str)
def test_repeats(shipped, row):
    *before, now = [Light.from_word(word) for word in row["quarters"].split()]
    past = tuple(PastCard(quarter_before(QUARTER, len(before) - n), light) for n, light in enumerate(before))
    shown = {Light.GREEN: (0, 0, 9), Light.YELLOW: (1, 0, 8), Light.RED: (3, 0, 6)}[now]
    cards = dimensions(dict(zip(("reds", "yellows", "greens"), map(str, shown), strict=True)))
    card = school_card(cards, SchoolRecord(QUARTER, visits=1, past=past), shipped)
    assert [measure.rule for measure in card.measures] == row["proposals"].split()


@pytest.mark.parametrize("row", table("town"), ids=str)
def test_town(shipped, row):
    lights = [light for light in Light if light.word in row for _ in range(int(row[light.word]))]
    record = TownRecord(tasks_due=int(row["due"]), tasks_on_time=int(row["on_time"]))
    assert town_card(lights, record, shipped).light.word == row["light"]


@pytest.mark.parametrize("row", table("department"), ids=str)
def test_department(shipped, row):
    duties = [
        Duty(f"{role}{when}{number}", lead=role == "led", on_time=when == "on time")
        for role in ("led", "shared")
        for when in ("on time", "late")
        for number in range(int(row[f"{role} {when}"]))
    ]
    assert department_card(duties, shipped).light.word == row["light"]


def test_every_rule_that_the_code_names_is_in_the_shipped_rulebook(shipped):
    named = set()
    for path in Path(scorecards.__file__).parent.glob("*.py"):
        named |= set(re.findall(r'"((?:L[0-4]|R)\.[a-z0-9_.]*[a-z0-9_])"', path.read_text(encoding="utf-8")))
    assert len(named) > 30
    assert named - shipped.rules.keys() == set()


def test_every_rule_of_a_verdict_that_ships_is_named_in_the_documentation_or_by_the_code(shipped):
    text = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in Path(scorecards.__file__).parent.glob("*.py"))
    code = re.sub(r'f"(L\d\.\w+)\.\{word\}"', "", code)
    levels = [rule for rule in shipped.rules if re.match(r"L[0-4]\.", rule)]
    known = [rule for rule in levels if rule in text or rule in code or rule.rsplit(".", 1)[-1] in code]
    assert known == levels


def test_every_indicator_that_ships_can_become_a_light(shipped):
    """A value of each kind put to every shipped indicator gives a light and a rule that the rulebook has."""
    seen = [
        IndicatorValue(1, QUARTER, "X", green=3, observations=3),
        IndicatorValue(1, QUARTER, "X", 3 * SCALE, 4 * SCALE, 2, observations=3),
        IndicatorValue(1, QUARTER, "X", 3 * SCALE, 4 * SCALE, 2, 1, 1, 1, 1, 1, observations=7),
        None,
    ]
    for entry in shipped_catalogue().indicators.values():
        for value in seen:
            verdict = indicator_light(entry, value, shipped)
            assert verdict.rule in shipped.rules
            assert all(check.rule in shipped.rules for check in verdict.checks)


def test_the_bulk_rules_know_every_indicator_that_ships(shipped):
    catalogue = shipped_catalogue()
    values = [
        IndicatorValue(unit, QUARTER, code, *amount, observations=seen)
        for code in catalogue.indicators
        for unit, (amount, seen) in enumerate(
            [
                ((0, 0, 0, 3), 3),
                ((3 * SCALE, 4 * SCALE, 2), 1),
                ((90 * SCALE, SCALE, 0), 1),
                ((3 * SCALE, 4 * SCALE, 2, 1, 1, 1, 1, 1), 7),
                ((0, 0, 0), 1),
                ((0, 0, 0), 0),
            ]
        )
    ]
    frame = pl.DataFrame({name: [getattr(value, name) for value in values] for name in INDICATOR_VALUE})
    made = {
        (row[0], row[1]): row[2]
        for row in indicator_lights(frame, catalogue, shipped).select("unit", "indicator", "light").iter_rows()
    }
    plain = {
        (v.unit, v.indicator): int(indicator_light(catalogue.indicators[v.indicator], v, shipped).light) for v in values
    }
    assert made == plain
