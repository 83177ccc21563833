"""The catalogue's small language: what bureau people write in numerator, denominator and where."""

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.expressions import check_catalogue, parse
from analysis.syntax import ExpressionError
from forms.catalogue import Catalogue, Indicator
from forms.meaning import SCALE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("-2 * 3", -6),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("${n} * 2", 25),
        ("${n} + unit.pupils", Fraction(925, 2)),
        ("${unanswered} + 1", None),
        ("${word} + 1", None),
    ],
)
def test_arithmetic_is_exact_and_missing_stays_missing(text, value):
    assert parse(text).value({"n": "12.5", "word": "many"}, {"pupils": 450}) == value


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("${kind} = 'primary'", True),
        ("${kind} != 'primary'", False),
        ("${kind} in ('junior', 'primary')", True),
        ("not ${kind} = 'primary'", False),
        ("${n} >= 12.5 and ${n} < 12.5001", True),
        ("${n} = 12", False),
        ("${day} >= '2026-09-01'", True),
        ("selected(${several}, 'b')", True),
        ("selected(${several}, 'ab')", False),
        ("answered(${kind}) and not answered(${unanswered})", True),
        ("unit.boarding = 1", True),
        ("unit.unknown = 1 or unit.pupils > 100", True),
        ("${n} > 1 or ${n} > 100 and ${n} < 0", True),
        ("(${n} > 1 or ${n} > 100) and ${n} < 0", False),
        ("${kind} = 5", False),
        ("'b' = \"b\"", True),
    ],
)
def test_conditions(text, holds):
    answers = {"kind": "primary", "n": "12.5", "several": "a b", "day": "2026-10-01"}
    assert parse(text).holds(answers, {"boarding": True, "pupils": 450}) is holds


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
def test_a_comparison_with_something_missing_is_false(operator):
    for text in (f"${{gone}} {operator} 1", f"'x' {operator} unit.gone", f"${{gone}} {operator} ${{gone}}"):
        assert parse(text).holds({"gone": ""}, {"gone": float("nan")}) is False


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
def test_numbers_compare_as_numbers_not_as_words(left, right, operator):
    python = {"=": "==", "!=": "!="}.get(operator, operator)
    expected = eval(f"{left} {python} {right}")  # the test's own text, made of two integers
    assert parse(f"${{a}} {operator} {right}").holds({"a": str(left)}, {}) is expected
    assert parse(f"unit.a {operator} {right}").holds({}, {"a": left}) is expected


@pytest.mark.parametrize(("text", "fixed"), [("${n}", 125_000), ("${n} > 1", SCALE), ("${n} < 1", 0), ("'x'", None)])
def test_a_numerator_is_fixed_point_and_a_condition_is_one_or_nothing(text, fixed):
    assert parse(text).fixed({"n": "12.5"}, {}) == fixed


def test_what_int64_or_four_decimals_cannot_hold_is_missing_and_never_rounded():
    assert parse("${n} * ${n}").fixed({"n": "0.001"}, {}) is None
    assert parse("${n} * ${n}").fixed({"n": "900000000000"}, {}) is None
    assert parse("${n} * ${n}").fixed({"n": "0.01"}, {}) == 1


def test_an_expression_names_its_questions_and_attributes():
    found = parse("answered(${a}) and ${b} + ${a} > unit.x or selected(${c}, 'y') or answered(${d})")
    assert found.items == {"a", "b", "c", "d"}
    assert found.required == {"a", "b", "c"}
    assert found.attributes == {"x"}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("${a} = ", 8), ("${a} ? 1", 6), ("${}", 1), ("(1 + 2", 7), ("1 2", 3), ("a = 1", 1), ("1.00001", 1),
        ("${a} in ()", 10), ("${a} in (1, )", 13), ("selected(unit.x, 'a')", 10), ("${a} not in (1)", 6),
        ("not in (1)", 5), ("", 1), ("'open", 1), ("1 = 1 = 1", 7), ("__import__('os')", 1), ("unit.", 5),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_the_character_in_both_languages(text, position):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert f"第 {position} 个字符" in caught.value.zh
    assert f"character {position} " in caught.value.en


def test_nested_or_endless_expressions_are_refused_not_a_crash():
    for text in ("(" * 5000 + "1" + ")" * 5000, " + ".join(["1"] * 5000), "-" * 5000 + "1"):
        with pytest.raises(ExpressionError):
            parse(text)


@given(st.text(alphabet="${}abunit.()'\"=<>!+-*, 0123orandnot in", max_size=40))
def test_any_text_is_either_read_or_refused(text):
    try:
        parse(text).fixed({"a": "1"}, {"a": 1})
    except ExpressionError as error:
        assert 1 <= error.position <= len(text) + 1


def test_a_catalogue_is_checked_whole_with_the_place_of_each_mistake():
    rows = [
        Indicator("A", "A", {}, "s", numerator="${a}", where="unit.x ="),
        Indicator("B", "B", {}, "s"),
        Indicator("C", "C", {}, "s", denominator="(1"),
    ]
    found = check_catalogue(Catalogue("1", {row.code: row for row in rows}))
    assert [(problem.row, problem.column) for problem in found] == [(2, "where"), (4, "denominator")]


def test_the_examples_of_the_manual_can_be_read():
    manual = Path(__file__).parents[2] / "docs" / "analysis.md"
    if not manual.exists():
        pytest.skip("the manual is part of the source, not of the wheel")
    blocks = re.findall(r"```expression\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    examples = [line for block in blocks for line in block.splitlines()]
    assert len(examples) >= 5
    for example in examples:
        assert parse(example).text == example
