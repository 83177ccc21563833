"""An explanation holds all that a stranger needs to recompute a light by hand."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest

from forms.catalogue import Threshold
from forms.meaning import SCALE, Light
from scorecards.explain import Explanation, explain_card, explain_indicator, render
from scorecards.lights import indicator_light
from scorecards.rollup import SchoolRecord, dimension_card, school_card
from scorecards.sentences import LIGHT_WORDS, REASONS
from scorecards.verdict import IndicatorValue, LightContext, Verdict

OBSERVATIONS = [
    {"submission": n, "unit": 7, "inspector": 3, "quarter": 20264, "observed_on": 20700, "item": item,
     "indicator": "NX-26", "measure": measure, "light": 0, "numerator": top * SCALE, "denominator": bottom * SCALE,
     "severity": 0, "repeat_index": 0, "route": 0, "veto": 0}
    for n, item, measure, top, bottom in [(1, "f05_a05", 2, 9, 0), (1, "f05_a03", 3, 0, 100)]
]  # fmt: skip


@pytest.fixture
def rotation(rulebook, indicator) -> Explanation:
    rule = indicator("NX-26", "ratio", green=Threshold(">=", 1, 10), yellow=Threshold(">=", 8, 100))
    value = IndicatorValue(7, 20264, "NX-26", 9 * SCALE, 100 * SCALE, observations=2, last_on=20700)
    verdict = indicator_light(rule, value, rulebook)
    return explain_indicator(rule, value, verdict, rulebook, quarter=20264, observations=OBSERVATIONS)


def test_an_indicator_names_its_amounts_its_bounds_and_every_answer(rotation):
    assert rotation.facts["numerator"], rotation.facts["denominator"] == ("9", "100")
    assert (rotation.facts["green_bound"], rotation.facts["yellow_bound"]) == (">= 10%", ">= 8%")
    assert [(ref.submission, ref.item, ref.repeat_index) for ref in rotation.references] == [
        (1, "f05_a05", 0),
        (1, "f05_a03", 0),
    ]
    assert sum(ref.numerator for ref in rotation.references) == 9 * SCALE


def test_every_comparison_can_be_worked_out_again(rulebook, catalogue, rotation):
    """Each comparison is arithmetic: evaluated by itself, it says whether the rule holds."""
    explanations = [rotation, *cards(rulebook, catalogue)]
    evaluated = 0
    for rule in (rule for explanation in explanations for rule in explanation.rules):
        match = re.fullmatch(r"([\d/]+) (>=|<=|>|<|=) ([\d.]+)(%?)", rule.comparison)
        if match is None:
            continue
        top, _, bottom = match[1].partition("/")
        if bottom == "0":
            continue
        left = Fraction(int(top), int(bottom or 1))
        right = Fraction(match[3]) / (100 if match[4] else 1)
        holds = {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right, "=": left == right}
        assert holds[match[2]] == rule.holds, rule
        evaluated += 1
    assert evaluated > 10


def cards(rulebook, catalogue) -> list[Explanation]:
    verdicts = {
        f"A{n}": Verdict(light, "x") for n, light in enumerate([Light.RED, Light.GREEN, Light.GREEN, Light.YELLOW], 1)
    }
    dimension = dimension_card("GP-1", verdicts, catalogue, rulebook)
    school = school_card([dimension], SchoolRecord(20264, visits=1, open_r3=2), rulebook)
    labels = {"zh": "第一小学", "en": "First Primary"}
    return [
        explain_card(
            "dimension",
            "GP-1",
            {"zh": "校务", "en": "Affairs"},
            dimension,
            rulebook,
            quarter=20264,
            parts=dimension.lights,
        ),
        explain_card(
            "school",
            "7",
            labels,
            school,
            rulebook,
            quarter=20264,
            parts={d.dimension: d.light for d in school.dimensions},
        ),
    ]


def test_a_school_names_each_rule_examined_and_which_decided(rulebook, catalogue):
    dimension, school = cards(rulebook, catalogue)
    assert dimension.parts == {"A1": 3, "A2": 1, "A3": 1, "A4": 2}
    assert {rule.rule for rule in school.rules if rule.decided} == {
        "L1.school.yellow.dimensions",
        "L1.school.yellow.r3_open",
    }
    assert all(rule.labels["zh"] and rule.labels["en"] for rule in school.rules)


def test_rendered_in_both_languages(rulebook, catalogue, rotation):
    assert render(rotation, "zh")[0] == "指标NX-26，2026Q4：黄。"
    english = render(rotation, "en")
    assert "By rule L0.threshold: rule L0.threshold. Compared: 9/100 >= 8%." in english
    assert "Based on 2 observations in 1 submissions." in english
    school = cards(rulebook, catalogue)[1]
    assert render(school, "zh")[0] == "第一小学，2026Q4：黄。"
    assert any("L1.school.red.dimensions (1 >= 3)" in line for line in render(school, "en"))


def test_every_reason_for_grey_has_its_words(rulebook, indicator):
    seen = IndicatorValue(1, 20264, "X", observations=1, green=1)
    reasons = {
        indicator_light(indicator("X"), None, rulebook).reason,
        indicator_light(indicator("X"), seen, rulebook, context=LightContext(as_of=999)).reason,
        indicator_light(indicator("X"), seen, rulebook, context=LightContext(sample=(1, 1))).reason,
    }
    assert reasons == {"no_data", "stale", "sample"}
    assert REASONS["zh"].keys() == REASONS["en"].keys() >= reasons
    assert all(set(words) == set(Light) for words in LIGHT_WORDS.values())
    grey = explain_indicator(
        indicator("X"), None, indicator_light(indicator("X"), None, rulebook), rulebook, quarter=20264
    )
    assert "原因：没有数据。" in render(grey, "zh")


def test_an_explanation_survives_json(rotation):
    assert Explanation.from_json(json.loads(json.dumps(rotation.to_json()))) == rotation
