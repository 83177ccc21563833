"""A checklist's workbook as its reader walks through it: groups, repeats and questions in order, with every word.

The definition (forms.definition) says what answers mean; the outline says what is asked, when, and how it is explained.
Paper forms and the keying screen are drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from forms.columns import (
    FORM_SHEETS,
    choice_name,
    light_of,
    list_name,
    read_settings,
    row_name,
    row_type,
    severity_of,
    translations,
)
from forms.definition import Choice, Role
from forms.expand import expand
from forms.kobo import standard
from forms.sheets import Row
from forms.workbook import read_workbook

Labels = Mapping[str, str]
_YES = frozenset({"yes", "true", "true()", "y", "1"})


@dataclass(frozen=True, slots=True)
class Question:
    """One row that is asked, shown or computed. ``type`` is the standard spelling of forms.columns.row_type;
    ``relevant`` is its own condition, without those of the groups around it."""

    name: str
    type: str
    labels: Labels
    hints: Labels = field(default_factory=dict)
    list_name: str = ""
    relevant: str = ""
    constraint: str = ""
    messages: Labels = field(default_factory=dict)
    calculation: str = ""
    appearance: str = ""
    required: bool = False
    readonly: bool = False
    severity: int = 0
    role: Role = "item"
    companion_of: str = ""
    picture: bool = False  # its label is a picture that an answer names


@dataclass(slots=True)
class Block:
    """A group or repeat; the outermost one has no name and holds the whole form."""

    name: str
    labels: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)
    relevant: str = ""
    repeat: bool = False
    parts: list[Question | Block] = field(default_factory=list)

    def questions(self) -> Iterator[Question]:
        """Every question of the block and of those inside it, in order."""
        for part in self.parts:
            if isinstance(part, Block):
                yield from part.questions()
            else:
                yield part


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole checklist. ``choices`` are those written in the workbook; lists from files are not in it."""

    form_id: str
    version: str
    labels: Labels
    kind: str
    unit_item: str
    date_item: str
    root: Block
    choices: Mapping[str, tuple[Choice, ...]]

    def question(self, name: str) -> Question | None:
        """A question by its name."""
        return next((question for question in self.root.questions() if question.name == name), None)


def read_outline(data: bytes, filename: str = "") -> Outline:
    """The outline of a workbook that could be published. Raises ValueError for a file that cannot be read."""
    workbook, _ = read_workbook(data, filename, FORM_SHEETS)
    if workbook is None:
        raise ValueError("the workbook cannot be read")
    plain, _ = standard(workbook)
    expanded = expand(plain)
    settings = read_settings(plain, filename)
    choices: dict[str, list[Choice]] = {}
    for row in expanded.workbook.sheet("choices"):
        light = light_of(row["light"]) if row["light"] else None
        choice = Choice(list_name(row), choice_name(row), translations(row, "label"), light)
        choices.setdefault(choice.list_name, []).append(choice)
    return Outline(
        form_id=settings.form_id,
        version=settings.version,
        labels=settings.labels,
        kind=settings.kind,
        unit_item=settings.unit_item,
        date_item=settings.date_item,
        root=_blocks(expanded.workbook.sheet("survey").rows, expanded.roles),
        choices={name: tuple(listed) for name, listed in choices.items()},
    )


def _blocks(rows: tuple[Row, ...], roles: Mapping[str, tuple[Role, str]]) -> Block:
    root = Block("")
    standing = [root]
    for row in rows:
        word = row_type(row).word
        if word in ("begin_group", "begin_repeat"):
            block = Block(
                row_name(row),
                translations(row, "label"),
                translations(row, "hint"),
                row["relevant"],
                word == "begin_repeat",
            )
            standing[-1].parts.append(block)
            standing.append(block)
        elif word in ("end_group", "end_repeat"):
            if len(standing) > 1:
                standing.pop()
        elif word and row_name(row):
            standing[-1].parts.append(_question(row, roles))
    return root


def _question(row: Row, roles: Mapping[str, tuple[Role, str]]) -> Question:
    kind, name = row_type(row), row_name(row)
    role, companion_of = roles.get(name, ("item", ""))
    return Question(
        name=name,
        type=kind.word,
        labels=translations(row, "label"),
        hints=translations(row, "hint"),
        list_name=kind.list_name,
        relevant=row["relevant"],
        constraint=row["constraint"],
        messages=translations(row, "constraint_message"),
        calculation=row["calculation"],
        appearance=row["appearance"],
        required=row["required"].lower() in _YES,
        readonly=row["readonly"].lower() in _YES,
        severity=severity_of(row["severity"]) or 0,
        role=role,
        companion_of=companion_of,
        picture=any("${" in text for header, text in row.cells.items() if header.startswith(("media::image", "image"))),
    )
