"""Conditions on the unit (``where`` cells without questions) as narwhals expressions: the meaning of expressions.py."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

import narwhals as nw

from analysis.syntax import Answered, Arithmetic, Attribute, Compare, Logic, Node, Not, Written
from forms.meaning import SCALE

# A compiled number: an expression of integers and the power of SCALE by which it is too large.
_Scaled = tuple[nw.Expr, int]
_NEVER: Final = nw.lit(False)


def condition(node: Node, columns: Mapping[str, nw.dtypes.DType], prefix: str = "") -> nw.Expr:
    """A condition on the columns of a units frame; ``prefix`` is put before each attribute's name.

    A comparison with something missing is false. An attribute without a column is missing, and a text compared with
    a number is no match.
    """
    match node:
        case Logic("and", left, right):
            return condition(left, columns, prefix) & condition(right, columns, prefix)
        case Logic(_, left, right):
            return condition(left, columns, prefix) | condition(right, columns, prefix)
        case Not(inner):
            return ~condition(inner, columns, prefix)
        case Answered(Attribute(name)):
            return ~_missing(name, columns, prefix) if name in columns else _NEVER
        case Compare(operator, left, right):
            return _comparison(operator, left, right, columns, prefix)
        case Written(str()):
            return _NEVER
        case _:
            return _comparison("!=", node, Written(0), columns, prefix)


def _missing(name: str, columns: Mapping[str, nw.dtypes.DType], prefix: str) -> nw.Expr:
    column = nw.col(prefix + name)
    return column.is_null() | (column == "") if _is_text(columns[name]) else column.is_null()


def _is_text(dtype: nw.dtypes.DType) -> bool:
    return dtype in (nw.String, nw.Categorical)


def _comparison(operator: str, left: Node, right: Node, columns: Mapping[str, nw.dtypes.DType], prefix: str) -> nw.Expr:
    names = [*_operands(left), *_operands(right)]
    # A column of no single type (pandas' object) holds nothing, or nothing that could be compared.
    if any(name not in columns or columns[name] == nw.Object for name in names):
        return _NEVER
    first: nw.Expr
    second: nw.Expr
    texts = [_text(node, columns, prefix) for node in (left, right)]
    if texts[0] is not None and texts[1] is not None:
        first, second = texts[0], texts[1]
    elif any(_is_text(columns[name]) for name in names) or any(text is not None for text in texts):
        return _NEVER
    else:
        first, second = _aligned(_number(left, columns, prefix), _number(right, columns, prefix))
    result = _compared(operator, first, second)
    for name in names:
        result = result & ~_missing(name, columns, prefix)
    # Engines with three truths give null where a side is missing: null is false here.
    return nw.coalesce(result, _NEVER) if names else result


def _operands(node: Node) -> list[str]:
    """The attributes that make a side missing; a comparison within it has decided about its own already."""
    match node:
        case Attribute(name):
            return [name]
        case Arithmetic(_, left, right):
            return [*_operands(left), *_operands(right)]
        case _:
            return []


def _text(node: Node, columns: Mapping[str, nw.dtypes.DType], prefix: str) -> nw.Expr | None:
    match node:
        case Written(str() as value):
            return nw.lit(value)
        case Attribute(name) if _is_text(columns[name]):
            return nw.col(prefix + name)
        case _:
            return None


def _number(node: Node, columns: Mapping[str, nw.dtypes.DType], prefix: str) -> _Scaled:
    match node:
        case Attribute(name):
            column = nw.col(prefix + name)
            return (column.cast(nw.Int64) if columns[name] == nw.Boolean else column), 0
        case Written(value) if not isinstance(value, str):
            scaled = Fraction(value) * SCALE
            return (nw.lit(int(value)), 0) if scaled % SCALE == 0 else (nw.lit(int(scaled)), 1)
        case Arithmetic("*", left, right):
            first, second = _number(left, columns, prefix), _number(right, columns, prefix)
            return first[0] * second[0], first[1] + second[1]
        case Arithmetic(operator, left, right):
            one, other = _aligned(_number(left, columns, prefix), _number(right, columns, prefix))
            power = max(_power(left, columns, prefix), _power(right, columns, prefix))
            return (one + other if operator == "+" else one - other), power
        case _:
            return condition(node, columns, prefix).cast(nw.Int64), 0


def _power(node: Node, columns: Mapping[str, nw.dtypes.DType], prefix: str) -> int:
    return _number(node, columns, prefix)[1]


def _aligned(first: _Scaled, second: _Scaled) -> tuple[nw.Expr, nw.Expr]:
    power = max(first[1], second[1])
    return first[0] * SCALE ** (power - first[1]), second[0] * SCALE ** (power - second[1])


def _compared(operator: str, first: nw.Expr, second: nw.Expr) -> nw.Expr:
    match operator:
        case "=":
            return first == second
        case "!=":
            return first != second
        case "<":
            return first < second
        case "<=":
            return first <= second
        case ">":
            return first > second
        case _:
            return first >= second
