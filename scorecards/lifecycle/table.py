"""What a lifecycle table is made of: states, steps, what each step asks for and who may take it (closed-loop D-2).

A table is data. The engine (scorecards.lifecycle.engine) runs it, the server keeps what happened, pages draw their
forms from it, the manual draws its diagram from it. Nothing here knows a clock, a store or a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class FieldKind(StrEnum):
    """How a step's field is entered: what a page draws and what the engine accepts."""

    LINE = "line"  # one line of text
    TEXT = "text"  # several lines
    DATE = "date"  # ISO 8601 day
    NUMBER = "number"  # a whole number, zero or more
    CHOICE = "choice"  # one of ``choices``
    PERSON = "person"  # the name of a responsible person
    USER = "user"  # the id of a person with an account, such as who re-checks
    UNIT = "unit"  # the id of a unit, such as the department consulted
    FILES = "files"  # documents: at least one where required
    PHOTOS = "photos"  # photographs with time and place: at least one where required


class Limit(StrEnum):
    """What a duration is counted in."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Words:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """Something a step asks for. ``choices`` maps the stored value to its words."""

    name: str
    kind: FieldKind
    words: Words
    required: bool = True
    choices: Mapping[str, Words] = field(default_factory=dict)
    hint: Words = Words("", "")


@dataclass(frozen=True, slots=True)
class Duration:
    """``amount`` of ``limit``; ``setting`` is the rulebook parameter that overrides it, "" for none."""

    amount: int
    limit: Limit = Limit.WORKING_DAYS
    setting: str = ""


@dataclass(frozen=True, slots=True)
class StateSpec:
    """A state. ``closing`` ones end the matter; ``code`` is the clause of closed-loop D-2 (``F5``)."""

    name: str
    code: str
    words: Words
    closing: bool = False
    waits_for: str = ""  # the role whose turn it is: "school", "department", "office", "inspector", "leading", "system"


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One step: ``action`` leads from any of ``sources`` to ``target`` for whoever holds one of ``roles``.

    ``roles`` are roles of the store (office, inspector, school, department, leading, administrator) or "system", which
    only the clock and the follow-up of submissions use. ``guards`` name rules of the table that may refuse the step.
    Two limits may begin with a step, by severity where one matters (key 0: any): ``due`` for whoever's turn it is next
    (an answer, a plan, a re-check), and ``term`` for the matter as a whole, the date that lights and the clock count.
    ``target`` "" keeps the state; ``also`` are the states it may lead to instead, as facts and fields decide.
    ``document`` is the kind of document that the step produces, "" for none.
    """

    action: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[str]
    words: Words
    fields: tuple[FieldSpec, ...] = ()
    guards: tuple[str, ...] = ()
    due: Mapping[int, Duration] = field(default_factory=dict)
    term: Mapping[int, Duration] = field(default_factory=dict)
    document: str = ""
    basis: str = ""  # clause: "条例 20"
    danger: bool = False  # pages ask twice
    also: tuple[str, ...] = ()

    def targets(self, source: str) -> tuple[str, ...]:
        """Every state that the step may lead to from a source."""
        return (self.target or source, *self.also)


@dataclass(frozen=True, slots=True)
class Table:
    """A whole lifecycle. (action, source state) is unique."""

    name: str
    words: Words
    states: Mapping[str, StateSpec]
    steps: tuple[StepSpec, ...]
    initial: str

    def step(self, state: str, action: str) -> StepSpec | None:
        """The step that ``action`` means in ``state``."""
        return next((step for step in self.steps if step.action == action and state in step.sources), None)

    def steps_from(self, state: str) -> tuple[StepSpec, ...]:
        """Every step that leaves or stays in ``state``, in the table's order."""
        return tuple(step for step in self.steps if state in step.sources)


SYSTEM: Final = "system"
