"""Observations to indicator values, the same expressions on pandas, Polars, DuckDB and PySpark.

Which rows count is defined in analysis.windows. Everything is multiplied out into plain columns before grouping and
only sums and maxima are taken: a computed expression inside ``agg()`` sends pandas down a per-group Python path.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import narwhals as nw

from analysis.expressions import Expression
from analysis.frames import INDICATOR_VALUE, ColumnType
from analysis.reference import HALVES, unit_conditions
from analysis.where import condition
from analysis.windows import AmountTooLarge, Window, windows
from forms.catalogue import Indicator
from forms.meaning import INT64_MAX, Light, Measure

_TYPES: Final[dict[ColumnType, Any]] = {
    "int64": nw.Int64,
    "int32": nw.Int32,
    "int16": nw.Int16,
    "text": nw.String,
}
_SUMMED: Final = ("numerator", "denominator", "count", "green", "yellow", "red", "grey", "red_s4", "observations")
_AMOUNTS: Final = ("numerator", "denominator", "count")
_RANK_BITS: Final = 2**46  # submissions are numbered below this, days below 2**16: both fit one int64
# A float sum this close to 2**63 is refused: it is only a sentinel, no verdict reads it.
_TOO_LARGE: Final = float(INT64_MAX) * (1 - 1e-9)

Frame = nw.LazyFrame[Any]


def indicator_values(
    observations: Any,
    units: Any,
    indicators: Mapping[str, Indicator],
    *,
    quarter: int,
    as_of: dt.date,
    level: str = "unit",
    exclude_routes: Sequence[int] = (),
) -> Any:
    """The indicator values of a quarter as seen on ``as_of``: a native frame with the columns of INDICATOR_VALUE.

    ``observations`` is a native frame with the columns of OBSERVATION (pandas, Polars eager or lazy, DuckDB
    relation, PySpark), ``units`` one of the same kind with ``unit`` and the attributes that ``where`` conditions
    name. The result is lazy where the input is; its row order is not defined.

    ``level`` other than ``unit`` names a column of ``units`` with the id of an ancestor: amounts of all units under
    it are summed and ``unit`` of the result is that ancestor. Indicators of rule ``value`` are not summed: an
    ancestor shows only what it reported itself (its own row of ``units`` names itself). ``exclude_routes`` leaves out
    problems handed to others (R4 does not light a school). Submissions are numbered below 2**46. Raises
    AmountTooLarge where a sum would pass int64; PySpark raises its own ArithmeticException when the frame is read.
    """
    spans = windows(indicators, quarter, as_of)
    table = nw.from_native(observations)
    eager = isinstance(table, nw.DataFrame)
    rows = _current(table.lazy(), spans, exclude_routes)
    checked = table.implementation is not nw.Implementation.PYSPARK and _may_exceed_int64(table.lazy())
    sums = _summed(_contributions(rows, checked), ("unit", "indicator"))
    conditions = unit_conditions(indicators)
    if conditions or level != "unit":
        sums = _rolled_up(sums, _with_gaps(units), indicators, conditions, level)
    if checked:
        _refuse_too_large(sums)
    result = _finished(sums, quarter)
    return (result.collect() if eager else result).to_native()


def _current(table: Frame, spans: Mapping[str, Window], exclude_routes: Sequence[int]) -> Frame:
    """The rows that count, with a column ``flow``: see analysis.windows."""
    counts = nw.col("measure") == int(Measure.COUNT)
    flows = [code for code, span in spans.items() if span.flow]
    flow = counts | nw.col("indicator").is_in(flows) if flows else counts
    rows = table.filter(nw.col("observed_on") <= max((span.last for span in spans.values()), default=-1))
    rows = rows.with_columns(flow=flow).filter(_any(_in_window(spans)))
    moment = nw.col("observed_on").cast(nw.Int64) * _RANK_BITS + nw.col("submission")
    rows = rows.with_columns(moment=nw.when(nw.col("flow")).then(nw.lit(0)).otherwise(moment).cast(nw.Int64))
    rows = rows.filter(nw.col("flow") | (nw.col("moment") == nw.col("moment").max().over("unit", "item")))
    return _without(rows, exclude_routes) if exclude_routes else rows


def _without(rows: Frame, routes: Sequence[int]) -> Frame:
    """The rows of other routes. A ratio of which one half is excluded loses the other too: see analysis.reference."""
    excluded = nw.col("route").is_in(list(routes))
    half = nw.col("measure").is_in([int(measure) for measure in HALVES])
    split = rows.filter(excluded & half).select("unit", "indicator").unique().with_columns(split=nw.lit(1))
    rows = rows.filter(~excluded).join(split, on=["unit", "indicator"], how="left")
    return rows.filter(~half | nw.col("split").is_null()).drop("split")


def _in_window(spans: Mapping[str, Window]) -> Iterable[nw.Expr]:
    """One condition for the indicators that share a window; indicators outside the catalogue are in none."""
    shared: dict[tuple[int, int], list[str]] = {}
    for code, span in spans.items():
        shared.setdefault((span.stock_from, span.flow_from), []).append(code)
    for (stock_from, flow_from), codes in shared.items():
        day = nw.col("observed_on")
        fresh = day >= stock_from
        if flow_from != stock_from:
            fresh = (nw.col("flow") & (day >= flow_from)) | (~nw.col("flow") & fresh)
        yield nw.col("indicator").is_in(codes) & fresh


def _any(conditions: Iterable[nw.Expr]) -> nw.Expr:
    return reduce(lambda one, other: one | other, conditions, nw.lit(False))


def _contributions(rows: Frame, checked: bool) -> Frame:
    """One plain column per sum; ``checked`` adds the amounts as floats, which cannot wrap."""
    measure, light = nw.col("measure"), nw.col("light")
    is_light, is_count = measure == int(Measure.LIGHT), measure == int(Measure.COUNT)
    is_amount = ~(is_light | is_count)
    red = is_light & (light == int(Light.RED))
    columns = {
        "numerator": nw.when(is_amount).then(nw.col("numerator")).otherwise(nw.lit(0)),
        "denominator": nw.when(is_amount).then(nw.col("denominator")).otherwise(nw.lit(0)),
        "count": nw.when(is_count).then(nw.col("numerator")).otherwise(nw.lit(0)),
        "green": is_light & (light == int(Light.GREEN)),
        "yellow": is_light & (light == int(Light.YELLOW)),
        "red": red,
        "grey": is_light & (light == int(Light.GREY)),
        "red_s4": red & (nw.col("severity") == 4),
        "observations": ~(is_light & (light == int(Light.NA))),
    }
    wide = [expression.cast(nw.Int64).alias(name) for name, expression in columns.items()]
    floats = [columns[name].cast(nw.Float64).alias(f"{name}_size") for name in _AMOUNTS] if checked else []
    last_on = nw.col("observed_on").alias("last_on")
    return rows.select("unit", "indicator", *wide, last_on, *floats)


def _summed(rows: Frame, keys: Sequence[str]) -> Frame:
    sizes = [name for name in rows.collect_schema().names() if name.endswith("_size")]
    sums = [nw.col(name).sum() for name in (*_SUMMED, *sizes)]
    return rows.group_by(*keys).agg(*sums, nw.col("last_on").max())


def _rolled_up(
    sums: Frame, units: Frame, indicators: Mapping[str, Indicator], conditions: Mapping[str, Expression], level: str
) -> Frame:
    """Apply conditions on units and sum up to the ancestors. Only the small frame of sums is joined, not the facts."""
    types = units.collect_schema()
    named = sorted({name for where in conditions.values() for name in where.attributes if name in types})
    attributes = [nw.col(name).alias(f"unit_{name}") for name in named]
    above = [nw.col(level).alias("above")] if level != "unit" else []
    joined = sums.join(units.select("unit", *above, *attributes), on="unit", how="left")
    for text, codes in _by_condition(conditions).items():
        kept = condition(conditions[codes[0]].root, dict(types), "unit_")
        joined = joined.filter(~nw.col("indicator").is_in(codes) | kept) if text else joined
    if level == "unit":
        return joined.drop(*[f"unit_{name}" for name in named])
    joined = joined.filter(~nw.col("above").is_null())
    single = [code for code, indicator in indicators.items() if indicator.rule == "value"]
    if single:
        joined = joined.filter(~nw.col("indicator").is_in(single) | (nw.col("above") == nw.col("unit")))
    return _summed(joined.drop("unit").rename({"above": "unit"}), ("unit", "indicator"))


def _with_gaps(units: Any) -> Frame:
    """The units as a lazy frame. Gaps left by a join change the type of plain pandas columns, not of nullable ones."""
    table = nw.from_native(units)
    if table.implementation.is_pandas():
        table = nw.from_native(table.to_native().convert_dtypes())
    frame: Frame = table.lazy()
    return frame


def _by_condition(conditions: Mapping[str, Expression]) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for code, where in conditions.items():
        codes.setdefault(where.text, []).append(code)
    return codes


def _finished(sums: Frame, quarter: int) -> Frame:
    """The columns of INDICATOR_VALUE in their order and types."""
    worst = (
        nw.when(nw.col("red") > 0)
        .then(nw.lit(int(Light.RED)))
        .otherwise(
            nw.when(nw.col("yellow") > 0)
            .then(nw.lit(int(Light.YELLOW)))
            .otherwise(
                nw.when(nw.col("green") > 0)
                .then(nw.lit(int(Light.GREEN)))
                .otherwise(nw.when(nw.col("grey") > 0).then(nw.lit(int(Light.GREY))).otherwise(nw.lit(int(Light.NA))))
            )
        )
    )
    columns = {"quarter": nw.lit(quarter), "worst": worst}
    return sums.select(
        *[columns.get(name, nw.col(name)).cast(_TYPES[kind]).alias(name) for name, kind in INDICATOR_VALUE.items()]
    )


def _may_exceed_int64(table: Frame) -> bool:
    """True if all amounts together come near 2**63, so that some sum might pass it and each must be looked at."""
    sizes = table.select(*[nw.col(name).cast(nw.Float64).abs().sum() for name in ("numerator", "denominator")])
    return any(value is not None and float(value) >= _TOO_LARGE for value in sizes.collect().row(0))


def _refuse_too_large(sums: Frame) -> None:
    sizes = sums.select(*[nw.col(f"{name}_size").abs().max() for name in _AMOUNTS]).collect()
    if any(value is not None and float(value) >= _TOO_LARGE for value in sizes.row(0)):
        raise AmountTooLarge
