"""The amounts in plain Python: the oracle of analysis.aggregate, and the quick way for one unit at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from analysis.expressions import Expression, parse
from analysis.frames import OBSERVATION
from analysis.windows import AmountTooLarge, Window, windows
from forms.catalogue import Indicator
from forms.meaning import INT64_MAX, Light, Measure

HALVES: Final = frozenset({Measure.NUMERATOR, Measure.DENOMINATOR})


class Observation(NamedTuple):
    """One row of the narrow fact table, columns as in ``analysis.frames.OBSERVATION``."""

    submission: int
    unit: int
    inspector: int
    quarter: int
    observed_on: int
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


class IndicatorValue(NamedTuple):
    """One row of ``analysis.frames.INDICATOR_VALUE``.

    ``numerator``, ``denominator`` and ``count`` are sums in fixed point, ``green`` to
    ``grey`` the numbers of answers in those lights, ``red_s4`` the red ones of severity S4, ``observations`` all rows
    counted but the answers "not applicable" (a value of 0 observations had no others), ``worst`` the worst light (NA
    if none), ``last_on`` the latest day counted.
    """

    unit: int
    quarter: int
    indicator: str
    numerator: int
    denominator: int
    count: int  # type: ignore[assignment]  # the frames' column; tuple.count is not used
    green: int
    yellow: int
    red: int
    grey: int
    red_s4: int
    observations: int
    worst: int
    last_on: int


@dataclass(slots=True)
class _Sum:
    """What has been added up so far for one unit and indicator."""

    numerator: int = 0
    denominator: int = 0
    counted: int = 0
    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0
    red_s4: int = 0
    observations: int = 0
    last_on: int = 0

    def add(self, row: Observation) -> None:
        self.observations += not (row.measure == Measure.LIGHT and row.light == Light.NA)
        self.last_on = max(self.last_on, row.observed_on)
        if row.measure == Measure.COUNT:
            self.counted += row.numerator
        elif row.measure == Measure.LIGHT:
            self.green += row.light == Light.GREEN
            self.yellow += row.light == Light.YELLOW
            self.red += row.light == Light.RED
            self.grey += row.light == Light.GREY
            self.red_s4 += row.light == Light.RED and row.severity == 4
        else:
            self.numerator += row.numerator
            self.denominator += row.denominator

    def merge(self, other: _Sum) -> None:
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.counted += other.counted
        self.green += other.green
        self.yellow += other.yellow
        self.red += other.red
        self.grey += other.grey
        self.red_s4 += other.red_s4
        self.observations += other.observations
        self.last_on = max(self.last_on, other.last_on)

    def worst(self) -> Light:
        if self.red:
            return Light.RED
        if self.yellow:
            return Light.YELLOW
        if self.green:
            return Light.GREEN
        return Light.GREY if self.grey else Light.NA


def indicator_values(
    observations: Iterable[Observation | Sequence[object] | Mapping[str, object]],
    units: Iterable[Mapping[str, object]],
    indicators: Mapping[str, Indicator],
    *,
    quarter: int,
    as_of: dt.date,
    level: str = "unit",
    exclude_routes: Sequence[int] = (),
) -> list[IndicatorValue]:
    """The indicator values of a quarter as seen on ``as_of``, ordered by unit and indicator.

    ``observations`` are rows in the order of OBSERVATION or mappings with its columns; ``units`` are mappings with
    ``unit``, the attributes that ``where`` conditions name and, for ``level``, a column of that name holding the
    ancestor's id. Semantics, windows and roll-up are those of analysis.aggregate. Raises AmountTooLarge.
    """
    spans = windows(indicators, quarter, as_of)
    counted = _current(observations, spans, frozenset(exclude_routes))
    sums: dict[tuple[int, str], _Sum] = {}
    for row in counted:
        key = (row.unit, row.indicator)
        if key not in sums:
            sums[key] = _Sum()
        sums[key].add(row)
    conditions = unit_conditions(indicators)
    if conditions or level != "unit":
        sums = _rolled_up(sums, {_id(row["unit"]): row for row in units}, indicators, conditions, level)
    return [_value(unit, quarter, code, total) for (unit, code), total in sorted(sums.items())]


def counted(
    observations: Iterable[Observation | Sequence[object] | Mapping[str, object]],
    indicators: Mapping[str, Indicator],
    *,
    quarter: int,
    as_of: dt.date,
    exclude_routes: Sequence[int] = (),
) -> list[Observation]:
    """The observations that ``indicator_values`` sums for these indicators: what stands behind a light."""
    return _current(observations, windows(indicators, quarter, as_of), frozenset(exclude_routes))


def unit_conditions(indicators: Mapping[str, Indicator]) -> dict[str, Expression]:
    """The ``where`` conditions on the unit alone, by indicator: those are applied here, not at the observation."""
    parsed = {code: parse(indicator.where) for code, indicator in indicators.items() if indicator.where}
    return {code: where for code, where in parsed.items() if not where.items}


def _current(
    observations: Iterable[Observation | Sequence[object] | Mapping[str, object]],
    spans: Mapping[str, Window],
    excluded: frozenset[int],
) -> list[Observation]:
    """The rows that count: flows of the period, and of stocks the latest submission's rows of each unit and item.

    What is excluded is so after that: a problem that was handed over since takes the place of what was seen before. A
    ratio of which one half is excluded loses the other too: what is left of it would be a false 0 %.
    """
    fresh: list[tuple[Observation, bool]] = []
    latest: dict[tuple[int, str], tuple[int, int]] = {}
    for given in observations:
        row = _row(given)
        span = spans.get(row.indicator)
        if span is None or row.observed_on > span.last:
            continue
        flow = span.flow or row.measure == Measure.COUNT
        if row.observed_on < (span.flow_from if flow else span.stock_from):
            continue
        fresh.append((row, flow))
        if not flow:
            key, moment = (row.unit, row.item), (row.observed_on, row.submission)
            if key not in latest or latest[key] < moment:
                latest[key] = moment
    current = [row for row, flow in fresh if flow or latest[row.unit, row.item] == (row.observed_on, row.submission)]
    handed_over = {(row.unit, row.indicator) for row in current if row.route in excluded and row.measure in HALVES}
    return [
        row
        for row in current
        if row.route not in excluded and not (row.measure in HALVES and (row.unit, row.indicator) in handed_over)
    ]


def _row(given: Observation | Sequence[object] | Mapping[str, object]) -> Observation:
    if isinstance(given, Observation):
        return given
    if isinstance(given, Mapping):
        return Observation._make(given[column] for column in OBSERVATION)
    return Observation._make(given)


def _rolled_up(
    sums: Mapping[tuple[int, str], _Sum],
    units: Mapping[int, Mapping[str, object]],
    indicators: Mapping[str, Indicator],
    conditions: Mapping[str, Expression],
    level: str,
) -> dict[tuple[int, str], _Sum]:
    nothing: Mapping[str, object] = {}
    rolled: dict[tuple[int, str], _Sum] = {}
    for (unit, code), total in sums.items():
        attributes = units.get(unit, nothing)
        if code in conditions and not conditions[code].holds({}, attributes):
            continue
        above = unit if level == "unit" else attributes.get(level)
        if above is None or above != above:
            continue
        target = _id(above)
        if indicators[code].rule == "value" and target != unit:
            continue
        if (target, code) not in rolled:
            rolled[target, code] = _Sum()
        rolled[target, code].merge(total)
    return rolled


def _id(value: object) -> int:
    return int(value)  # type: ignore[call-overload, no-any-return]


def _value(unit: int, quarter: int, code: str, total: _Sum) -> IndicatorValue:
    if max(abs(total.numerator), abs(total.denominator), abs(total.counted)) > INT64_MAX:
        raise AmountTooLarge
    return IndicatorValue(
        unit, quarter, code, total.numerator, total.denominator, total.counted, total.green, total.yellow,
        total.red, total.grey, total.red_s4, total.observations, int(total.worst()), total.last_on,
    )  # fmt: skip
