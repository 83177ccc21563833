"""A checklist as somebody fills it in: questions and groups in order, with what decides whether they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forms.catalogue import Catalogue, Indicator
from forms.check import CheckedForm
from forms.definition import FormDefinition, Item
from forms.expressions import ExpressionError, parse
from forms.meaning import Measure
from forms.sheets import Row

ZH = "label::中文 (zh)"


@dataclass(frozen=True, slots=True)
class Feed:
    """What a number feeds: the indicator, and the question that holds its denominator ("" if it is a plain value).

    ``constant`` is a denominator that the catalogue gives as a number; with ``remainder`` the question asks for what
    is left of the denominator without the amount.
    """

    indicator: Indicator
    denominator: str = ""
    constant: int = 0
    remainder: bool = False


@dataclass(slots=True)
class Question:
    """One question: its row of the workbook and its item of the definition."""

    name: str
    type: str
    row: Row
    item: Item
    feeds: list[Feed] = field(default_factory=list)
    is_denominator: bool = False
    dimension: str = ""

    @property
    def label(self) -> str:
        return self.row[ZH]

    @property
    def required(self) -> bool:
        return self.row["required"].lower() in ("yes", "true")


@dataclass(slots=True)
class Group:
    """A group or repeat with its children in order."""

    name: str
    relevant: str = ""
    repeat: bool = False
    children: list[Group | Question] = field(default_factory=list)

    def questions(self) -> Iterator[Question]:
        """Every question below, in order."""
        for child in self.children:
            if isinstance(child, Question):
                yield child
            else:
                yield from child.questions()


@dataclass(slots=True)
class Survey:
    """A whole checklist, ready to be filled in."""

    definition: FormDefinition
    root: Group
    dimensions: tuple[str, ...]

    def named(self) -> dict[str, Question]:
        """Its questions by name."""
        return {question.name: question for question in self.root.questions()}


def read_survey(checked: CheckedForm, catalogue: Catalogue) -> Survey:
    """The survey of a workbook without errors."""
    assert checked.definition is not None and checked.expanded is not None
    items = {item.name: item for item in checked.definition.items}
    root = Group("")
    stack = [root]
    for row in checked.expanded.sheet("survey"):
        kind = row["type"].replace("_", " ", 1) if row["type"].startswith(("begin_", "end_")) else row["type"]
        word = kind.split(" ")[0]
        if word == "begin":
            group = Group(row["name"], row["relevant"], "repeat" in kind)
            stack[-1].children.append(group)
            stack.append(group)
        elif word == "end" and ("group" in kind or "repeat" in kind):
            stack.pop()
        elif row["name"] in items:
            stack[-1].children.append(Question(row["name"], word, row, items[row["name"]]))
    survey = Survey(checked.definition, root, tuple(catalogue.dimensions))
    _feed(survey, catalogue)
    return survey


def _feed(survey: Survey, catalogue: Catalogue) -> None:
    """Which numbers feed which indicators, by the workbook's measures and by the catalogue's expressions."""
    questions = survey.named()
    denominators: dict[str, str] = {}
    for question in questions.values():
        for meaning in question.item.meanings:
            if meaning.measure is Measure.DENOMINATOR:
                denominators[meaning.indicator] = question.name
                question.is_denominator = True
    for question in questions.values():
        for meaning in question.item.meanings:
            indicator = catalogue.indicators.get(meaning.indicator)
            if indicator is None:
                continue
            question.dimension = question.dimension or indicator.dimension
            if meaning.measure is Measure.NUMERATOR:
                question.feeds.append(Feed(indicator, denominators.get(indicator.code, "")))
            elif meaning.measure in (Measure.VALUE, Measure.COUNT):
                question.feeds.append(Feed(indicator))
    for indicator in catalogue.indicators.values():
        _feed_expression(indicator, questions)


def _feed_expression(indicator: Indicator, questions: dict[str, Question]) -> None:
    numerator, denominator = _tree(indicator.numerator), _tree(indicator.denominator)
    if numerator is None or (denominator is None and numerator[0] != "ref"):
        return
    if numerator[0] == "-" and numerator[1] == denominator and numerator[2][1] in questions:
        questions[numerator[2][1]].feeds.append(Feed(indicator, numerator[1][1], remainder=True))
        questions[numerator[1][1]].is_denominator = True
    if numerator[0] != "ref" or numerator[1] not in questions:
        return
    question = questions[numerator[1]]
    question.dimension = question.dimension or indicator.dimension
    if denominator is None:
        question.feeds.append(Feed(indicator))
    elif denominator[0] == "ref":
        question.feeds.append(Feed(indicator, denominator[1]))
        if denominator[1] in questions:
            questions[denominator[1]].is_denominator = True
    elif denominator[0] == "number":
        question.feeds.append(Feed(indicator, constant=int(denominator[1])))


def _tree(text: str) -> Any:
    if not text:
        return None
    try:
        return parse(text)
    except ExpressionError:
        return ("other", "")
