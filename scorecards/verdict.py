"""What every verdict is made of: the amounts judged, the checks made, and the light that came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from forms.meaning import SCALE, Light

Inputs = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """What the observations of one unit, quarter and indicator amount to: a row of ``analysis.frames.INDICATOR_VALUE``.

    ``numerator``, ``denominator`` and ``count`` (of cases) are fixed point (``SCALE``); an observation of
    measure ``value`` adds its number to ``numerator`` and ``SCALE`` to ``denominator``. ``green`` to ``grey`` count
    answers by light and ``red_s4`` the red ones of severity S4. ``observations`` counts all valid ones: an answer "not
    applicable" is in none of these numbers (a row of 0 observations says that nothing else was answered), and neither
    is one routed R4, which belongs to a department's value. ``last_on`` is the day of the newest observation since
    1970-01-01. For rule ``cv`` numerator / denominator is the *squared* coefficient of variation.
    """

    unit: int
    quarter: int
    indicator: str
    numerator: int = 0
    denominator: int = 0
    count: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    red_s4: int = 0
    observations: int = 0
    worst: int = 0
    last_on: int = 0

    @property
    def lights(self) -> int:
        """How many valid answers carry a light: the denominator of every share of answers."""
        return self.green + self.yellow + self.red

    @property
    def amounts(self) -> int:
        """How many observations carry a number instead of a light."""
        return self.observations - self.lights - self.grey

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> IndicatorValue:
        """A value from a row of the frame; columns it does not know are ignored."""
        return cls(**{name.name: row[name.name] for name in fields(cls) if name.name in row})


@dataclass(frozen=True, slots=True)
class Check:
    """One rule put to the facts.

    ``light`` is what the rule gives if it ``holds``; ``comparison`` the exact sum behind it (``3/8 >= 30%``, several
    joined by ``;``); ``decided`` marks the check, or checks, to which the light is due.
    """

    rule: str
    holds: bool
    light: Light | None = None
    comparison: str = ""
    inputs: Inputs = field(default_factory=dict)
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """An indicator's light and the rule that gave it.

    ``reason`` is empty unless the light is grey or not applicable: no_data, stale, sample, verification,
    no_threshold, zero_denominator, no_previous, period_open, not_applicable, not_lit.
    ``conflict`` says that sources disagreed and the worse was taken (L0.sources.worse).
    """

    light: Light
    rule: str
    inputs: Inputs = field(default_factory=dict)
    reason: str = ""
    conflict: bool = False
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class LightContext:
    """What an indicator's light depends on besides its own value.

    ``as_of`` (days since 1970-01-01) is the day of judgement, without which nothing is stale. ``sample`` is
    (valid answers, people invited) of a questionnaire; ``previous`` last period's value (rule decrease);
    ``planned`` the share of the plan due by now and ``overdue_days`` the days past its end (milestone);
    ``period_ended`` and ``scheduled`` serve frequency; ``sources`` are lights from other sources than observation
    (administrative figures, the task ledger), of which the worse counts.
    """

    as_of: int | None = None
    sample: tuple[int, int] | None = None
    previous: IndicatorValue | None = None
    planned: Fraction = Fraction(1)
    overdue_days: int = 0
    period_ended: bool = True
    scheduled: bool = False
    sources: Mapping[str, Light] = field(default_factory=dict)


def worse(first: Light, second: Light) -> Light:
    """The worse of two lights; a light always stands against grey or not applicable."""
    lit = [light for light in (first, second) if is_lit(light)]
    return max(lit) if lit else max(first, second)


def is_lit(light: Light) -> bool:
    """True for green, yellow and red: the lights that count as data."""
    return light in (Light.GREEN, Light.YELLOW, Light.RED)


def fixed_text(number: int) -> str:
    """A fixed-point number as people write it: 125000 is ``12.5``."""
    sign, digits = "-" if number < 0 else "", abs(number)
    whole, rest = divmod(digits, SCALE)
    return f"{sign}{whole}.{rest:04d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def fraction_text(value: Fraction, percent: bool = False) -> str:
    """A fraction exactly, as ``30%``, ``2.5`` or, where no short decimal is exact, ``1/3``."""
    scaled = value * (100 if percent else 1) * SCALE
    if scaled.denominator == 1:
        return fixed_text(scaled.numerator) + ("%" if percent else "")
    return f"{value.numerator}/{value.denominator}"
