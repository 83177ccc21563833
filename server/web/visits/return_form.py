"""An administrative return as a plain HTML form: its questions, what was typed, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from starlette.datastructures import FormData

from forms.columns import FORM_SHEETS, row_name, row_type
from forms.definition import FormDefinition, Item
from forms.expand import expand
from forms.expressions import ExpressionError, holds
from forms.kobo import standard
from forms.sheets import Row
from forms.workbook import read_workbook

ASKED: Final = frozenset({"integer", "decimal", "text", "date", "select_one", "select_multiple"})
LONGEST: Final = 2000
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a question's row says beyond its definition: when it is asked, what it must satisfy, what is said then."""

    relevant: tuple[str, ...] = ()
    constraint: str = ""
    messages: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)


@dataclass
class Question:
    """One question on the page. ``problem`` is a key and its values, or words from the workbook."""

    item: Item
    rules: Rules
    value: str = ""
    problem: tuple[str, Labels] | None = None

    @property
    def values(self) -> list[str]:
        return self.value.split()


@dataclass
class ReturnForm:
    """The questions by section; ``drives`` are the questions that others depend on."""

    definition: FormDefinition
    sections: list[tuple[Labels, list[Question]]]
    drives: frozenset[str]
    hidden: int = 0

    @property
    def questions(self) -> list[Question]:
        return [question for _, listed in self.sections for question in listed]

    @property
    def problems(self) -> list[Question]:
        return [question for question in self.questions if question.problem]

    def values(self) -> dict[str, str]:
        """What is sent: the answers to the questions that apply."""
        return {question.item.name: question.value for question in self.questions if question.value}


@lru_cache(maxsize=64)
def rules_of(sha256: str, data: bytes, filename: str) -> Mapping[str, Rules]:
    """Each question's rules, read from the published workbook."""
    workbook, _ = read_workbook(data, filename, FORM_SHEETS)
    if workbook is None:
        return {}
    plain, _ = standard(workbook)
    found: dict[str, Rules] = {}
    open_groups: list[str] = []
    for row in expand(plain).workbook.sheet("survey"):
        word = row_type(row).word
        if word in ("begin_group", "begin_repeat"):
            open_groups.append(row["relevant"])
        elif word in ("end_group", "end_repeat"):
            open_groups.pop()
        elif name := row_name(row):
            relevant = tuple(text for text in (*open_groups, row["relevant"]) if text)
            found[name] = Rules(relevant, row["constraint"], _words(row, "constraint_message"), _words(row, "hint"))
    return found


def _words(row: Row, column: str) -> Labels:
    found = {}
    for header, text in row.cells.items():
        base, _, language = header.partition("::")
        if base == column:
            found["en" if language.lower().endswith("(en)") else "zh"] = text
    return found


def build(
    definition: FormDefinition,
    rules: Mapping[str, Rules],
    values: Mapping[str, str],
    *,
    today: dt.date,
    judge: bool,
) -> ReturnForm:
    """The form with these values: only what applies is shown, and with ``judge`` each answer is checked."""

    def lookup_for(name: str) -> Mapping[str, str]:
        return {**values, ".": values.get(name, ""), "today()": today.isoformat(), "today": today.isoformat()}

    sections: dict[str, list[Question]] = {}
    hidden = 0
    for item in definition.items:
        if item.type not in ASKED or item.name == definition.unit_item or item.repeat:
            continue
        rule = rules.get(item.name, Rules())
        known = lookup_for(item.name)
        if not all(_holds(text, known) for text in rule.relevant):
            hidden += 1
            continue
        question = Question(item, rule, values.get(item.name, ""))
        if judge:
            question.problem = _problem(question, definition, known)
        sections.setdefault(item.section, []).append(question)
    drives = {name for rule in rules.values() for text in rule.relevant for name in re.findall(r"\$\{([^}]+)\}", text)}
    listed = [(definition.sections.get(name, {}), questions) for name, questions in sections.items()]
    return ReturnForm(definition, listed, frozenset(drives), hidden)


def _holds(text: str, known: Mapping[str, str]) -> bool:
    try:
        return holds(text, lambda name: known.get(name, ""))
    except ExpressionError:
        return True


def _problem(question: Question, definition: FormDefinition, known: Mapping[str, str]) -> tuple[str, Labels] | None:
    item, value = question.item, question.value
    if not value:
        return ("return.required", {}) if item.required else None
    if (key := _shape(item, value, definition)) is not None:
        return key, {}
    if question.rules.constraint and not _holds(question.rules.constraint, known):
        return ("return.constraint", question.rules.messages)
    return None


def _shape(item: Item, value: str, definition: FormDefinition) -> str | None:
    if item.type == "integer" and not re.fullmatch(r"-?\d{1,15}", value):
        return "return.integer"
    if item.type == "decimal" and not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", value):
        return "return.decimal"
    if item.type == "date":
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            return "return.date"
    if item.type in ("select_one", "select_multiple"):
        known = {choice.name for choice in definition.choices.get(item.list_name, ())}
        if known and not set(value.split()) <= known:
            return "return.choice"
    return None


def typed(definition: FormDefinition, form: FormData) -> dict[str, str]:
    """What was typed, by question."""
    values = {}
    for item in definition.items:
        if item.type in ASKED:
            given = [text.strip()[:LONGEST] for text in form.getlist(f"q.{item.name}") if isinstance(text, str)]
            values[item.name] = " ".join(given) if item.type == "select_multiple" else (given[-1] if given else "")
    return {name: value for name, value in values.items() if value}


def beginning(
    definition: FormDefinition, *, stage: str, department: str, today: dt.date, quarter: str
) -> dict[str, str]:
    """What is known before anybody types: the day, the period, the stage, the department's own parts."""
    values: dict[str, str] = {}
    for item in definition.items:
        names = [choice.name for choice in definition.choices.get(item.list_name, ())]
        if item.name == definition.date_item:
            values[item.name] = today.isoformat()
        elif item.name == "period":
            values[item.name] = quarter if definition.cadence.startswith("quarter") else str(today.year)
        elif item.name == "stage" and stage in names:
            values[item.name] = stage
        elif item.name == "parts" and item.type == "select_multiple" and department:
            own = [name for name in names if name == department or name.startswith(f"{department}_")]
            values[item.name] = " ".join(own)
    return {name: value for name, value in values.items() if value}
