"""Cards of every level (closed-loop D-3, L1 to L4, repeat rules and vetoes)."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import FormDefinition, Item, Meaning
from forms.meaning import Light, Measure, quarter_before
from scorecards.dimension import DimensionCard, dimension_card, expected_by
from scorecards.rollup import (
    Duty,
    Overdue,
    PastCard,
    Relapse,
    SchoolRecord,
    TownRecord,
    Veto,
    department_card,
    district_overview,
    school_card,
    town_card,
    veto_stands,
)
from scorecards.verdict import Verdict

G, Y, R, GREY, NA = Light.GREEN, Light.YELLOW, Light.RED, Light.GREY, Light.NA
WORDS = {"G": G, "Y": Y, "R": R, "-": GREY, "n": NA}


def verdicts(prefix: str, lights: str) -> dict[str, Verdict]:
    """``GYR-n`` as the verdicts of A1, A2, ..."""
    return {f"{prefix}{number}": Verdict(WORDS[word], "L0.test") for number, word in enumerate(lights, 1)}


def dimension(light: Light, name: str = "GP-1", complete: int = 4, needed: int = 4) -> DimensionCard:
    return DimensionCard(name, light, "L1.dimension.test", complete, needed, (), {})


def dimensions(lights: str, complete: int = 4, needed: int = 4) -> list[DimensionCard]:
    return [dimension(WORDS[word], f"GP-{number}", complete, needed) for number, word in enumerate(lights, 1)]


# A1 to A4 are core, A5 is extended.
@pytest.mark.parametrize(
    ("lights", "expected", "rule"),
    [
        ("GGGGG", G, "L1.dimension.green"),
        ("RRGGG", R, "L1.dimension.red"),  # two core reds
        ("GGGGR", Y, "L1.dimension.yellow"),  # 1/5 is under 25 %
        ("RGGGG", Y, "L1.dimension.yellow"),
        ("RGGG-", R, "L1.dimension.red"),  # 1/4 is 25 %
        ("YGGGG", G, "L1.dimension.green"),  # 1/5 is under 30 %
        ("YYGGG", Y, "L1.dimension.yellow"),
        ("G----", GREY, "L1.dimension.grey"),  # 1 of 4 core indicators
        ("GG---", G, "L1.dimension.green"),  # 2 of 4 is half
        ("RR---", R, "L1.dimension.red"),
        ("R----", GREY, "L1.dimension.grey"),
        ("Gnnn-", G, "L1.dimension.green"),  # what does not apply is not missing
        ("-----", GREY, "L1.dimension.grey"),
        ("nnnnn", NA, "L1.dimension.grey"),
        ("nnnn-", GREY, "L1.dimension.grey"),
    ],
)
def test_dimension_light(catalogue, rulebook, lights, expected, rule):
    card = dimension_card("GP-1", verdicts("A", lights), catalogue, rulebook)
    assert (card.light, card.rule) == (expected, rule)


def test_completeness_counts_what_was_expected_this_quarter(catalogue, rulebook):
    card = dimension_card("GP-1", verdicts("A", "GG---"), catalogue, rulebook, expected={"A1"})
    assert (card.light, card.complete, card.needed) == (G, 1, 1)


def test_expected_is_what_the_checklists_can_light_in_a_school(catalogue):
    """Items routed R4 are a department's: they light no school and are not missed there."""

    def feeds(code: str, measure: Measure, route: int = 0) -> Item:
        return Item(code, code, "integer", {}, meanings=(Meaning(code, measure),), route=route)

    items = (
        feeds("A1", Measure.LIGHT),
        feeds("A2", Measure.LIGHT, route=4),
        feeds("A3", Measure.NUMERATOR, route=4),
        feeds("A3", Measure.DENOMINATOR),
        feeds("B1", Measure.COUNT, route=2),
        feeds("D1", Measure.NUMERATOR),  # a district's indicator
        feeds("N1", Measure.VALUE),  # recorded, not lit
    )
    form = FormDefinition("f", "1", {}, items=items)
    assert expected_by([form], catalogue) == {"A1", "B1"}


def test_indicators_of_other_levels_and_unlit_ones_do_not_count(catalogue, rulebook):
    given_verdicts = verdicts("A", "GGGGG") | {"D1": Verdict(R, "x"), "N1": Verdict(R, "x"), "B1": Verdict(R, "x")}
    assert dimension_card("GP-1", given_verdicts, catalogue, rulebook).light is G


@given(st.text(alphabet="GYR-", min_size=5, max_size=5), st.integers(0, 4))
def test_a_dimension_does_not_improve_when_an_indicator_worsens(catalogue, rulebook, lights, place):
    before = dimension_card("GP-1", verdicts("A", lights), catalogue, rulebook).light
    worse = {"G": "Y", "Y": "R"}.get(lights[place])
    if worse:
        after = dimension_card("GP-1", verdicts("A", lights[:place] + worse + lights[place + 1 :]), catalogue, rulebook)
        assert after.light >= before


@given(st.text(alphabet="GYR-n", min_size=5, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_indicators_does_not_matter(catalogue, rulebook, lights, shuffler: random.Random):
    rows = list(verdicts("A", lights).items())
    first = dimension_card("GP-1", dict(rows), catalogue, rulebook)
    shuffler.shuffle(rows)
    assert dimension_card("GP-1", dict(rows), catalogue, rulebook) == first


RECORD = {"quarter": 20264, "visits": 1}


@pytest.mark.parametrize(
    ("lights", "facts", "expected", "rule"),
    [
        ("GGGGG", {}, G, "L1.school.green"),
        ("RRRGG", {}, R, "L1.school.red.dimensions"),
        ("RRGGG", {}, Y, "L1.school.yellow.dimensions"),
        ("RGGGG", {}, Y, "L1.school.yellow.dimensions"),
        ("YYYGG", {}, Y, "L1.school.yellow.dimensions"),
        ("YYGGG", {}, G, "L1.school.green"),
        ("GGGGG", {"vetoes": (Veto(3, 20264),)}, R, "L1.school.veto"),
        ("GGGGG", {"overdue": (Overdue("f", 3, 16),)}, R, "L1.school.red.overdue"),
        ("GGGGG", {"overdue": (Overdue("f", 3, 15),)}, Y, "L1.school.yellow.overdue"),
        ("GGGGG", {"overdue": (Overdue("f", 2, 99),)}, Y, "L1.school.yellow.overdue"),
        ("GGGGG", {"overdue": (Overdue("f", 1, 5),)}, G, "L1.school.green"),
        ("GGGGG", {"false_evidence": 1}, R, "L1.school.red.false_evidence"),
        ("GGGGG", {"relapses": (Relapse("f", 2, 2),)}, R, "L1.school.red.relapse"),
        ("GGGGG", {"relapses": (Relapse("f", 1, 9),)}, G, "L1.school.green"),
        ("GGGGG", {"relapses": (Relapse("f", 2, 1), Relapse("g", 2, 1))}, G, "L1.school.green"),
        ("GGGGG", {"open_r3": 2}, Y, "L1.school.yellow.r3_open"),
        ("GGGGG", {"open_r3": 1}, G, "L1.school.green"),
        ("GGGGG", {"open_s4": 1}, Y, "L1.school.yellow.s4_open"),
        ("GGGGG", {"visits": 0}, GREY, "L1.school.grey"),
        ("RRRGG", {"visits": 0}, R, "L1.school.red.dimensions"),
    ],
)
def test_school_light(rulebook, lights, facts, expected, rule):
    card = school_card(dimensions(lights), SchoolRecord(**{**RECORD, **facts}), rulebook)
    assert (card.light, card.rule) == (expected, rule)


@pytest.mark.parametrize(("complete", "expected"), [(100, G), (80, G), (79, Y), (50, Y), (49, GREY), (0, GREY)])
def test_completeness_of_a_school(rulebook, complete, expected):
    cards = [dimension(G, complete=complete, needed=100)]
    assert school_card(cards, SchoolRecord(**RECORD), rulebook).light is expected


def test_without_anything_expected_a_school_is_grey(rulebook):
    assert school_card([], SchoolRecord(**RECORD), rulebook).light is GREY


def test_a_veto_is_lifted_by_closing_and_one_full_quarter(rulebook):
    open_veto, closed = Veto(4, 20253), Veto(4, 20253, closed=20254)
    assert [veto_stands(open_veto, quarter, rulebook) for quarter in (20252, 20253, 20264)] == [False, True, True]
    assert [veto_stands(closed, quarter, rulebook) for quarter in (20253, 20254, 20261, 20262)] == [
        True,
        True,
        True,
        False,
    ]


def history(lights: str, quarter: int = 20264) -> tuple[PastCard, ...]:
    """Lights of the quarters before, oldest first."""
    return tuple(PastCard(quarter_before(quarter, len(lights) - n), WORDS[word]) for n, word in enumerate(lights))


@pytest.mark.parametrize(
    ("past", "now", "managed", "rules"),
    [
        ("Y", "Y", R, ["R.yellow_twice"]),
        ("G", "Y", Y, []),
        ("-", "Y", Y, []),
        ("", "Y", Y, []),
        ("R", "R", R, ["R.red_twice"]),
        ("RGR", "G", G, []),
        ("RRG", "R", R, ["R.red_three_of_four"]),
        ("RRR", "R", R, ["R.red_twice", "R.red_three_of_four"]),
        ("YYY", "R", R, []),
        ("GGG", "G", G, ["R.green_four"]),
        ("G-G", "G", G, []),
        ("GG", "G", G, []),
    ],
)
def test_repeat_rules(rulebook, past, now, managed, rules):
    lights = {"G": "GGGGG", "Y": "RGGGG", "R": "RRRGG"}[now]
    card = school_card(dimensions(lights), SchoolRecord(**RECORD, past=history(past)), rulebook)
    assert card.light is WORDS[now]
    assert (card.managed_as, [measure.rule for measure in card.measures]) == (managed, rules)
    assert card.turned_red == (past == "Y")


def test_a_confirmed_complaint_keeps_a_school_from_exemption(rulebook):
    card = school_card(dimensions("GGG"), SchoolRecord(**RECORD, past=history("GGG"), complaints=1), rulebook)
    assert card.measures == ()


@pytest.mark.parametrize(
    ("lights", "facts", "score"),
    [
        ("GGG", {}, 100),
        ("GGY", {}, 86),  # 260/3 rounded down
        ("RGGGGGGGG", {}, 88),
        ("YGGGGGGGG", {"open_s4": 1}, 89),  # 95 capped by the yellow card
        ("GGGG", {"vetoes": (Veto(1, 20264),)}, 59),
        ("RRRR", {}, 0),
        ("GG-", {}, 100),
        ("---", {"visits": 0}, None),
    ],
)
def test_the_displayed_score_is_capped_and_decides_nothing(rulebook, lights, facts, score):
    assert school_card(dimensions(lights), SchoolRecord(**{**RECORD, **facts}), rulebook).score == score


@given(st.text(alphabet="GYR-", min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_grey_is_never_counted_as_green(rulebook, lights, shuffler: random.Random):
    cards = dimensions(lights)
    for card, word in zip(cards, lights, strict=True):
        if word == "-":
            cards[cards.index(card)] = dimension(GREY, card.dimension, complete=1)
    light = school_card(cards, SchoolRecord(**RECORD), rulebook).light
    if lights.count("-") * 4 > len(lights) * 2:  # 4 indicators needed in each, 1 known in the grey ones
        assert light is not G
    shuffler.shuffle(cards)
    assert school_card(cards, SchoolRecord(**RECORD), rulebook).light is light


@pytest.mark.parametrize(
    ("schools", "record", "expected", "rule"),
    [
        ("RGGGG", {}, R, "L2.town.red"),  # 1/5 is 20 %
        ("RGGGGG", {}, Y, "L2.town.yellow"),  # 1/6 is at least 10 %
        ("RGGGGGGGGGG", {}, G, "L2.town.green"),  # 1/11 is under 10 %
        ("YYGGG", {}, Y, "L2.town.yellow"),  # 2/5 is 40 %
        ("YGGGG", {}, G, "L2.town.green"),
        ("RGGGG------", {}, R, "L2.town.red"),  # grey schools are in no share
        ("RRG", {}, R, "L2.town.small"),
        ("RGG", {}, Y, "L2.town.small"),
        ("YYYY", {}, G, "L2.town.green"),
        ("GGGGG", {"vetoes": 1}, R, "L2.town.red"),
        ("GGGGG", {"tasks_due": 10, "tasks_on_time": 9}, G, "L2.town.green"),
        ("GGGGG", {"tasks_due": 10, "tasks_on_time": 8}, Y, "L2.town.yellow"),
        ("GGGGG", {"tasks_due": 10, "tasks_on_time": 6}, Y, "L2.town.yellow"),
        ("GGGGG", {"tasks_due": 10, "tasks_on_time": 5}, R, "L2.town.red"),
        ("---", {}, GREY, "L2.town.grey"),
        ("---", {"tasks_due": 1, "tasks_on_time": 1}, G, "L2.town.green"),
    ],
)
def test_town_light(rulebook, schools, record, expected, rule):
    card = town_card([WORDS[word] for word in schools], TownRecord(**record), rulebook)
    assert (card.light, card.rule) == (expected, rule)


def duties(kept: int, missed: int, **fields: object) -> list[Duty]:
    return [Duty(f"k{n}", on_time=True) for n in range(kept)] + [Duty(f"m{n}", **fields) for n in range(missed)]


@pytest.mark.parametrize(
    ("listed", "expected", "rule"),
    [
        (duties(9, 1), G, "L3.department.green"),
        (duties(8, 1), Y, "L3.department.yellow"),  # 8/9
        (duties(6, 4), Y, "L3.department.yellow"),
        (duties(5, 4), R, "L3.department.red"),
        (duties(19, 1, overdue_days=31), Y, "L3.department.yellow"),
        (duties(19, 1, overdue_days=30), G, "L3.department.green"),
        (duties(20, 2, overdue_days=31), R, "L3.department.red"),
        (duties(20, 2, overdue_days=31, core=False), Y, "L3.department.yellow"),
        (duties(30, 2, overdue_days=1, r4=True), R, "L3.department.red"),
        (duties(30, 1, overdue_days=1, r4=True), G, "L3.department.green"),
        ([], GREY, "L3.department.grey"),
        ([Duty("old", due=False, overdue_days=40)], Y, "L3.department.yellow"),
    ],
)
def test_department_light(rulebook, listed, expected, rule):
    card = department_card(listed, rulebook)
    assert (card.light, card.rule) == (expected, rule)


def test_a_shared_duty_weighs_half(rulebook):
    listed = [Duty("a", on_time=True), Duty("b", lead=False)]
    card = department_card(listed, rulebook)
    assert (card.on_time, card.due, card.light) == (Fraction(1), Fraction(3, 2), Y)  # 2/3, not 1/2
    assert "1/(3/2) < 60%" in [check.comparison for check in card.checks]


def test_a_department_that_falsifies_is_red(rulebook):
    assert department_card(duties(9, 0), rulebook, vetoes=1).rule == "L3.department.veto"


def test_the_district_has_a_distribution_and_no_light(rulebook):
    overview = district_overview(20264, schools=[G, G, R, GREY], towns=[Y], past={20263: [R, R], 20271: [G]})
    assert not hasattr(overview, "light")
    assert (overview.schools[G], overview.schools[R], overview.schools[GREY], overview.schools[Y]) == (2, 1, 1, 0)
    assert [quarter for quarter, _ in overview.trend] == [20263, 20264]


def test_every_rule_put_to_a_school_is_in_its_checks(rulebook):
    card = school_card(dimensions("RGGGG"), SchoolRecord(**RECORD, open_r3=3), rulebook)
    decided = [(check.rule, check.comparison) for check in card.checks if check.decided]
    assert decided == [("L1.school.yellow.dimensions", "1 >= 1"), ("L1.school.yellow.r3_open", "3 >= 2")]
    asked = {check.rule for check in card.checks}
    assert {rule for rule in rulebook.rules if rule.startswith("L1.school.")} == asked
