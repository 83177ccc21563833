"""What an analyst who knows Polars or SQL would write for one quarter's lights: the yardstick of ``bench score``.

From the observations' Parquet files to indicator values, and on to school lights, each as one query. The rules are
those that the shipped catalogue and rulebook hold for checklist F01 (items, zero, document, ratio, value, count);
amounts are multiplied as they are, without our guard against products beyond int64.
"""

from __future__ import annotations

from typing import Any, Final

import duckdb
import polars as pl

from analysis.frames import INDICATOR_VALUE
from analysis.windows import day_number, windows
from forms.meaning import SCALE
from scorecards.lights import freshness_of
from server.commands.bench_score_data import AS_OF, QUARTER, ROUTES_LEFT_OUT, VISITS_PER_SCHOOL, Rules

LAST: Final = day_number(AS_OF)
NA, GREEN, YELLOW, RED, GREY = range(5)


def indicator_table(given: Rules) -> pl.DataFrame:
    """One row per indicator: when it counts, how it is lit, where it belongs."""
    spans, rows = windows(given.catalogue.indicators, QUARTER, AS_OF), []
    for code, entry in given.catalogue.indicators.items():
        span, green, yellow = spans[code], entry.green, entry.yellow
        hundred = 100 if entry.rule == "value" and entry.unit == "%" else 1
        rows.append(
            {
                "indicator": code, "flow_rule": span.flow, "stock_from": span.stock_from, "flow_from": span.flow_from,
                "rule": entry.rule, "fresh": freshness_of(entry, given.rulebook),
                "green_sign": _sign(green), "green_n": green.numerator * hundred if green else 0,
                "green_d": green.denominator if green else 1,
                "yellow_sign": _sign(yellow), "yellow_n": yellow.numerator * hundred if yellow else 0,
                "yellow_d": yellow.denominator if yellow else 1,
                "dimension": entry.dimension, "core": entry.core,
                "expected": code in given.expected,
                "counts": entry.dimension in given.catalogue.dimensions
                and "school" in entry.levels and entry.rule != "none",
            }
        )  # fmt: skip
    return pl.DataFrame(rows)


def _sign(bound: Any) -> int:
    """At least (1), at most (-1), no bound (0): all that the shipped catalogue has for F01's indicators."""
    return 0 if bound is None else 1 if bound.comparison.startswith(">") else -1


def _due(table: pl.DataFrame) -> pl.DataFrame:
    """How many indicators completeness counts in each dimension."""
    return table.filter("counts").group_by("dimension").agg(pl.col("expected").sum().cast(pl.Int64).alias("due"))


def polars_amounts(pattern: str, given: Rules) -> pl.LazyFrame:
    """Indicator values, columns of INDICATOR_VALUE."""
    spans = windows(given.catalogue.indicators, QUARTER, AS_OF)
    day, measure, light = pl.col("observed_on"), pl.col("measure"), pl.col("light")
    count, lit, half = measure == 4, measure == 1, measure.is_in([2, 3])
    flow = count | pl.col("indicator").is_in([code for code, span in spans.items() if span.flow])
    fresh = pl.lit(False)
    for stock_from, flow_from in {(span.stock_from, span.flow_from) for span in spans.values()}:
        codes = [code for code, span in spans.items() if (span.stock_from, span.flow_from) == (stock_from, flow_from)]
        fresh |= pl.col("indicator").is_in(codes) & (day >= pl.when("flow").then(flow_from).otherwise(stock_from))
    rows = pl.scan_parquet(pattern).filter(day <= LAST).with_columns(flow=flow).filter(fresh)
    routed = pl.col("route").is_in(ROUTES_LEFT_OUT)
    split = rows.filter(routed & half).select("unit", "indicator").unique().with_columns(split=True)
    rows = rows.filter(~routed).join(split, on=["unit", "indicator"], how="left")
    moment = pl.when(~pl.col("flow")).then(day.cast(pl.Int64) * 2**46 + pl.col("submission"))
    return (
        rows.filter(~half | pl.col("split").is_null())
        .with_columns(moment=moment)
        .filter(pl.col("flow") | (pl.col("moment") == pl.col("moment").max().over("unit", "item")))
        .group_by("unit", "indicator")
        .agg(
            pl.lit(QUARTER, pl.Int32).alias("quarter"),
            pl.col("numerator").filter(~lit & ~count).sum(),
            pl.col("denominator").filter(~lit & ~count).sum(),
            pl.col("numerator").filter(count).sum().alias("count"),
            *[
                (lit & (light == value)).sum().cast(pl.Int64).alias(name)
                for name, value in (("green", GREEN), ("yellow", YELLOW), ("red", RED), ("grey", GREY))
            ],
            (lit & (light == RED) & (pl.col("severity") == 4)).sum().cast(pl.Int64).alias("red_s4"),
            (~(lit & (light == NA))).sum().cast(pl.Int64).alias("observations"),
            day.max().alias("last_on"),
        )
        .with_columns(
            worst=pl.when(pl.col("red") > 0).then(RED).when(pl.col("yellow") > 0).then(YELLOW)
            .when(pl.col("green") > 0).then(GREEN).when(pl.col("grey") > 0).then(GREY).otherwise(NA).cast(pl.Int16)
        )
        .select(list(INDICATOR_VALUE))
    )  # fmt: skip


def polars_schools(pattern: str, given: Rules) -> pl.LazyFrame:
    """School lights: unit, light, complete, needed."""
    table = indicator_table(given)
    lights = polars_amounts(pattern, given).join(table.lazy(), on="indicator").filter("counts")
    lights = lights.select("unit", "dimension", "core", "expected", light=_indicator_light())
    light, expected = pl.col("light"), pl.col("expected")
    lit = light.is_between(GREEN, RED)
    dimensions = lights.group_by("unit", "dimension").agg(
        lit.sum().alias("valid"),
        (lit & expected).sum().alias("complete"),
        ((light == NA) & expected).sum().alias("absent"),
        (light == RED).sum().alias("reds"),
        (light == YELLOW).sum().alias("yellows"),
        ((light == RED) & pl.col("core")).sum().alias("core_reds"),
        (light != NA).sum().alias("judged"),
    )
    numbers = ("valid", "complete", "absent", "reds", "yellows", "core_reds", "judged")
    dimensions = dimensions.with_columns(pl.col(numbers).cast(pl.Int64)).join(_due(table).lazy(), on="dimension")
    dimensions = dimensions.with_columns(needed=pl.col("due") - pl.col("absent"))
    schools = (
        dimensions.with_columns(light=_dimension_light())
        .group_by("unit")
        .agg(
            pl.col("complete", "absent").sum(),
            (light == RED).sum().cast(pl.Int64).alias("reds"),
            (light == YELLOW).sum().cast(pl.Int64).alias("yellows"),
        )
    )
    due = int(_due(table)["due"].sum())
    schools = schools.with_columns(needed=due - pl.col("absent"))
    return schools.select("unit", _school_light().cast(pl.Int64).alias("light"), "complete", "needed")


def _indicator_light() -> pl.Expr:
    green, yellow, red, grey = (pl.col(name) for name in ("green", "yellow", "red", "grey"))
    rule, valid, count = pl.col("rule"), green + yellow + red, pl.col("count")
    is_zero, is_document = rule == "zero", rule == "document"
    answers = (
        pl.when(valid + grey == 0).then(-1)
        .when(is_zero & (red >= 1)).then(RED)
        .when(is_zero & (grey > 0)).then(GREY)
        .when(is_zero & (yellow > 0)).then(YELLOW)
        .when(is_zero).then(GREEN)
        .when(valid == 0).then(GREY)
        .when(pl.when(is_document).then(red > 0).otherwise((pl.col("red_s4") > 0) | (red * 10 >= valid * 3))).then(RED)
        .when(pl.when(is_document).then(yellow > 0).otherwise((red > 0) | (yellow * 5 > valid))).then(YELLOW)
        .otherwise(GREEN)
    )  # fmt: skip
    counted, only_answers = rule == "count", is_document | (rule == "items")
    top = pl.when(~counted).then(pl.col("numerator")).when(count != 0).then(count).otherwise(pl.col("numerator"))
    bottom = pl.when(counted).then(SCALE).otherwise(pl.col("denominator"))
    amount = (
        pl.when(pl.col("observations") - valid - grey <= 0).then(-1)
        .when(only_answers & ((pl.col("green_sign") == 0) | (bottom <= 0))).then(-1)
        .when(is_zero & (count + pl.col("numerator") > 0)).then(RED)
        .when(is_zero).then(GREEN)
        .when((pl.col("green_sign") == 0) | (bottom <= 0)).then(GREY)
        .when(pl.col("green_sign") * (top * pl.col("green_d") - pl.col("green_n") * bottom) >= 0).then(GREEN)
        .when((pl.col("yellow_sign") != 0)
              & (pl.col("yellow_sign") * (top * pl.col("yellow_d") - pl.col("yellow_n") * bottom) >= 0)).then(YELLOW)
        .otherwise(RED)
    )  # fmt: skip
    return (
        pl.when(pl.col("observations") <= 0).then(NA)
        .when(LAST - pl.col("last_on") > pl.col("fresh")).then(GREY)
        .when((answers == -1) & (amount == -1)).then(GREY)
        .when(answers == -1).then(amount)
        .when(amount == -1).then(answers)
        .when(answers == GREY).then(pl.when(amount == RED).then(RED).otherwise(GREY))
        .when(amount == GREY).then(answers)
        .otherwise(pl.max_horizontal(answers, amount))
    )  # fmt: skip


def _dimension_light() -> pl.Expr:
    valid, needed = pl.col("valid"), pl.col("needed")
    return (
        pl.when((pl.col("judged") == 0) & (needed == 0)).then(NA)
        .when((valid == 0) | ((needed > 0) & (pl.col("complete") * 2 < needed))).then(GREY)
        .when((pl.col("core_reds") >= 2) | (pl.col("reds") * 4 >= valid)).then(RED)
        .when((pl.col("reds") >= 1) | (pl.col("yellows") * 10 >= valid * 3)).then(YELLOW)
        .otherwise(GREEN)
    )  # fmt: skip


def _school_light() -> pl.Expr:
    complete, needed = pl.col("complete"), pl.col("needed")
    return (
        pl.when(pl.col("reds") >= 3).then(RED)
        .when((needed == 0) | (complete * 2 < needed)).then(GREY)
        .when((pl.col("reds") >= 1) | (pl.col("yellows") >= 3) | (complete * 5 < needed * 4)).then(YELLOW)
        .otherwise(GREEN)
    )  # fmt: skip


def duckdb_amounts(pattern: str, given: Rules) -> pl.DataFrame:
    """Indicator values in SQL."""
    return _query(pattern, given, _AMOUNTS + _ALL)


def duckdb_schools(pattern: str, given: Rules) -> pl.DataFrame:
    """School lights in SQL."""
    return _query(pattern, given, _AMOUNTS + _LIGHTS)


def _query(pattern: str, given: Rules, query: str) -> pl.DataFrame:
    connection = duckdb.connect()
    table = indicator_table(given)
    connection.register("indicator_table", table.to_arrow())
    connection.register("due_table", _due(table).to_arrow())
    found: pl.DataFrame = connection.sql(query, params={"pattern": pattern}).pl()
    return found


_AMOUNTS: Final = f"""
with seen as (
  select o.*, s.flow_rule or o.measure = 4 as flow
  from read_parquet($pattern) o join indicator_table s using (indicator)
  where o.observed_on <= {LAST}
    and o.observed_on >= case when s.flow_rule or o.measure = 4 then s.flow_from else s.stock_from end
), split as (
  select distinct unit, indicator from seen where route = 4 and measure in (2, 3)
), counted as (
  select * from seen where route <> 4 and not (measure in (2, 3) and (unit, indicator) in (from split))
), kept as (
  select * from counted
  qualify flow or observed_on::bigint * {2**46} + submission =
    max(case when not flow then observed_on::bigint * {2**46} + submission end) over (partition by unit, item)
), summed as (
  select unit, indicator,
    coalesce(sum(numerator) filter (measure not in (1, 4)), 0)::bigint as numerator,
    coalesce(sum(denominator) filter (measure not in (1, 4)), 0)::bigint as denominator,
    coalesce(sum(numerator) filter (measure = 4), 0)::bigint as count,
    count(*) filter (measure = 1 and light = 1) as green,
    count(*) filter (measure = 1 and light = 2) as yellow,
    count(*) filter (measure = 1 and light = 3) as red,
    count(*) filter (measure = 1 and light = 4) as grey,
    count(*) filter (measure = 1 and light = 3 and severity = 4) as red_s4,
    count(*) filter (not (measure = 1 and light = 0)) as observations,
    max(observed_on) as last_on
  from kept group by unit, indicator
), amounts as (
  select unit, {QUARTER}::int as quarter, indicator, numerator, denominator, count, green, yellow, red, grey, red_s4,
    observations,
    (case when red > 0 then 3 when yellow > 0 then 2 when green > 0 then 1 when grey > 0 then 4 else 0 end)::smallint
      as worst,
    last_on
  from summed
)
"""  # noqa: S608 (the values written in are constants of ours)

_ALL: Final = "select * from amounts"
_LIGHTS: Final = f"""
, parts as (
  select *, green + yellow + red as valid,
    case when rule <> 'count' then numerator when count <> 0 then count else numerator end as above,
    case when rule = 'count' then {SCALE} else denominator end as below
  from amounts join indicator_table using (indicator) where counts
), sources as (
  select unit, dimension, core, expected, observations, last_on, fresh,
    case when valid + grey = 0 then -1
      when rule = 'zero' then case when red >= 1 then 3 when grey > 0 then 4 when yellow > 0 then 2 else 1 end
      when valid = 0 then 4
      when rule = 'document' then case when red > 0 then 3 when yellow > 0 then 2 else 1 end
      when red_s4 > 0 or red * 10 >= valid * 3 then 3
      when red > 0 or yellow * 5 > valid then 2 else 1 end as answers,
    case when observations - valid - grey <= 0 then -1
      when rule in ('items', 'document') and (green_sign = 0 or below <= 0) then -1
      when rule = 'zero' then case when count + numerator > 0 then 3 else 1 end
      when green_sign = 0 or below <= 0 then 4
      when green_sign * (above * green_d - green_n * below) >= 0 then 1
      when yellow_sign <> 0 and yellow_sign * (above * yellow_d - yellow_n * below) >= 0 then 2
      else 3 end as amount
  from parts
), lights as (
  select unit, dimension, core, expected,
    case when observations <= 0 then 0
      when {LAST} - last_on > fresh then 4
      when answers = -1 and amount = -1 then 4
      when answers = -1 then amount
      when amount = -1 then answers
      when answers = 4 then case when amount = 3 then 3 else 4 end
      when amount = 4 then answers
      else greatest(answers, amount) end as light
  from sources
), sums as (
  select unit, dimension,
    count(*) filter (light between 1 and 3) as valid,
    count(*) filter (light between 1 and 3 and expected) as complete,
    count(*) filter (light = 0 and expected) as absent,
    count(*) filter (light = 3) as reds,
    count(*) filter (light = 2) as yellows,
    count(*) filter (light = 3 and core) as core_reds,
    count(*) filter (light <> 0) as judged
  from lights group by unit, dimension
), dimensions as (
  select unit, complete, absent,
    case when judged = 0 and due - absent = 0 then 0
      when valid = 0 or (due - absent > 0 and complete * 2 < due - absent) then 4
      when core_reds >= 2 or reds * 4 >= valid then 3
      when reds >= 1 or yellows * 10 >= valid * 3 then 2 else 1 end as light
  from sums join due_table using (dimension)
), schools as (
  select unit, sum(complete)::bigint as complete, (select sum(due) from due_table)::bigint - sum(absent)::bigint
    as needed, count(*) filter (light = 3) as reds, count(*) filter (light = 2) as yellows
  from dimensions group by unit
)
select unit,
  (case when reds >= 3 then 3
    when {VISITS_PER_SCHOOL} < 1 or needed = 0 or complete * 2 < needed then 4
    when reds >= 1 or yellows >= 3 or complete * 5 < needed * 4 then 2 else 1 end)::bigint as light,
  complete, needed
from schools
"""  # noqa: S608 (the values written in are constants of ours)
