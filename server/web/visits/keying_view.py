"""The keying screen's rows: the paper form's questions in their order, each with the keys that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData

from forms.expand import NO_CONFLICT
from forms.keying import KEYED, SELECTS, Judged, Keyed, KeyProblem, field_name
from forms.outline import Block, Outline, Question
from scorecards.documents.conditions import Conditions, short_code, words
from scorecards.documents.paper import SILENT

ENTRIES: Final = 3
MOST_ENTRIES: Final = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the screen. ``kind`` is section, entry, note, skipped (nothing to key) or ask; ``choices`` are
    (key, value, words)."""

    kind: str
    label: str = ""
    name: str = ""
    code: str = ""
    hint: str = ""
    only: str = ""
    type: str = ""
    choices: Sequence[tuple[int, str, str]] = ()
    value: str = ""
    several: bool = False
    required: bool = False
    hidden: bool = False
    problem: KeyProblem | None = None
    drives: bool = False
    number: int = 0

    @property
    def values(self) -> list[str]:
        return self.value.split()


@dataclass
class _Drawing:
    outline: Outline
    language: str
    keyed: Keyed
    judged: Judged
    problems: Mapping[str, KeyProblem]
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.outline, self.language)
        self.drives = driving(self.outline)

    def draw(self, block: Block, repeat: str = "", index: int = 0) -> None:
        for part in block.parts:
            if isinstance(part, Question):
                self._question(part, repeat, index)
            elif part.repeat and not repeat:
                self._section(part)
                for number in range(1, len(self.keyed.entries.get(part.name, ())) + 1):
                    self.rows.append(Row("entry", label=words(part.labels, self.language), number=number))
                    self.draw(part, part.name, number)
            else:
                self._section(part)
                self.draw(part, repeat, index)

    def _section(self, block: Block) -> None:
        label = words(block.labels, self.language)
        only = self.conditions.only_if(block.relevant, given=NO_CONFLICT) if block.relevant else ""
        if label:
            self.rows.append(Row("section", label=label, only=only))

    def _question(self, question: Question, repeat: str, index: int) -> None:
        if question.type in SILENT or question.name == self.outline.unit_item:
            return
        name = field_name(question.name, repeat, index)
        only = self.conditions.only_if(question.relevant, given=NO_CONFLICT) if question.relevant else ""
        hidden = name not in self.judged.applies
        label = words(question.labels, self.language, question.name)
        if question.type not in KEYED:
            if question.type != "note" and not question.companion_of:
                code = short_code(question.name, self.outline.form_id)
                self.rows.append(Row("skipped", label=label, name=name, code=code, hidden=hidden))
            return
        listed = self.outline.choices.get(question.list_name, ()) if question.type in SELECTS else ()
        self.rows.append(
            Row(
                "ask",
                label=label,
                name=name,
                code=short_code(question.name, self.outline.form_id),
                hint=words(question.hints, self.language),
                only=only,
                type=question.type,
                choices=[
                    (number, choice.name, words(choice.labels, self.language, choice.name))
                    for number, choice in enumerate(listed, 1)
                ],
                value=self._value(question.name, repeat, index),
                several=question.type in ("select_multiple", "rank"),
                required=question.required,
                hidden=hidden,
                problem=self.problems.get(name),
                drives=question.name in self.drives,
            )
        )

    def _value(self, name: str, repeat: str, index: int) -> str:
        if repeat:
            return self.keyed.entries[repeat][index - 1].get(name, "")
        return self.keyed.plain.get(name, "")


def rows(outline: Outline, keyed: Keyed, judged: Judged, problems: Iterable[KeyProblem], language: str) -> list[Row]:
    """All rows of the screen in the order of the paper."""
    drawing = _Drawing(outline, language, keyed, judged, {problem.name: problem for problem in problems})
    drawing.draw(outline.root)
    return drawing.rows


def driving(outline: Outline) -> frozenset[str]:
    """The questions that conditions or calculations look at."""
    text: list[str] = []

    def gather(block: Block) -> None:
        text.append(block.relevant)
        for part in block.parts:
            if isinstance(part, Block):
                gather(part)
            else:
                text.extend((part.relevant, part.calculation))

    gather(outline.root)
    joined = " ".join(text)
    return frozenset(question.name for question in outline.root.questions() if f"${{{question.name}}}" in joined)


def repeats(outline: Outline) -> list[Block]:
    """The outermost repeats."""
    found: list[Block] = []

    def gather(block: Block) -> None:
        for part in block.parts:
            if isinstance(part, Block):
                if part.repeat:
                    found.append(part)
                else:
                    gather(part)

    gather(outline.root)
    return found


def empty(outline: Outline, entries: int = ENTRIES) -> Keyed:
    """Nothing typed yet, with this many empty entries in each repeat."""
    return Keyed({}, {block.name: [{} for _ in range(entries)] for block in repeats(outline)})


def typed(outline: Outline, form: FormData, entries: int) -> Keyed:
    """What was typed: fields ``q.NAME``."""
    inside: dict[str, str] = {}
    for block in repeats(outline):
        inside |= dict.fromkeys((question.name for question in block.questions()), block.name)

    def given(name: str) -> str:
        texts = [text.strip() for text in form.getlist(f"q.{name}") if isinstance(text, str)]
        return " ".join(text for text in texts if text)

    plain = {
        question.name: text
        for question in outline.root.questions()
        if question.name not in inside and (text := given(question.name))
    }
    listed: dict[str, list[dict[str, str]]] = {}
    for block in repeats(outline):
        names = [question.name for question in block.questions()]
        listed[block.name] = [
            {name: text for name in names if (text := given(field_name(name, block.name, index)))}
            for index in range(1, entries + 1)
        ]
    return Keyed(plain, listed)


def flat(keyed: Keyed) -> dict[str, str]:
    """Every typed answer by its field's name."""
    found = dict(keyed.plain)
    for repeat, entries in keyed.entries.items():
        for index, entry in enumerate(entries, 1):
            found |= {field_name(name, repeat, index): text for name, text in entry.items()}
    return found
