"""The catalogue and rulebook as one row of integers per indicator, for lights of whole frames at once."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from forms.catalogue import Catalogue, Comparison, Indicator
from forms.meaning import SCALE
from forms.rulebook import Rulebook
from scorecards.lights import freshness_of

# Where an indicator's amount stands in the value.
NO_AMOUNT, PAIR, CASES, NUMBER, CV, ZERO, DECREASE = range(7)
# How its answers become a light.
UNLIT, ITEMS, DOCUMENT, ZERO_ANSWERS = range(4)

ROOM: Final = 2**62  # two products of this size still differ by less than int64 holds
_LARGEST_BOUND: Final = ROOM // (8 * SCALE)  # an indicator with a larger one is judged in plain Python throughout

_SIGN: Final[dict[Comparison, tuple[int, int, int]]] = {
    ">=": (1, 0, 0),
    ">": (1, 1, 0),
    "<=": (-1, 0, 0),
    "<": (-1, 1, 0),
    "=": (1, 0, 1),
}
_KIND: Final = {
    "items": PAIR,
    "document": PAIR,
    "ratio": PAIR,
    "value": PAIR,
    "count": CASES,
    "frequency": CASES,
    "milestone": NUMBER,
    "cv": CV,
    "zero": ZERO,
    "decrease": DECREASE,
    "none": NO_AMOUNT,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """``n / d <comparison> numerator / denominator`` as ``sign * (n * denominator - numerator * d) >= strict``."""

    numerator: int
    denominator: int
    sign: int = 1
    strict: int = 0
    equal: int = 0


def parameters(catalogue: Catalogue, rulebook: Rulebook) -> dict[str, list[int] | list[str]]:
    """One column per parameter, one row per indicator of the catalogue."""
    rows = [_row(indicator, rulebook) for indicator in catalogue.indicators.values()]
    columns: dict[str, list[int] | list[str]] = {"indicator": list(catalogue.indicators)}
    for name in rows[0] if rows else ():
        columns[name] = [row[name] for row in rows]
    return columns


def _row(indicator: Indicator, rulebook: Rulebook) -> dict[str, int]:
    green, yellow = _bounds(indicator, rulebook)
    largest = max(
        [1] + [abs(part) for bound in (green, yellow) if bound for part in (bound.numerator, bound.denominator)]
    )
    answers = {"zero": ZERO_ANSWERS, "document": DOCUMENT, "none": UNLIT}.get(indicator.rule, ITEMS)
    only_answers = indicator.rule in ("items", "document")
    row = {
        "p_kind": _KIND[indicator.rule],
        "p_answers": answers,
        "p_only_answers": int(only_answers),
        "p_target": int(bool(indicator.target) or indicator.rule != "milestone"),
        "p_fresh": freshness_of(indicator, rulebook),
        "p_amount_limit": ROOM // (4 * largest) if largest < _LARGEST_BOUND else -1,
        "p_count_limit": ROOM // (4 * SCALE * largest) if largest < _LARGEST_BOUND else -1,
    }
    for name, given in (("g", green), ("y", yellow)):
        bound = given or Bound(0, 1)
        row |= {
            f"{name}_n": _small(bound.numerator),
            f"{name}_d": _small(bound.denominator),
            f"{name}_sign": bound.sign,
            f"{name}_strict": bound.strict,
            f"{name}_equal": bound.equal,
        }
    return row | {"g_there": int(green is not None), "y_there": int(yellow is not None)}


def _small(number: int) -> int:
    """A bound too large for int64 is never used: its limit of -1 sends all rows to plain Python."""
    return number if abs(number) < _LARGEST_BOUND else 0


def _bounds(indicator: Indicator, rulebook: Rulebook) -> tuple[Bound | None, Bound | None]:
    if indicator.rule == "frequency":
        return Bound(indicator.target or 1, 1), None
    if indicator.rule == "milestone":
        kept = (1 - rulebook["L0.milestone"].fraction("lag")) * (indicator.target or 1)
        return Bound(indicator.target or 1, 1), Bound(kept.numerator, kept.denominator)
    if indicator.rule == "decrease":
        most = 1 + rulebook["L0.decrease"].fraction("share")
        return Bound(1, 1, -1), Bound(most.numerator, most.denominator, -1)
    made: list[Bound | None] = []
    for threshold in (indicator.green, indicator.yellow):
        if threshold is None:
            made.append(None)
            continue
        value = threshold.fraction
        if indicator.rule == "cv":
            value = value * value
        elif indicator.rule == "value" and indicator.unit == "%":
            value = value * 100
        made.append(Bound(value.numerator, value.denominator, *_SIGN[threshold.comparison]))
    return made[0], made[1]


def whole(fraction: Fraction) -> tuple[int, int]:
    """A share as its two integers."""
    return fraction.numerator, fraction.denominator
