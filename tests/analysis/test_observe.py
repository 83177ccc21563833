"""What an answer contributes to which indicator."""

import pytest

from analysis.observe import ObservationRow, observe
from forms.answers import Answer
from forms.catalogue import Catalogue, Indicator
from forms.definition import Choice, FormDefinition, Item, Meaning
from forms.meaning import SCALE, Light, Measure

LIGHTS = (*tuple(Choice("yn", light.word, {}, light) for light in Light), Choice("yn", "unknown", {}))


def question(name, measure=None, *, kind="text", indicator="I-1", repeat="", **more):
    meanings = (Meaning(indicator, measure),) if measure else ()
    list_name = "yn" if kind.startswith("select") else ""
    return Item(name, f"/data/{name}", kind, {}, list_name=list_name, repeat=repeat, meanings=meanings, **more)


def form(*items):
    return FormDefinition("checklist", "1", {}, items=items, choices={"yn": LIGHTS})


def catalogue(*indicators):
    return Catalogue("1", {indicator.code: indicator for indicator in indicators})


def indicator(code="I-1", **more):
    return Indicator(code, code, {}, "test", **more)


def answers(**values):
    return [Answer(name, f"/data/{name}", value) for name, value in values.items()]


def test_a_choice_gives_its_light_with_what_the_item_says_about_it():
    item = question("f01", Measure.LIGHT, kind="select_one yn", severity=4, route=2, veto=3)
    assert observe(form(item), answers(f01="red"), catalogue(indicator())) == [
        ObservationRow("f01", "I-1", Measure.LIGHT, Light.RED, 0, 0, 4, 0, 2, 3)
    ]


@pytest.mark.parametrize(
    ("value", "light"),
    [("green", 1), ("green yellow", 2), ("na green", 1), ("grey na", 4), ("green grey", 1), ("grey red", 3)],
)
def test_several_choices_give_the_worst_light_among_them(value, light):
    item = question("f01", Measure.LIGHT, kind="select_multiple yn")
    assert [row.light for row in observe(form(item), answers(f01=value), catalogue(indicator()))] == [light]


@pytest.mark.parametrize("value", ["unknown", "other", "green "])
def test_a_choice_without_a_light_gives_no_row(value):
    item = question("f01", Measure.LIGHT, kind="select_one yn")
    assert observe(form(item), answers(f01=value), catalogue(indicator())) == []


def test_a_calculation_may_name_the_light_itself():
    rows = observe(form(question("c", Measure.LIGHT, kind="calculate")), answers(c="yellow"), catalogue(indicator()))
    assert [row.light for row in rows] == [Light.YELLOW]


@pytest.mark.parametrize(
    ("measure", "value", "amounts"),
    [
        (Measure.NUMERATOR, "12.5", [(125_000, 0)]),
        (Measure.DENOMINATOR, "7", [(0, 70_000)]),
        (Measure.COUNT, "3", [(30_000, 0)]),
        (Measure.COUNT, "2.5", []),
        (Measure.VALUE, "-0.0001", [(-1, SCALE)]),
        (Measure.VALUE, "0.00001", []),
        (Measure.NUMERATOR, "many", []),
    ],
)
def test_numbers_are_exact_and_what_is_no_number_gives_no_row(measure, value, amounts):
    rows = observe(form(question("n", measure)), answers(n=value), catalogue(indicator()))
    assert [(row.numerator, row.denominator) for row in rows] == amounts


def test_every_repeat_instance_gives_a_row():
    item = question("n", Measure.NUMERATOR, repeat="/data/r")
    given = [Answer("n", "/data/r/n", "1", 1), Answer("n", "/data/r/n", "2", 2)]
    rows = observe(form(item), given, catalogue(indicator()))
    assert [(row.repeat_index, row.numerator) for row in rows] == [(1, 10_000), (2, 20_000)]


def amounts_of(made, given, **unit):
    definition = form(question("water"), question("kind"), question("pupils"), question("teachers"))
    return [(row.numerator, row.denominator) for row in observe(definition, given, catalogue(made), unit=unit)]


def test_an_unanswered_numerator_leaves_the_denominator_or_counts_as_not_met():
    excluded = indicator(numerator="${water} = 'yes'")
    counted = indicator(numerator="${water} = 'yes'", missing="count")
    assert amounts_of(excluded, answers(water="yes")) == [(SCALE, SCALE)]
    assert amounts_of(excluded, answers(water="no")) == [(0, SCALE)]
    assert amounts_of(excluded, answers(kind="x")) == []
    assert amounts_of(counted, answers(kind="x")) == [(0, SCALE)]


def test_a_ratio_of_sums_needs_both_unless_missing_counts():
    excluded = indicator(numerator="${pupils}", denominator="${teachers}")
    counted = indicator(numerator="${pupils}", denominator="${teachers}", missing="count")
    assert amounts_of(excluded, answers(pupils="30", teachers="2")) == [(300_000, 20_000)]
    assert amounts_of(excluded, answers(pupils="30")) == []
    assert amounts_of(counted, answers(pupils="30")) == [(300_000, 0)]


def test_a_condition_on_answers_is_decided_at_the_observation_and_one_on_the_unit_later():
    mixed = indicator(numerator="${pupils}", where="${kind} = 'primary' and unit.boarding = 1")
    assert amounts_of(mixed, answers(pupils="1", kind="primary"), boarding=True) == [(SCALE, SCALE)]
    assert amounts_of(mixed, answers(pupils="1", kind="primary"), boarding=False) == []
    assert amounts_of(mixed, answers(pupils="1"), boarding=True) == []
    later = indicator(numerator="${pupils}", where="unit.boarding = 1")
    assert amounts_of(later, answers(pupils="1")) == [(SCALE, SCALE)]


def test_a_condition_on_answers_also_limits_what_items_carry():
    definition = form(question("n", Measure.NUMERATOR), question("kind"))
    made = catalogue(indicator(where="${kind} = 'primary'"))
    assert len(observe(definition, answers(n="1", kind="primary"), made)) == 1
    assert observe(definition, answers(n="1", kind="other"), made) == []
    assert observe(definition, answers(n="1"), made) == []


def test_an_indicator_of_another_form_gives_nothing():
    assert amounts_of(indicator(numerator="${asked_elsewhere}"), answers(water="1")) == []
    assert amounts_of(indicator(numerator="1"), answers(water="1")) == []


def test_expressions_over_a_repeat_give_a_row_for_each_instance():
    definition = form(question("stage", repeat="/data/r"), question("n", repeat="/data/r"), question("factor"))
    given = [
        Answer("factor", "/data/factor", "2"),
        Answer("n", "/data/r/n", "5", 1),
        Answer("stage", "/data/r/stage", "primary", 1),
        Answer("n", "/data/r/n", "7", 2),
        Answer("stage", "/data/r/stage", "junior", 2),
    ]
    made = catalogue(indicator(numerator="${n} * ${factor}", where="${stage} = 'primary'"))
    assert [(row.repeat_index, row.numerator) for row in observe(definition, given, made)] == [(1, 100_000)]
