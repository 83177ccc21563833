"""Indicator lights (closed-loop D-3, L0): exact, explained, grey without data."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalogue import Threshold
from forms.meaning import SCALE, Light
from scorecards.lights import indicator_light
from scorecards.verdict import IndicatorValue, LightContext

G, Y, R, GREY, NA = Light.GREEN, Light.YELLOW, Light.RED, Light.GREY, Light.NA


def value(observations: int | None = None, **columns: int) -> IndicatorValue:
    """A value whose observations are its answers plus one for its amounts, unless said otherwise."""
    answers = sum(columns.get(name, 0) for name in ("green", "yellow", "red", "grey"))
    amounts = any(name in columns for name in ("numerator", "denominator", "count"))
    seen = answers + amounts if observations is None else observations
    return IndicatorValue(1, 20264, "X", observations=seen, **columns)


def amount(numerator: str | int, denominator: str | int = 1) -> IndicatorValue:
    return value(numerator=int(Fraction(numerator) * SCALE), denominator=int(Fraction(denominator) * SCALE))


@pytest.mark.parametrize(
    ("green", "yellow", "red", "expected"),
    [
        (7, 0, 3, R),  # 3/10 is 30 %
        (8, 0, 3, Y),  # 3/11 is less than 30 %, and not none
        (10, 0, 0, G),
        (8, 2, 0, G),  # 2/10 is not more than 20 %
        (7, 2, 0, Y),  # 2/9 is
        (0, 1, 0, Y),
        (0, 0, 1, R),
    ],
)
def test_shares_of_no_and_partial_decide_exactly(rulebook, indicator, green, yellow, red, expected):
    verdict = indicator_light(indicator("X"), value(green=green, yellow=yellow, red=red), rulebook)
    assert (verdict.light, verdict.rule) == (expected, "L0.items.red_share")


def test_one_s4_no_among_many_yes_is_red(rulebook, indicator):
    verdict = indicator_light(indicator("X"), value(green=99, red=1, red_s4=1), rulebook)
    assert (verdict.light, verdict.rule) == (R, "L0.items.s4")


def test_996_in_10000_is_not_10_percent(rulebook, indicator):
    rotation = indicator("NX-26", "ratio", green=Threshold(">=", 1, 10), yellow=Threshold(">=", 8, 100))
    just_under = indicator_light(rotation, amount(996, 10_000), rulebook)
    assert just_under.light is Y
    assert [check.comparison for check in just_under.checks] == ["996/10000 >= 10%", "996/10000 >= 8%"]
    assert indicator_light(rotation, amount(1000, 10_000), rulebook).light is G
    assert indicator_light(rotation, amount(799, 10_000), rulebook).light is R
    third = indicator("X", "ratio", green=Threshold(">=", 1, 3))
    assert indicator_light(third, amount(1, 3), rulebook).light is G
    assert indicator_light(third, amount(3333, 10_000), rulebook).light is R


def test_rotation_needs_three_denominators(rulebook, indicator):
    """NX-26 divides by the eligible, SM-10 by those due (and only moves to rural schools count), SW-59 by all teachers.

    One school, one set of movements, three right answers: no single denominator gives all three lights.
    """
    ten, five = Threshold(">=", 1, 10), Threshold(">=", 5, 100)
    moved, to_rural, eligible, due, everyone = 10, 8, 100, 60, 250
    rules = {
        "NX-26": (indicator("NX-26", "ratio", green=ten, yellow=Threshold(">=", 8, 100)), moved, eligible, G),
        "SM-10": (indicator("SM-10", "ratio", green=ten, yellow=Threshold(">=", 8, 100)), to_rural, due, G),
        "SW-59": (indicator("SW-59", "ratio", green=five, yellow=Threshold(">=", 4, 100)), moved, everyone, Y),
    }
    own = {code: indicator_light(rule, amount(n, d), rulebook).light for code, (rule, n, d, _) in rules.items()}
    assert own == {code: expected for code, (_, _, _, expected) in rules.items()}
    for shared in (eligible, due, everyone):
        with_one = {
            code: indicator_light(rule, amount(n, shared), rulebook).light for code, (rule, n, _, _) in rules.items()
        }
        assert with_one != own, f"a shared denominator of {shared} would have told all three truths"


def test_backbone_share_divides_by_the_moved_not_by_the_staff(rulebook, indicator):
    backbone = indicator("NX-27", "ratio", green=Threshold(">=", 20, 100), yellow=Threshold(">=", 16, 100))
    assert indicator_light(backbone, amount(2, 10), rulebook).light is G
    assert indicator_light(backbone, amount(2, 100), rulebook).light is R
    nobody_moved = indicator_light(backbone, value(numerator=0, denominator=0), rulebook)
    assert (nobody_moved.light, nobody_moved.reason) == (GREY, "zero_denominator")


@pytest.mark.parametrize(
    ("columns", "expected", "reason"),
    [
        ({"green": 5}, G, ""),
        ({"green": 5, "red": 1}, R, ""),
        ({"green": 5, "grey": 1}, GREY, "verification"),
        ({"grey": 1, "red": 1}, R, ""),
        ({"count": 0}, G, ""),
        ({"count": 1}, R, ""),
        ({"numerator": 1, "denominator": SCALE}, R, ""),  # 0.0001 of a unit in arrears is not zero
        ({"count": 0, "grey": 1}, GREY, "verification"),
        ({"count": 2, "grey": 1}, R, ""),
    ],
)
def test_zero_tolerance_has_no_yellow_and_a_lead_is_grey(rulebook, indicator, columns, expected, reason):
    verdict = indicator_light(indicator("X", "zero"), value(**columns), rulebook)
    assert (verdict.light, verdict.reason, verdict.rule) == (expected, reason, "L0.zero")


@pytest.mark.parametrize(("reported", "expected"), [("3", G), ("2.9999", Y), ("2", Y), ("1.9999", R)])
def test_a_value_meets_its_bound_exactly(rulebook, indicator, reported, expected):
    days = indicator("X", "value", green=Threshold(">=", 3), yellow=Threshold(">=", 2))
    assert indicator_light(days, amount(reported), rulebook).light is expected


def test_percentages_are_reported_as_0_to_100_and_bounded_as_shares(rulebook, indicator):
    coverage = indicator("X", "value", unit="%", green=Threshold(">=", 9, 10), yellow=Threshold(">=", 7, 10))
    assert indicator_light(coverage, amount("90"), rulebook).light is G
    assert indicator_light(coverage, amount("89.9"), rulebook).light is Y
    assert indicator_light(coverage, amount("0.95"), rulebook).light is R


@pytest.mark.parametrize(("cases", "expected"), [(0, G), (1, Y), (2, Y), (3, R)])
def test_counts_are_whole_cases(rulebook, indicator, cases, expected):
    counted = indicator("X", "count", green=Threshold("<=", 0), yellow=Threshold("<=", 2))
    assert indicator_light(counted, value(count=cases * SCALE), rulebook).light is expected


@pytest.mark.parametrize(
    ("columns", "expected"), [({"green": 3}, G), ({"green": 9, "yellow": 1}, Y), ({"green": 9, "red": 1}, R)]
)
def test_documents_show_the_worst_answer(rulebook, indicator, columns, expected):
    assert indicator_light(indicator("X", "document"), value(**columns), rulebook).light is expected


@pytest.mark.parametrize(
    ("done", "planned", "overdue", "expected"),
    [
        (40, Fraction(1), 0, G),
        (20, Fraction(1, 2), 0, G),
        (32, Fraction(1), 30, Y),  # 80 % is 20 points behind
        (31, Fraction(1), 0, R),
        (32, Fraction(1), 31, R),
        (40, Fraction(1), 99, G),  # done is done
    ],
)
def test_milestones_follow_the_plan(rulebook, indicator, done, planned, overdue, expected):
    context = LightContext(planned=planned, overdue_days=overdue)
    rule = indicator("X", "milestone", target=40)
    assert indicator_light(rule, amount(done), rulebook, context=context).light is expected
    without_target = indicator("X", "milestone")
    assert indicator_light(without_target, amount(done, 40), rulebook, context=context).light is expected


@pytest.mark.parametrize(
    ("times", "ended", "scheduled", "expected"),
    [(2, True, False, G), (1, True, True, R), (1, False, True, Y), (1, False, False, GREY), (3, False, False, G)],
)
def test_frequency_counts_times_in_the_period(rulebook, indicator, times, ended, scheduled, expected):
    context = LightContext(period_ended=ended, scheduled=scheduled)
    assert (
        indicator_light(
            indicator("X", "frequency", target=2), value(count=times * SCALE), rulebook, context=context
        ).light
        is expected
    )


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(100, 100, G), (100, 99, G), (100, 102, Y), (100, 103, R), (90, 92, R), (1000, 1003, R), (0, 0, G), (0, 1, R)],
)
def test_may_only_decrease(rulebook, indicator, before, now, expected):
    rule = indicator("X", "decrease")
    context = LightContext(previous=value(count=before * SCALE))
    assert indicator_light(rule, value(count=now * SCALE), rulebook, context=context).light is expected
    assert indicator_light(rule, amount(now, before), rulebook).light is expected


def test_without_a_period_before_a_decrease_is_grey(rulebook, indicator):
    verdict = indicator_light(indicator("X", "decrease"), value(count=3 * SCALE), rulebook)
    assert (verdict.light, verdict.reason) == (GREY, "no_previous")


def test_the_coefficient_of_variation_is_compared_squared(rulebook, indicator):
    rule = indicator("X", "cv", green=Threshold("<=", 1, 2))
    exactly_half = value(numerator=1, denominator=4)
    assert indicator_light(rule, exactly_half, rulebook).light is G
    assert indicator_light(rule, value(numerator=10**18 + 4, denominator=4 * 10**18), rulebook).light is R


def test_no_answer_is_grey_and_not_applicable_leaves(rulebook, indicator):
    assert indicator_light(indicator("X"), None, rulebook).reason == "no_data"
    assert indicator_light(indicator("X"), value(observations=0), rulebook).light is NA
    assert indicator_light(indicator("X"), value(grey=2), rulebook).reason == "verification"
    assert indicator_light(indicator("X", "none"), value(red=2), rulebook).light is NA


def test_old_observations_turn_grey(rulebook, indicator):
    seen = value(green=1, last_on=100)
    fresh, stale = LightContext(as_of=190), LightContext(as_of=191)
    assert indicator_light(indicator("X"), seen, rulebook, context=fresh).light is G
    verdict = indicator_light(indicator("X"), seen, rulebook, context=stale)
    assert (verdict.light, verdict.reason, verdict.inputs["age_days"]) == (GREY, "stale", 91)
    yearly = indicator("X", kind="A", freshness=0)
    assert indicator_light(yearly, seen, rulebook, context=LightContext(as_of=465)).light is G
    assert indicator_light(yearly, seen, rulebook, context=LightContext(as_of=466)).light is GREY


@pytest.mark.parametrize(
    ("answered", "invited", "expected"), [(20, 66, G), (19, 19, GREY), (20, 67, GREY), (30, 100, G)]
)
def test_small_samples_are_grey(rulebook, indicator, answered, invited, expected):
    context = LightContext(sample=(answered, invited))
    assert indicator_light(indicator("X"), value(green=9), rulebook, context=context).light is expected


def test_two_sources_show_the_worse_and_the_conflict(rulebook, indicator):
    rule = indicator("X", "ratio", green=Threshold(">=", 9, 10))
    both = value(observations=3, green=2, numerator=80 * SCALE, denominator=100 * SCALE)
    verdict = indicator_light(rule, both, rulebook)
    assert (verdict.light, verdict.rule, verdict.conflict) == (R, "L0.sources.worse", True)
    agreed = indicator_light(rule, value(observations=3, green=2, numerator=95, denominator=100), rulebook)
    assert (agreed.light, agreed.conflict) == (G, False)
    ledger = indicator_light(indicator("X"), value(green=1), rulebook, context=LightContext(sources={"ledger": Y}))
    assert (ledger.light, ledger.conflict) == (Y, True)
    only_ledger = indicator_light(indicator("X"), None, rulebook, context=LightContext(sources={"ledger": R}))
    assert (only_ledger.light, only_ledger.conflict) == (R, False)


counts = st.integers(0, 60)


@given(counts, counts, counts)
def test_worsening_one_answer_never_improves_the_light(rulebook, indicator, green, yellow, red):
    for rule in ("items", "document", "zero"):
        light = indicator_light(indicator("X", rule), value(green=green, yellow=yellow, red=red), rulebook).light
        worsened = []
        if green:
            worsened += [(green - 1, yellow + 1, red), (green - 1, yellow, red + 1)]
        if yellow:
            worsened.append((green, yellow - 1, red + 1))
        for g, y, r in worsened:
            after = indicator_light(indicator("X", rule), value(green=g, yellow=y, red=r), rulebook).light
            assert after >= light


@given(st.integers(0, 10**15), st.integers(1, 10**15), st.integers(1, 100))
def test_a_light_is_the_comparison_of_exact_fractions(rulebook, indicator, numerator, denominator, percent):
    rule = indicator("X", "ratio", green=Threshold(">=", percent, 100), yellow=Threshold(">=", percent, 200))
    light = indicator_light(rule, value(numerator=numerator, denominator=denominator), rulebook).light
    share = Fraction(numerator, denominator)
    assert light is (G if share >= Fraction(percent, 100) else Y if share >= Fraction(percent, 200) else R)
