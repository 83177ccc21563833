"""The demo answers relevants and constraints as a phone would."""

from __future__ import annotations

import pytest

from server.demo.expressions import ExpressionError, as_text, evaluate, holds, parse

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
