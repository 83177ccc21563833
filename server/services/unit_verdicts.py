"""From one unit's observations to its indicators' values and lights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from analysis.reference import Observation, indicator_values
from analysis.windows import day_number
from forms.catalogue import Indicator
from forms.meaning import Light, Measure, quarter_before, quarter_bounds
from scorecards.lights import indicator_light
from scorecards.verdict import IndicatorValue, LightContext, Verdict
from server.services.reference import InForce
from server.store.units import Unit

R4 = 4


def unit_values(
    force: InForce, unit: Unit, rows: Iterable[Any], quarter: int, as_of: dt.date
) -> dict[str, IndicatorValue]:
    """What the observations of one school amount to in a quarter, by indicator; those routed R4 are left out."""
    observations = [Observation._make(row) for row in rows]
    present = _present(force.catalogue.indicators, observations)
    found = indicator_values(
        observations, [attributes_of(unit)], present, quarter=quarter, as_of=as_of, exclude_routes=(R4,)
    )
    return {value.indicator: IndicatorValue(*value) for value in found}


def unit_verdicts(
    force: InForce,
    unit: Unit,
    values: Mapping[str, IndicatorValue],
    rows: Iterable[Any],
    quarter: int,
    as_of: dt.date,
) -> dict[str, Verdict]:
    """The light of each indicator of one unit, and why. Not applicable where every answer said so."""
    day = day_number(as_of)
    ended = as_of >= quarter_bounds(quarter)[1]
    earlier = _earlier(force, unit, values, rows, quarter)
    verdicts = {}
    for code, value in values.items():
        context = LightContext(as_of=day, previous=earlier.get(code), period_ended=ended)
        verdicts[code] = indicator_light(force.catalogue.indicators[code], value, force.rulebook, context=context)
    for code in _not_applicable(force, rows, quarter) - verdicts.keys():
        verdicts[code] = Verdict(Light.NA, "L0.items.na", reason="not_applicable")
    return verdicts


def _present(indicators: Mapping[str, Indicator], observations: list[Observation]) -> dict[str, Indicator]:
    return {code: indicators[code] for code in {row.indicator for row in observations} if code in indicators}


def _earlier(
    force: InForce, unit: Unit, values: Mapping[str, IndicatorValue], rows: Iterable[Any], quarter: int
) -> dict[str, IndicatorValue]:
    """Last period's values of the indicators that may only decrease."""
    catalogue = force.catalogue.indicators
    wanted = {code: catalogue[code] for code in values if catalogue[code].rule == "decrease"}
    if not wanted:
        return {}
    before = quarter_before(quarter)
    observations = [Observation._make(row) for row in rows if row.indicator in wanted]
    end = quarter_bounds(before)[1]
    found = indicator_values(
        observations, [attributes_of(unit)], wanted, quarter=before, as_of=end, exclude_routes=(R4,)
    )
    return {value.indicator: IndicatorValue(*value) for value in found}


def _not_applicable(force: InForce, rows: Iterable[Any], quarter: int) -> set[str]:
    return {
        row.indicator
        for row in rows
        if row.quarter == quarter
        and row.measure == Measure.LIGHT
        and row.light == Light.NA
        and row.indicator in force.catalogue.indicators
    }


def attributes_of(unit: Unit) -> dict[str, Any]:
    """A unit's attributes as ``where`` conditions name them."""
    more = orjson.loads(unit.attributes)
    own = {"unit": unit.id, "code": unit.code, "stage": unit.stage, "enrolment": unit.enrolment, "kind": unit.kind}
    return {**more, **own}
