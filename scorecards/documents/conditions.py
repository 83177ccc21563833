"""Conditions of a checklist in words: ``${f01_c02} = '2'`` is 仅当 C02 选“部分符合”时填写.

Only what people would say is said: an expression that no sentence fits gives "" and the paper stays silent about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from forms.expressions import ExpressionError, parse
from forms.outline import Outline

_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}
_WORDS: Final = {
    "zh": {">": "大于", ">=": "不小于", "<": "小于", "<=": "不大于", "=": "等于", "!=": "不等于"},
    "en": {">": "is above", ">=": "is at least", "<": "is below", "<=": "is at most", "=": "is", "!=": "is not"},
}


class UnsayableError(ValueError):
    """An expression that has no sentence."""


def short_code(name: str, form_id: str) -> str:
    """An item's code on paper: ``f01_a05`` of form f01 is A05, ``hd_a05`` HD-A05."""
    own = name.removeprefix(f"{form_id}_")
    return own.upper().replace("_", "-")


class Conditions:
    """Puts the conditions of one checklist into words of one language."""

    def __init__(self, outline: Outline, language: str) -> None:
        self._outline, self._language = outline, language
        self._questions = {question.name: question for question in outline.root.questions()}
        self._chinese = language != "en"

    def only_if(self, expression: str, *, given: str = "") -> str:
        """The sentence of a condition, "" where there is none to say. ``given`` is a condition that is known to hold:
        whatever repeats it is not said again."""
        try:
            parts = [part for part in _and(parse(expression)) if not given or part != parse(given)]
            said = [self._part(part, alone=len(parts) == 1) for part in parts]
        except (ExpressionError, UnsayableError, IndexError, RecursionError):
            return ""
        if not said:
            return ""
        if self._chinese:
            return f"仅当{'，且'.join(said)}时填写"
        return f"Only if {' and '.join(said)}"

    def _say(self, node: Any) -> str:
        kind = node[0]
        if kind == "and":
            return ("，且" if self._chinese else " and ").join(self._part(part) for part in _and(node))
        if kind == "or":
            return self._either(list(_or(node)))
        if kind in _FLIPPED:
            return self._compared(kind, node[1], node[2])
        if kind == "call" and node[1] == "selected" and node[2][0][0] == "ref" and node[2][1][0] == "text":
            return self._chosen(node[2][0][1], [node[2][1][1]])
        if kind == "call" and node[1] == "not":
            return f"并非（{self._say(node[2][0])}）" if self._chinese else f"not ({self._say(node[2][0])})"
        raise UnsayableError(kind)

    def _part(self, node: Any, *, alone: bool = False) -> str:
        """A part of an "and": alternatives stand in brackets, so that nobody reads them across it."""
        said = self._say(node)
        if alone or node[0] != "or":
            return said
        return f"（{said}）" if self._chinese else f"({said})"

    def _either(self, parts: list[Any]) -> str:
        """Alternatives; several answers to one question are said together."""
        names = {part[1][1] for part in parts if _is_choice(part)}
        if len(names) == 1 and all(_is_choice(part) for part in parts):
            return self._chosen(names.pop(), [str(part[2][1]) for part in parts])
        return ("，或" if self._chinese else " or ").join(self._say(part) for part in parts)

    def _compared(self, sign: str, left: Any, right: Any) -> str:
        if left[0] in ("text", "number") and right[0] not in ("text", "number"):
            sign, left, right = _FLIPPED[sign], right, left
        if left[0] == "ref" and right[0] == "text" and sign in ("=", "!="):
            return self._answered(sign, left[1], right[1])
        if left[0] == "ref" and right[0] == "number" and self._is_select(left[1]) and sign in ("=", "!="):
            return self._answered(sign, left[1], _plain(right[1]))
        word = _WORDS["zh" if self._chinese else "en"][sign]
        between = "" if self._chinese else " "
        return f"{self._sum(left)}{between}{word}{between}{self._sum(right)}".strip()

    def _answered(self, sign: str, name: str, value: str) -> str:
        code = self._code(name)
        if value == "":
            if self._chinese:
                return f"{code} {'未填写' if sign == '=' else '已填写'}"
            return f"{code} is {'empty' if sign == '=' else 'filled in'}"
        if sign == "=":
            return self._chosen(name, [value])
        label = self._label(name, value)
        return f"{code} 不是“{label}”" if self._chinese else f"{code} is not “{label}”"

    def _chosen(self, name: str, values: list[str]) -> str:
        quoted = [f"“{self._label(name, value)}”" for value in values]
        if self._chinese:
            return f"{self._code(name)} 选{'或'.join(quoted)}"
        return f"{self._code(name)} is {' or '.join(quoted)}"

    def _sum(self, node: Any) -> str:
        if node[0] == "ref":
            return self._code(node[1])
        if node[0] in ("number", "text"):
            return _plain(node[1])
        if node[0] in ("+", "-", "*"):
            sign = {"+": "＋", "-": "－", "*": "×"}[node[0]] if self._chinese else node[0]
            return f"{self._sum(node[1])}{sign}{self._sum(node[2])}"
        if node[0] == "call" and node[1] in ("number", "int") and len(node[2]) == 1:
            return self._sum(node[2][0])
        if node[0] == "call" and node[1] == "count" and node[2][0][0] == "ref":
            return "已填条数" if self._chinese else "the number of entries"
        raise UnsayableError(str(node[0]))

    def _code(self, name: str) -> str:
        if name not in self._questions:
            raise UnsayableError(name)
        return short_code(name, self._outline.form_id)

    def _is_select(self, name: str) -> bool:
        question = self._questions.get(name)
        return question is not None and question.type.startswith("select_")

    def _label(self, name: str, value: str) -> str:
        question = self._questions.get(name)
        listed = self._outline.choices.get(question.list_name, ()) if question else ()
        found = next((choice.labels for choice in listed if choice.name == value), None)
        return words(found, self._language, value) if found else value


def words(labels: Any, language: str, fallback: str = "") -> str:
    """Labels in a language, else in any."""
    return labels.get(language) or next((text for text in labels.values() if text), fallback)


def _is_choice(node: Any) -> bool:
    return bool(node[0] == "=" and node[1][0] == "ref" and node[2][0] == "text" and node[2][1])


def _and(node: Any) -> Iterator[Any]:
    yield from _flat("and", node)


def _or(node: Any) -> Iterator[Any]:
    yield from _flat("or", node)


def _flat(kind: str, node: Any) -> Iterator[Any]:
    if node[0] == kind:
        yield from _flat(kind, node[1])
        yield from _flat(kind, node[2])
    else:
        yield node


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
