"""Evaluates the XLSForm expressions of our checklists (relevant, constraint, calculation), as a phone would."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, DivisionByZero, InvalidOperation
from functools import lru_cache
from typing import Any

Value = str | Decimal | bool
Lookup = Callable[[str], str]

_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{[^}]+\})|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9:_-]*)|(?P<sign><=|>=|!=|[-+*=<>(),.]))"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# XPath knows no exponents and no infinity; whoever types one gets "not a number" and not a gigabyte of zeros.
_NUMBER = re.compile(r"[-+]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})", re.ASCII)
_EPOCH = dt.date(1970, 1, 1).toordinal()
_ORDER: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("=", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)
_SCALAR = frozenset(
    [
        "if",
        "selected",
        "not",
        "number",
        "int",
        "round",
        "string-length",
        "coalesce",
        "count-selected",
        "regex",
        "selected-at",
        "once",
        "string",
        "true",
        "false",
        "boolean",
        "today",
        "concat",
        "jr:choice-name",
        "pulldata",
        "substring-before",
        "substring-after",
    ]
)


class ExpressionError(ValueError):
    """An expression that this evaluator does not know."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:
    """The expression as nested tuples. Raises ExpressionError."""
    tokens: list[str] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"cannot read {text[position:]!r}")
        tokens.append(match[0].strip())
        position = match.end()
    parser = _Parser(tokens)
    tree = parser.level(0)
    if parser.here < len(tokens):
        raise ExpressionError(f"{text!r} goes on after its end")
    return tree


class _Parser:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens, self.here = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.here] if self.here < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.here += 1
        return token

    def level(self, depth: int) -> Any:
        if depth == len(_ORDER):
            return self.unary()
        left = self.level(depth + 1)
        while self.peek() in _ORDER[depth]:
            sign = self.take()
            left = (sign, left, self.level(depth + 1))
        return left

    def unary(self) -> Any:
        if self.peek() == "-":
            self.take()
            return ("-", ("text", "0"), self.unary())
        return self.primary()

    def primary(self) -> Any:
        token = self.take()
        if token == "(":  # noqa: S105
            inner = self.level(0)
            self._expect(")")
            return inner
        if token == ".":  # noqa: S105
            return ("ref", ".")
        if token.startswith("${"):
            return ("ref", token[2:-1].strip())
        if token[:1] in "'\"" and token:
            return ("text", token[1:-1])
        if token[:1].isdigit():
            return ("number", Decimal(token))
        if self.peek() == "(":
            return self._call(token)
        raise ExpressionError(f"unexpected {token!r}")

    def _call(self, name: str) -> Any:
        self._expect("(")
        arguments = []
        while self.peek() != ")":
            arguments.append(self.level(0))
            if self.peek() == ",":
                self.take()
        self._expect(")")
        return ("call", name, arguments)

    def _expect(self, token: str) -> None:
        if self.take() != token:
            raise ExpressionError(f"{token!r} is missing")


def evaluate(text: str, lookup: Lookup, *, every: Mapping[str, Sequence[str]] | None = None) -> Value:
    """The value of an expression; ``lookup`` gives an answer by name ("." is the question's own), "" where empty.

    It is also asked for ``today()`` and, for a file beside the form, for ``pulldata:file:column:key:value``.

    ``every`` gives all answers to a question of a repeat, for sum(), count() and the like. Raises ExpressionError.
    """
    try:
        return _value(parse(text), lookup, every or {})
    except (IndexError, RecursionError, re.error) as error:
        raise ExpressionError(f"cannot evaluate {text[:200]!r}: {error}") from error


def holds(text: str, lookup: Lookup, *, every: Mapping[str, Sequence[str]] | None = None) -> bool:
    """The value as a condition; an empty expression holds."""
    return not text or truth(evaluate(text, lookup, every=every))


def as_text(value: Value) -> str:
    """A value as it is written into an instance."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return "" if value.is_nan() else f"{value.normalize():f}"
    return value


def truth(value: Value) -> bool:
    """XPath's boolean()."""
    if isinstance(value, Decimal):
        return not value.is_nan() and value != 0
    return bool(value)


def number(value: Value) -> Decimal:
    """XPath's number(): not-a-number for text that is none; a date is its days since 1970."""
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    text = value.strip()
    if _DATE.fullmatch(text):
        with suppress(ValueError):
            return Decimal(dt.date.fromisoformat(text).toordinal() - _EPOCH)
    return Decimal(text) if _NUMBER.fullmatch(text) else Decimal("NaN")


def _value(node: Any, lookup: Lookup, every: Mapping[str, Sequence[str]]) -> Value:
    kind = node[0]
    if kind == "ref":
        return lookup(node[1])
    if kind in ("text", "number"):
        return node[1]  # type: ignore[no-any-return]
    if kind == "call":
        return _call(node[1], node[2], lookup, every)
    if kind == "or":
        return truth(_value(node[1], lookup, every)) or truth(_value(node[2], lookup, every))
    if kind == "and":
        return truth(_value(node[1], lookup, every)) and truth(_value(node[2], lookup, every))
    left, right = _value(node[1], lookup, every), _value(node[2], lookup, every)
    return _compare(kind, left, right) if kind in _ORDER[2] else _arithmetic(kind, number(left), number(right))


def _compare(sign: str, left: Value, right: Value) -> bool:
    if sign in ("=", "!=") and isinstance(left, str) and isinstance(right, str):
        return (left == right) == (sign == "=")
    one, two = number(left), number(right)
    if one.is_nan() or two.is_nan():
        return sign == "!="
    return {"=": one == two, "!=": one != two, "<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[sign]


def _arithmetic(sign: str, left: Decimal, right: Decimal) -> Decimal:
    if left.is_nan() or right.is_nan():
        return Decimal("NaN")
    try:
        return {
            "+": lambda: left + right,
            "-": lambda: left - right,
            "*": lambda: left * right,
            "div": lambda: left / right,
            "mod": lambda: left % right,
        }[sign]()
    except (DivisionByZero, InvalidOperation):
        return Decimal("NaN")


def _call(name: str, nodes: Sequence[Any], lookup: Lookup, every: Mapping[str, Sequence[str]]) -> Value:
    if name in ("sum", "count", "min", "max", "count-non-empty"):
        return _aggregate(name, nodes, lookup, every)
    if name not in _SCALAR:
        raise ExpressionError(f"unknown function {name}")
    if name == "if":
        return _value(nodes[1] if truth(_value(nodes[0], lookup, every)) else nodes[2], lookup, every)
    values = [_value(node, lookup, every) for node in nodes]
    texts = [as_text(value) for value in values]
    if name == "today":
        return lookup("today()")
    if name in ("true", "false"):
        return name == "true"
    if name == "jr:choice-name":
        return ""
    if name == "pulldata":
        return lookup(":".join((name, *texts)))
    if name == "selected-at":
        words, index = texts[0].split(), _whole(number(values[1]))
        return words[int(index)] if not index.is_nan() and 0 <= index < len(words) else ""
    results: dict[str, Callable[[], Value]] = {
        "selected": lambda: texts[1] in texts[0].split(),
        "not": lambda: not truth(values[0]),
        "boolean": lambda: truth(values[0]),
        "number": lambda: number(values[0]),
        "int": lambda: _whole(number(values[0])),
        "round": lambda: _rounded(number(values[0]), number(values[1]) if len(values) > 1 else Decimal(0)),
        "string-length": lambda: Decimal(len(texts[0])),
        "string": lambda: texts[0],
        "once": lambda: texts[0],
        "substring-before": lambda: texts[0].partition(texts[1])[0] if texts[1] in texts[0] else "",
        "substring-after": lambda: texts[0].partition(texts[1])[2],
        "concat": lambda: "".join(texts),
        "coalesce": lambda: texts[0] or texts[1],
        "count-selected": lambda: Decimal(len(texts[0].split())),
        "regex": lambda: re.search(texts[1], texts[0]) is not None,
    }
    return results[name]()


def _whole(value: Decimal) -> Decimal:
    return value if value.is_nan() else value.to_integral_value(rounding="ROUND_DOWN")


def _rounded(value: Decimal, places: Decimal) -> Decimal:
    """XLSForm's round(); not-a-number where the digits do not fit."""
    try:
        return round(value, int(places))
    except (InvalidOperation, ValueError):
        return Decimal("NaN")


def _aggregate(name: str, nodes: Sequence[Any], lookup: Lookup, every: Mapping[str, Sequence[str]]) -> Value:
    numbers: list[Decimal] = []
    for node in nodes:
        texts = every[node[1]] if node[0] == "ref" and node[1] in every else [as_text(_value(node, lookup, every))]
        numbers += [number(text) for text in texts if text != ""]
    if name in ("count", "count-non-empty"):
        return Decimal(len(numbers))
    if not numbers:
        return Decimal(0) if name == "sum" else Decimal("NaN")
    if any(entry.is_nan() for entry in numbers):
        return Decimal("NaN")
    return {"sum": lambda: sum(numbers, Decimal(0)), "min": lambda: min(numbers), "max": lambda: max(numbers)}[name]()
