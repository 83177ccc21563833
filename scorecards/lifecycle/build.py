"""Short ways to write the rows of a lifecycle table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from scorecards.lifecycle.table import SYSTEM, Duration, FieldKind, FieldSpec, Limit, StepSpec, Words

OFFICE: Final = frozenset({"office"})
REVIEWERS: Final = frozenset({"office", "administrator"})
INSPECTORS: Final = frozenset({"inspector", "office"})
SCHOOL: Final = frozenset({"school"})
DEPARTMENT: Final = frozenset({"department"})
RECTIFIERS: Final = frozenset({"school", "department"})
LEADING: Final = frozenset({"leading"})
CLOCK: Final = frozenset({SYSTEM})
OFFICE_OR_CLOCK: Final = OFFICE | CLOCK
SUPERVISION: Final = INSPECTORS | REVIEWERS | LEADING


def asks(
    name: str,
    kind: FieldKind,
    zh: str,
    en: str,
    *,
    required: bool = True,
    choices: Mapping[str, Words] | None = None,
    hint: tuple[str, str] = ("", ""),
) -> FieldSpec:
    """Something a step asks for."""
    return FieldSpec(name, kind, Words(zh, en), required, choices or {}, Words(*hint))


def choices(**words: tuple[str, str]) -> dict[str, Words]:
    """Choices in their order: ``done=("完成", "Done")``."""
    return {name.removeprefix("_"): Words(*pair) for name, pair in words.items()}


def step(
    action: str,
    sources: str | tuple[str, ...],
    target: str,
    roles: frozenset[str],
    zh: str,
    en: str,
    *fields: FieldSpec,
    guards: tuple[str, ...] = (),
    due: Mapping[int, Duration] | None = None,
    term: Mapping[int, Duration] | None = None,
    **rest: Any,
) -> StepSpec:
    """One row of a table; ``rest`` are ``also``, ``document``, ``basis``, ``danger``."""
    places = (sources,) if isinstance(sources, str) else sources
    return StepSpec(action, places, target, roles, Words(zh, en), fields, guards, due or {}, term or {}, **rest)


def impartially(row: StepSpec, unless: str = "") -> StepSpec:
    """A step that the supervision's side takes gets the rule that nobody decides on their own unit's matter. ``unless``
    names a rule that says so already."""
    if row.roles <= SUPERVISION | CLOCK and row.roles != CLOCK and unless not in row.guards:
        return replace(row, guards=("impartial", *row.guards))
    return row


def within(amount: int, setting: str, limit: Limit = Limit.WORKING_DAYS) -> dict[int, Duration]:
    """One limit for every severity."""
    return {0: Duration(amount, limit, setting)}
