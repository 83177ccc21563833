"""Answers of one submission to observation rows: what each answer contributes to which indicator.

This runs while a phone waits, so everything that depends only on the form and the catalogue is planned once and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from analysis.expressions import Expression, parse
from forms.answers import Answer
from forms.catalogue import Catalogue
from forms.definition import FormDefinition, Item
from forms.meaning import SCALE, Light, Measure, to_fixed


class ObservationRow(NamedTuple):
    """The columns of ``analysis.frames.OBSERVATION`` from ``item`` to ``veto``, in order."""

    item: str
    indicator: str
    measure: int
    light: int
    numerator: int
    denominator: int
    severity: int
    repeat_index: int
    route: int
    veto: int


# The worst of several chosen answers: a red one outweighs all, "no data" says more than "not applicable".
_WEIGHT: Final = {Light.NA: 0, Light.GREY: 1, Light.GREEN: 2, Light.YELLOW: 3, Light.RED: 4}
_NO_ANSWERS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class _ItemPlan:
    """What to do with an answer of one item. ``lights`` is None where the answer's own words are lights."""

    name: str
    meanings: tuple[tuple[str, Measure], ...]
    lights: Mapping[str, Light] | None
    multiple: bool
    severity: int
    route: int
    veto: int


@dataclass(frozen=True, slots=True)
class _Amount:
    """An indicator computed from the answers by expressions. ``repeat`` is the repeat its items stand in, or ""."""

    indicator: str
    numerator: Expression
    denominator: Expression | None
    where: Expression | None
    needed: frozenset[str]
    count_missing: bool
    repeat: str


@dataclass(frozen=True, slots=True)
class _Plan:
    items: Mapping[str, _ItemPlan]
    amounts: tuple[_Amount, ...]
    conditions: Mapping[str, Expression | None]
    read: Mapping[str, str]


def observe(
    definition: FormDefinition,
    answers: Iterable[Answer],
    catalogue: Catalogue,
    *,
    unit: Mapping[str, object] = _NO_ANSWERS,
) -> list[ObservationRow]:
    """The observations of one submission's answers.

    ``unit`` holds the unit's attributes for expressions that name both an answer and ``unit.attribute``. Numbers
    that cannot be read, choices without a light and counts that are not whole give no row. Raises
    analysis.syntax.ExpressionError where the catalogue holds an expression that cannot be read.
    """
    plan = _plan_for(definition, catalogue)
    rows: list[ObservationRow] = []
    outside: dict[str, str] = {}
    inside: dict[str, dict[int, dict[str, str]]] = {}
    for answer in answers:
        item = plan.items.get(answer.item)
        if item is not None:
            _observe_item(item, answer, rows)
        repeat = plan.read.get(answer.item)
        if repeat == "":
            outside[answer.item] = answer.value
        elif repeat is not None:
            inside.setdefault(repeat, {}).setdefault(answer.repeat_index, {})[answer.item] = answer.value
    if plan.conditions:
        rows = [row for row in rows if _condition_holds(plan, row, outside, inside, unit)]
    for amount in plan.amounts:
        for index, known in _instances(amount.repeat, outside, inside):
            _observe_amount(amount, index, known, unit, rows)
    return rows


def _observe_item(item: _ItemPlan, answer: Answer, rows: list[ObservationRow]) -> None:
    for indicator, measure in item.meanings:
        light, numerator, denominator = 0, 0, 0
        if measure is Measure.LIGHT:
            found = _light(item, answer.value)
            if found is None:
                continue
            light = int(found)
        else:
            amount = to_fixed(answer.value)
            if amount is None or (measure is Measure.COUNT and amount % SCALE):
                continue
            if measure is Measure.DENOMINATOR:
                denominator = amount
            else:
                numerator = amount
                denominator = SCALE if measure is Measure.VALUE else 0
        rows.append(
            ObservationRow(
                item.name, indicator, int(measure), light, numerator, denominator,
                item.severity, answer.repeat_index, item.route, item.veto,
            )
        )  # fmt: skip


def _light(item: _ItemPlan, value: str) -> Light | None:
    """The light of the choice, the worst of several, or the light that a calculation names itself."""
    if item.lights is None:
        try:
            return Light.from_word(value)
        except KeyError:
            return None
    if not item.multiple:
        return item.lights.get(value)
    found = [item.lights[name] for name in value.split() if name in item.lights]
    return max(found, key=_WEIGHT.__getitem__, default=None)


def _observe_amount(
    amount: _Amount, index: int, known: Mapping[str, str], unit: Mapping[str, object], rows: list[ObservationRow]
) -> None:
    if amount.where is not None and not amount.where.holds(known, unit):
        return
    unanswered = not all(known.get(name) for name in amount.needed)
    if unanswered and not amount.count_missing:
        return
    numerator = amount.numerator.fixed(known, unit)
    denominator = SCALE if amount.denominator is None else amount.denominator.fixed(known, unit)
    if amount.count_missing:
        numerator, denominator = numerator or 0, denominator or 0
    if numerator is None or denominator is None:
        return
    code = amount.indicator
    rows.append(ObservationRow(code, code, int(Measure.NUMERATOR), 0, numerator, denominator, 0, index, 0, 0))


def _instances(
    repeat: str, outside: dict[str, str], inside: dict[str, dict[int, dict[str, str]]]
) -> Iterable[tuple[int, Mapping[str, str]]]:
    """The answers an expression sees: those outside repeats, and beside them one repeat instance at a time."""
    if not repeat:
        return ((0, outside),)
    return ((index, outside | values) for index, values in sorted(inside.get(repeat, {}).items()))


def _condition_holds(
    plan: _Plan,
    row: ObservationRow,
    outside: dict[str, str],
    inside: dict[str, dict[int, dict[str, str]]],
    unit: Mapping[str, object],
) -> bool:
    if row.indicator not in plan.conditions:
        return True
    where = plan.conditions[row.indicator]
    if where is None:
        return False
    repeat = next((plan.read[name] for name in where.items if plan.read[name]), "")
    return where.holds(outside | inside.get(repeat, {}).get(row.repeat_index, {}), unit)


_PLANS: dict[tuple[int, int], tuple[FormDefinition, Catalogue, _Plan]] = {}
_PLANS_KEPT: Final = 256


def _plan_for(definition: FormDefinition, catalogue: Catalogue) -> _Plan:
    """The plan of a form and a catalogue, kept by identity: both are immutable and kept alive beside their plan."""
    key = (id(definition), id(catalogue))
    kept = _PLANS.get(key)
    if kept is None:
        if len(_PLANS) >= _PLANS_KEPT:
            _PLANS.clear()
        kept = (definition, catalogue, _make_plan(definition, catalogue))
        _PLANS[key] = kept
    return kept[2]


def _make_plan(definition: FormDefinition, catalogue: Catalogue) -> _Plan:
    items = {item.name: _plan_item(definition, item) for item in definition.items if item.meanings}
    repeats = {item.name: item.repeat for item in definition.items}
    fed = {meaning.indicator for item in definition.items for meaning in item.meanings}
    amounts: list[_Amount] = []
    conditions: dict[str, Expression | None] = {}
    read: set[str] = set()
    for code, indicator in catalogue.indicators.items():
        where = parse(indicator.where) if indicator.where else None
        if where is not None and not where.items:
            where = None  # a condition on the unit alone is applied when the observations are summed
        if indicator.numerator or indicator.denominator:
            amount = _plan_amount(code, indicator.numerator, indicator.denominator, where, indicator.missing, repeats)
            if amount is not None:
                amounts.append(amount)
                read |= _names(amount)
        elif where is not None and code in fed:
            conditions[code] = where if where.items <= repeats.keys() else None
            read |= where.items & repeats.keys()
    return _Plan(items, tuple(amounts), conditions, {name: repeats[name] for name in read})


def _plan_item(definition: FormDefinition, item: Item) -> _ItemPlan:
    choices = definition.choices.get(item.list_name, ()) if item.list_name else ()
    lights = {choice.name: choice.light for choice in choices if choice.light is not None}
    meanings = tuple((meaning.indicator, meaning.measure) for meaning in item.meanings)
    multiple = item.type.startswith("select_multiple")
    return _ItemPlan(
        item.name, meanings, lights if choices else None, multiple, item.severity, item.route, item.veto
    )  # fmt: skip


@lru_cache(maxsize=1)
def _one() -> Expression:
    return parse("1")


def _plan_amount(
    code: str, numerator: str, denominator: str, where: Expression | None, missing: str, repeats: Mapping[str, str]
) -> _Amount | None:
    """The plan of an indicator's expressions, None if they ask for anything that this form does not."""
    above = parse(numerator) if numerator else _one()
    below = parse(denominator) if denominator else None
    names = above.items | (below.items if below else frozenset()) | (where.items if where else frozenset())
    if not names or not names <= repeats.keys():
        return None
    inside = {repeats[name] for name in names} - {""}
    if len(inside) > 1:
        return None
    needed = above.required | (below.required if below else frozenset())
    return _Amount(code, above, below, where, needed, missing == "count", next(iter(inside), ""))


def _names(amount: _Amount) -> frozenset[str]:
    parts = (amount.numerator, amount.denominator, amount.where)
    return frozenset().union(*(part.items for part in parts if part is not None))
