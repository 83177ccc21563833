"""Relevants, constraints and calculations are answered as a phone would."""

from __future__ import annotations

import pytest

from forms.expressions import ExpressionError, as_text, evaluate, holds, parse

ANSWERS = {"a": "3", "b": "", "c": "x y", "d": "2.5", ".": "7", "r": "45/43", "today()": "2026-03-05"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("- 2 + 5", "3"),
        ("7 div 2", "3.5"),
        ("int(7 div 2)", "3"),
        ("7 mod 2", "1"),
        ("${a} + ${d}", "5.5"),
        ("${b} + 1", ""),
        ("if(${a} > 2, 'big', 'small')", "big"),
        ("number(substring-before(${r}, '/')) - number(substring-after(${r}, '/'))", "2"),
        ("coalesce(${b}, ${a})", "3"),
        ("count-selected(${c})", "2"),
        ("selected-at(${c}, 1)", "y"),
        ("string-length('消防')", "2"),
        ("pulldata('f', 'n', 'k', 'v')", ""),
    ],
)
def test_values(text: str, value: str) -> None:
    assert as_text(evaluate(text, lambda name: ANSWERS.get(name, ""))) == value


@pytest.mark.parametrize(
    ("text", "true"),
    [
        ("", True),
        (". >= 0 and . <= 10", True),
        (". > 7", False),
        ("${b} > 0", False),
        ("${b} = ''", True),
        ("${b} != ''", False),
        ("${a} = 3 or ${zz} = 1", True),
        ("${a} = '3.0'", False),
        ("selected(${c}, 'y') and not(selected(${c}, 'z'))", True),
        ("regex(., '^[0-9]$')", True),
        ("'2026-03-05' <= today()", True),
        ("'2026-03-06' <= today()", False),
        ("1 div 0 > 1", False),
    ],
)
def test_conditions(text: str, true: bool) -> None:
    assert holds(text, lambda name: ANSWERS.get(name, "")) is true


@pytest.mark.parametrize("text", ["1 +", "foo", "unknown(1) ~", "(1", "1 2"])
def test_what_it_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)
    with pytest.raises(ExpressionError):
        evaluate("nonsense(1)", lambda _name: "")


@pytest.mark.parametrize(
    "typed", ["1e999999999999", "Infinity", "NaN", "sNaN", "9999-99-99", "9" * 400, "٣", "--1", "1_000", "0x10"]
)
def test_what_is_no_number_on_a_phone_is_none_here_and_costs_nothing(typed: str) -> None:
    for text in ("number(.)", "round(., 2)", "int(.)", ". + 1", "min(., .)"):
        assert as_text(evaluate(text, lambda _name: typed)) == ""
    assert not holds(". > 0", lambda _name: typed)
    assert evaluate("selected-at('a b', .)", lambda _name: typed) == ""


def test_numbers_too_long_to_round_are_not_a_number() -> None:
    assert as_text(evaluate("round(., 2)", lambda _name: "9" * 40)) == ""


@pytest.mark.parametrize("text", ["if(1)", "regex('a', '(')", "(" * 3000 + "1" + ")" * 3000])
def test_an_expression_that_cannot_be_evaluated_says_so_in_its_own_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, lambda _name: "")
