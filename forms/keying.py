"""Answers typed from a paper form, judged as a phone would judge them: what applies, what is computed, what is wrong.

What a phone clears because it no longer applies is not sent from here either.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from forms.expressions import ExpressionError, as_text, evaluate, holds
from forms.instance import Value
from forms.outline import Block, Labels, Outline, Question

SELECTS: Final = frozenset(
    {"select_one", "select_multiple", "select_one_from_file", "select_multiple_from_file", "rank"}
)
NUMBERS: Final = frozenset({"integer", "decimal", "range"})
KEYED: Final = SELECTS | NUMBERS | {"text", "date", "time", "datetime", "barcode"}
LONGEST: Final = 4000
PASSES: Final = 4

Pulldata = Callable[[str, str, str, str], str]


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was typed: plain questions by name, and per repeat a list of entries."""

    plain: Mapping[str, str]
    entries: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong with the field ``name``. ``code`` is required, integer, decimal, date, choice, long or constraint;
    ``words`` are the workbook's own."""

    name: str
    code: str
    words: Labels = field(default_factory=dict)


@dataclass(slots=True)
class Judged:
    """``applies`` and ``problems`` name fields: ``f01_a05``, or ``findings.2.ft_a04`` in the second entry of a repeat.

    ``values`` is what goes into the instance; ``ticked`` counts the choice questions answered, ``total`` is the sum of
    the numbers typed: both are compared with what the paper's foot says.
    """

    applies: set[str] = field(default_factory=set)
    problems: list[KeyProblem] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    ticked: int = 0
    total: Decimal = Decimal(0)


def field_name(name: str, repeat: str = "", index: int = 0) -> str:
    """A field's name: of a plain question its own, in a repeat with the repeat's and the entry's number (from 1)."""
    return f"{repeat}.{index}.{name}" if repeat else name


def no_tables(_file: str, _column: str, _key: str, _value: str) -> str:
    """A pulldata that knows no file."""
    return ""


def judge(
    outline: Outline,
    keyed: Keyed,
    *,
    given: Mapping[str, str],
    today: dt.date,
    pulldata: Pulldata = no_tables,
) -> Judged:
    """Judge what was typed. ``given`` are answers that nobody types here: the unit, the day. ``pulldata`` answers for
    the files beside the form (file, column, key column, key)."""
    walk = _Walk(outline, keyed, given, today, pulldata)
    # A condition may look at a question behind it: walk until nothing changes any more.
    for _ in range(PASSES):
        before = dict(walk.known)
        walk.run()
        if walk.known == before:
            break
    return walk.judged


class _Walk:
    def __init__(
        self, outline: Outline, keyed: Keyed, given: Mapping[str, str], today: dt.date, pulldata: Pulldata
    ) -> None:
        self._outline, self._keyed, self._given = outline, keyed, given
        self._today, self._pulldata = today.isoformat(), pulldata
        self.known: dict[str, str] = dict(keyed.plain) | dict(given)
        self.judged = Judged()
        self._standing: dict[str, list[str]] = {}

    def run(self) -> None:
        self.judged = Judged()
        values = self.judged.values
        self._block(self._outline.root, True, values, "", 0)

    def _block(self, block: Block, active: bool, values: dict[str, Value], repeat: str, index: int) -> None:
        for part in block.parts:
            if isinstance(part, Question):
                self._question(part, active, values, repeat, index)
                continue
            inside = active and self._holds(part.relevant, repeat, index)
            if part.repeat and not repeat:
                self._repeat(part, inside, values)
            else:
                self._block(part, inside, values, repeat, index)

    def _repeat(self, block: Block, active: bool, values: dict[str, Value]) -> None:
        listed: list[dict[str, Value]] = []
        typed = self._keyed.entries.get(block.name, ())
        for index, entry in enumerate(typed, 1):
            filled = any(entry.values())
            inside: dict[str, Value] = {}
            # An entry that nobody began is shown, but neither judged nor sent.
            problems, before = self.judged.problems, (self.judged.ticked, self.judged.total)
            self.judged.problems = []
            self._block(block, active, inside, block.name, index)
            if active and filled:
                problems += self.judged.problems
                listed.append(inside)
            else:
                self.judged.ticked, self.judged.total = before
            self.judged.problems = problems
        self._standing[block.name] = [
            str(index) for index, entry in enumerate(typed, 1) if active and any(entry.values())
        ]
        if listed:
            values[block.name] = listed

    def _question(self, question: Question, active: bool, values: dict[str, Value], repeat: str, index: int) -> None:
        name = field_name(question.name, repeat, index)
        applies = active and self._holds(question.relevant, repeat, index)
        text = ""
        if question.name in self._given and not repeat:
            text = self._given[question.name]
        elif applies and question.type == "calculate":
            text = self._computed(question.calculation, repeat, index)
        elif applies and question.type in KEYED:
            text = self._typed(question, repeat, index)
            self.judged.applies.add(name)
            self._check(question, text, name, repeat, index)
        elif applies:
            self.judged.applies.add(name)
        self.known[name] = text
        if text:
            values[question.name] = text

    def _typed(self, question: Question, repeat: str, index: int) -> str:
        if repeat:
            return self._keyed.entries[repeat][index - 1].get(question.name, "").strip()
        return self._keyed.plain.get(question.name, "").strip()

    def _check(self, question: Question, text: str, name: str, repeat: str, index: int) -> None:
        if not text:
            if question.required and not question.readonly:
                self.judged.problems.append(KeyProblem(name, "required"))
            return
        if question.type in SELECTS:
            self.judged.ticked += 1
        code = _shape(question, text, self._outline)
        if code:
            self.judged.problems.append(KeyProblem(name, code))
            return
        if question.type in NUMBERS:
            self.judged.total += Decimal(text)
        self.known[name] = text
        if question.constraint and not self._holds(question.constraint, repeat, index, own=text):
            self.judged.problems.append(KeyProblem(name, "constraint", question.messages))

    def _lookup(self, repeat: str, index: int, own: str) -> Callable[[str], str]:
        def found(name: str) -> str:
            if name == ".":
                return own
            if name in ("today()", "today"):
                return self._today
            if name.startswith("pulldata:"):
                parts = name.split(":", 4)[1:]
                return self._pulldata(*parts) if len(parts) == 4 else ""
            inside = field_name(name, repeat, index)
            return self.known[inside] if inside in self.known else self.known.get(name, "")

        return found

    def _every(self) -> dict[str, list[str]]:
        """All answers to the questions of repeats, and each repeat by its own name, for sum() and count()."""
        every: dict[str, list[str]] = {}
        for block in _repeats(self._outline.root):
            numbers = range(1, len(self._keyed.entries.get(block.name, ())) + 1)
            every[block.name] = self._standing.get(block.name, [])
            for question in block.questions():
                every[question.name] = [
                    self.known.get(field_name(question.name, block.name, number), "") for number in numbers
                ]
        return every

    def _holds(self, expression: str, repeat: str, index: int, *, own: str = "") -> bool:
        """A condition; one that this evaluator cannot read holds, and the server that takes the answers judges it."""
        if not expression:
            return True
        try:
            return holds(expression, self._lookup(repeat, index, own), every=self._every())
        except ExpressionError:
            return True

    def _computed(self, expression: str, repeat: str, index: int) -> str:
        try:
            return as_text(evaluate(expression, self._lookup(repeat, index, ""), every=self._every()))
        except ExpressionError:
            return ""


def _repeats(block: Block) -> Iterator[Block]:
    for part in block.parts:
        if isinstance(part, Block):
            if part.repeat:
                yield part
            else:
                yield from _repeats(part)


def _shape(question: Question, text: str, outline: Outline) -> str:
    if len(text) > LONGEST:
        return "long"
    if question.type == "integer" and not re.fullmatch(r"-?[0-9]{1,15}", text):
        return "integer"
    if question.type in ("decimal", "range") and not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", text):
        return "decimal"
    if question.type == "date":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return "date"
    listed = outline.choices.get(question.list_name, ())
    if question.type in SELECTS and listed:
        chosen = text.split()
        known = {choice.name for choice in listed}
        if not set(chosen) <= known or (question.type == "select_one" and len(chosen) > 1):
            return "choice"
    return ""
