"""The small language of the catalogue's ``numerator``, ``denominator`` and ``where`` cells.

``${item}`` is an answer, ``unit.attribute`` what is known about the unit; numbers are exact (int or Fraction, never a
float). Two truths only: a comparison with something missing is false, arithmetic with something missing is missing.
docs/analysis.md explains the language with examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from analysis.syntax import (
    Answered,
    Arithmetic,
    Attribute,
    Comparator,
    Compare,
    ExpressionError,
    ItemRef,
    Logic,
    Node,
    Not,
    Number,
    Parser,
    Selected,
    Written,
    whole,
)
from forms.catalogue import Catalogue
from forms.meaning import INT64_MAX, SCALE, to_fixed
from forms.problems import FormProblem

Value = Number | str | bool | None


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. ``items`` are all questions it names, ``required`` those outside ``answered(...)``."""

    text: str
    root: Node
    items: frozenset[str]
    required: frozenset[str]
    attributes: frozenset[str]

    def value(self, answers: Mapping[str, str], unit: Mapping[str, object]) -> Value:
        """Evaluate on answers by item name and the unit's attributes; None if missing."""
        return _evaluate(self.root, answers, unit)

    def holds(self, answers: Mapping[str, str], unit: Mapping[str, object]) -> bool:
        """The value as a condition: missing is false, a number is true unless it is 0."""
        return _holds(self.root, answers, unit)

    def fixed(self, answers: Mapping[str, str], unit: Mapping[str, object]) -> int | None:
        """The value as int64 fixed point; a condition gives 1 or 0; None if missing or not exact in four decimals."""
        number = _number_of(self.root, _evaluate(self.root, answers, unit))
        if number is None:
            return None
        scaled = number * SCALE
        return int(scaled) if scaled.denominator == 1 and -INT64_MAX <= scaled <= INT64_MAX else None


def as_number(value: object) -> Number | None:
    """A value as an exact number: text is read as a decimal literal, a condition is 1 or 0; None if it is neither."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str):
        if value.isdecimal() and len(value) <= 14:
            return int(value)
        fixed = to_fixed(value)
        return None if fixed is None else whole(Fraction(fixed, SCALE))
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return whole(Fraction(value))  # a frame's integer column with gaps arrives as floats
    return None


def _known(value: object) -> Value:
    """An attribute as a value: true and false are 1 and 0, NaN and empty text are missing."""
    if isinstance(value, str):
        return value or None
    return as_number(value)


def _number_of(node: Node, value: Value) -> Number | None:
    """A value where a number is wanted. Only an answer's text is read as one: a unit's text attribute never is."""
    return None if isinstance(value, str) and not isinstance(node, ItemRef) else as_number(value)


def _evaluate(node: Node, answers: Mapping[str, str], unit: Mapping[str, object]) -> Value:
    match node:
        case Written(value):
            return value
        case ItemRef(name):
            return answers.get(name) or None
        case Attribute(name):
            return _known(unit.get(name))
        case Compare(operator, left, right):
            return _compare(operator, (left, _evaluate(left, answers, unit)), (right, _evaluate(right, answers, unit)))
        case Arithmetic(operator, left, right):
            first = _number_of(left, _evaluate(left, answers, unit))
            second = _number_of(right, _evaluate(right, answers, unit))
            return None if first is None or second is None else _calculate(operator, first, second)
        case Logic("and", left, right):
            return _holds(left, answers, unit) and _holds(right, answers, unit)
        case Logic(_, left, right):
            return _holds(left, answers, unit) or _holds(right, answers, unit)
        case Not(inner):
            return not _holds(inner, answers, unit)
        case Selected(item, choice):
            return choice in answers.get(item.name, "").split()
        case Answered(inner):
            return _evaluate(inner, answers, unit) is not None


def _holds(node: Node, answers: Mapping[str, str], unit: Mapping[str, object]) -> bool:
    return bool(_number_of(node, _evaluate(node, answers, unit)))


def _numeric(node: Node) -> bool:
    """True if the expression is written as a number or a condition, so that the other side must be read as one."""
    return not isinstance(node, ItemRef | Attribute) and not (isinstance(node, Written) and isinstance(node.value, str))


def _calculate(operator: str, left: Number, right: Number) -> Number:
    if operator == "+":
        return left + right
    return left - right if operator == "-" else left * right


def _compare(operator: Comparator, left: tuple[Node, Value], right: tuple[Node, Value]) -> bool:
    numeric = _numeric(left[0]) or _numeric(right[0])
    if not numeric and isinstance(left[1], str) and isinstance(right[1], str):
        return _ORDER[operator](left[1], right[1])
    first, second = _number_of(*left), _number_of(*right)
    return first is not None and second is not None and _ORDER[operator](first, second)


_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression once. Raises ExpressionError, which names the character in Chinese and English."""
    root = Parser(text).whole()
    nodes = list(_walk(root))
    answered = {id(node.inner) for node in nodes if isinstance(node, Answered)}
    return Expression(
        text,
        root,
        frozenset(node.name for node in nodes if isinstance(node, ItemRef)),
        frozenset(node.name for node in nodes if isinstance(node, ItemRef) and id(node) not in answered),
        frozenset(node.name for node in nodes if isinstance(node, Attribute)),
    )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Arithmetic(_, left, right) | Compare(_, left, right) | Logic(_, left, right):
            yield from _walk(left)
            yield from _walk(right)
        case Not(inner) | Answered(inner):
            yield from _walk(inner)
        case Selected(item, _):
            yield from _walk(item)


def check_catalogue(catalogue: Catalogue, sheet: str = "indicators") -> list[FormProblem]:
    """Every expression of a catalogue that cannot be read, as problems of its sheet (rows counted in its order)."""
    problems = []
    for row, indicator in enumerate(catalogue.indicators.values(), start=2):
        for column in ("numerator", "denominator", "where"):
            text = getattr(indicator, column)
            try:
                if text:
                    parse(text)
            except ExpressionError as error:
                problems.append(FormProblem("expression", sheet, row, column, error.zh, error.en))
    return problems
