"""``liangpai bench score``: a quarter's observations to indicator values and school lights, beside the same by hand.

The observations are made once as Parquet from the shipped checklist F01: visits of many schools with seeded answers.
Each measurement is a process of its own, ours and the hand-written ones in turn, so that seconds and peak memory are
each run's own; the medians are printed. Before anything is measured all three are shown to give the same amounts.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import polars as pl

from analysis.aggregate import indicator_values
from analysis.frames import INDICATOR_VALUE, OBSERVATION
from analysis.observe import ObservationRow, observe
from analysis.windows import day_number, windows
from forms.answers import Answer
from forms.catalogue import Catalogue
from forms.check import check
from forms.meaning import SCALE, Light, Measure, quarter_bounds
from forms.rulebook import Rulebook
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from scorecards.bulk import dimension_lights, indicator_lights, record_row, school_lights
from scorecards.school import SchoolRecord

QUARTER: Final = 20264
FIRST, AS_OF = quarter_bounds(QUARTER)
VISITS_PER_SCHOOL: Final = 4
ROWS_PER_FILE: Final = 2_000_000
ENGINES: Final = ("polars", "duckdb")
_TYPES: Final = {"int64": pl.Int64, "int32": pl.Int32, "int16": pl.Int16, "text": pl.String}


def run(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """The command's own arguments: ``[--observations N] [--engine polars|duckdb] [--rounds N] [--json]``."""
    parser = argparse.ArgumentParser(prog="liangpai bench score")
    parser.add_argument("--observations", type=int, default=10_000_000)
    parser.add_argument("--engine", choices=ENGINES, default="polars")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", dest="as_json")
    return measure(**vars(parser.parse_args(list(arguments))))


def measure(
    observations: int = 10_000_000, *, engine: str = "polars", rounds: int = 3, as_json: bool = False
) -> dict[str, Any]:
    """Measure and print. ``engine`` is the one that runs our expressions: polars or duckdb."""
    with tempfile.TemporaryDirectory(prefix="liangpai-bench-") as folder:
        directory = Path(folder)
        started = time.perf_counter()
        made = make_observations(directory, observations)
        generation = time.perf_counter() - started
        names = ("ours", "polars", "duckdb")
        same = {name: _measure(name, engine, directory)["digest"] for name in names}
        if len(set(same.values())) != 1:
            raise RuntimeError(f"the three ways do not give the same amounts: {same}")
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                taken[name].append(_measure(name, engine, directory))
    result = _result(made, engine, generation, taken)
    if as_json:
        json.dump(result, sys.stdout, indent=1)
        print()
    else:
        _print(result)
    return result


def _result(
    made: Mapping[str, int], engine: str, generation: float, taken: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    medians = {
        name: {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0] if key != "digest"}
        for name, runs in taken.items()
    }
    ours = medians["ours"]
    by_hand = medians[engine]
    return {
        **made,
        "engine": engine,
        "generation_seconds": round(generation, 1),
        "runs": medians,
        "ratio_amounts_cpu": round(ours["amounts_cpu_seconds"] / by_hand["amounts_cpu_seconds"], 2),
        "ratio_amounts": round(ours["amounts_seconds"] / by_hand["amounts_seconds"], 2),
        "ratio_with_lights": round(ours["seconds"] / by_hand["seconds"], 2),
        "ratio_memory": round(ours["peak_mb"] / by_hand["peak_mb"], 2),
    }


def _print(result: Mapping[str, Any]) -> None:
    print(
        f"{result['observations']:,} observations of {result['schools']:,} schools, {result['indicators']} indicators, "
        f"made in {result['generation_seconds']} s"
    )
    print(f"{'':24}{'total s':>10}{'amounts s':>11}{'(CPU s)':>10}{'lights s':>10}{'peak MB':>10}")
    titles = {"ours": f"ours on {result['engine']}", "polars": "Polars by hand", "duckdb": "DuckDB by hand"}
    for name, run in result["runs"].items():
        print(
            f"{titles[name]:24}{run['seconds']:>10.2f}{run['amounts_seconds']:>11.2f}"
            f"{run['amounts_cpu_seconds']:>10.2f}{run['lights_seconds']:>10.2f}"
            f"{run['peak_mb']:>10.0f}"
        )
    print(
        f"ours beside the amounts by hand in {result['engine']}: amounts {result['ratio_amounts']} "
        f"(CPU {result['ratio_amounts_cpu']}), with all lights "
        f"{result['ratio_with_lights']}, peak memory {result['ratio_memory']} (target: at most 1.5 times the seconds)"
    )


def make_observations(directory: Path, count: int, seed: int = 1) -> dict[str, int]:
    """Write about ``count`` observations of one quarter as Parquet files and say what they hold."""
    catalogue = _catalogue()
    template = _template(catalogue)
    visits = max(1, count // len(template))
    schools = max(1, visits // VISITS_PER_SCHOOL)
    random = np.random.default_rng(seed)
    lasts = day_number(AS_OF) - day_number(FIRST)
    step = max(1, ROWS_PER_FILE // len(template))
    for part, start in enumerate(range(0, visits, step)):
        numbers = np.arange(start, min(start + step, visits))
        _part(template, numbers, schools, lasts, random).write_parquet(directory / f"part-{part:05d}.parquet")
    return {
        "observations": visits * len(template),
        "schools": schools,
        "indicators": len({row.indicator for row in template}),
    }


def _catalogue() -> Catalogue:
    """The shipped catalogue without conditions on units, which the hand-written queries leave out as well."""
    catalogue = shipped_catalogue()
    plain = {code: replace(indicator, where="") for code, indicator in catalogue.indicators.items()}
    return replace(catalogue, indicators=plain)


def _template(catalogue: Catalogue) -> list[ObservationRow]:
    """The rows that one fully answered F01 gives."""
    definition = check(shipped_workbook("f01"), catalogue=catalogue).definition
    if definition is None:
        raise RuntimeError("the shipped checklist F01 does not compile")
    answers = []
    for item in definition.items:
        choices = [choice for choice in definition.choices.get(item.list_name, ()) if choice.light]
        answers.append(Answer(item.name, item.path, choices[0].name if choices else "3"))
    return observe(definition, answers, catalogue)


def _part(
    template: list[ObservationRow], visits: np.ndarray, schools: int, lasts: int, random: np.random.Generator
) -> pl.DataFrame:
    """The observations of some visits: seeded numbers, lights 1 % na, 70 % green, 18 % yellow, 10 % red, 1 % grey."""
    times, each = len(template), len(visits)
    days = day_number(FIRST) + random.integers(0, lasts + 1, each)
    heads = {
        "submission": visits + 1,
        "unit": visits % schools + 1,
        "inspector": visits % 997 + 1,
        "quarter": np.full(each, QUARTER),
        "observed_on": days,
    }
    size = times * each
    drawn = np.searchsorted(np.cumsum([0.01, 0.70, 0.18, 0.10]), random.random(size)).astype(np.int16)
    tails = pl.DataFrame(
        template, schema={name: _TYPES[OBSERVATION[name]] for name in ObservationRow._fields}, orient="row"
    )
    is_light = np.tile(tails["measure"].to_numpy() == int(Measure.LIGHT), each)
    amounts = random.integers(0, 500, size) * SCALE
    rows = pl.concat([tails] * each).with_columns(
        light=pl.Series(np.where(is_light, drawn, 0)),
        numerator=pl.when(pl.col("numerator") != 0).then(pl.Series(amounts)).otherwise(pl.col("numerator")),
    )
    return rows.with_columns(
        **{name: pl.Series(np.repeat(values, times)) for name, values in heads.items()}
    ).select(pl.col(name).cast(_TYPES[kind]) for name, kind in OBSERVATION.items())  # fmt: skip


def _measure(name: str, engine: str, directory: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "server.commands.bench_score", name, engine, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def worker(name: str, engine: str, directory: Path) -> dict[str, Any]:
    """One measured run: amounts, then lights."""
    catalogue = _catalogue()
    pattern = str(directory / "*.parquet")
    ways: dict[str, Callable[[], pl.DataFrame]] = {
        "ours": lambda: ours(pattern, engine, catalogue),
        "polars": lambda: polars_by_hand(pattern, catalogue),
        "duckdb": lambda: duckdb_by_hand(pattern, catalogue),
    }
    started, cpu = time.perf_counter(), time.process_time()
    values = ways[name]()
    amounts, amounts_cpu = time.perf_counter(), time.process_time()
    if name == "ours":
        lights_of(values, catalogue, shipped_rulebook())
    finished = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ordered = values.select(list(INDICATOR_VALUE)).sort("unit", "indicator")
    return {
        "seconds": finished - started,
        "amounts_seconds": amounts - started,
        "amounts_cpu_seconds": amounts_cpu - cpu,
        "lights_seconds": finished - amounts,
        "peak_mb": peak,
        "digest": str(ordered.hash_rows(seed=1).sum()),
    }


def lights_of(values: pl.DataFrame, catalogue: Catalogue, rulebook: Rulebook) -> pl.DataFrame:
    """The lights of all schools: each was visited and has no findings."""
    schools = values.select(pl.col("unit").unique())
    record = record_row(0, SchoolRecord(QUARTER, visits=VISITS_PER_SCHOOL), rulebook)
    records = schools.with_columns(**{name: pl.lit(value) for name, value in record.items() if name != "unit"})
    expected = set(values["indicator"].unique())
    lights = indicator_lights(values, catalogue, rulebook, as_of=day_number(AS_OF))
    dimensions = dimension_lights(lights, catalogue, rulebook, expected=expected)
    found: pl.DataFrame = school_lights(dimensions, records, catalogue, rulebook, expected=expected)
    return found


def ours(pattern: str, engine: str, catalogue: Catalogue) -> pl.DataFrame:
    """Our expressions on Polars or DuckDB."""
    facts: Any
    units: Any
    if engine == "polars":
        facts, units = pl.scan_parquet(pattern), pl.LazyFrame({"unit": [1]})
    else:
        connection = duckdb.connect()
        facts, units = connection.read_parquet(pattern), connection.sql("select 1::bigint as unit")
    values = indicator_values(facts, units, catalogue.indicators, quarter=QUARTER, as_of=AS_OF)
    collected: pl.DataFrame = values.collect() if engine == "polars" else values.pl()
    return collected


def polars_by_hand(pattern: str, catalogue: Catalogue) -> pl.DataFrame:
    """What an analyst who knows Polars would write for these amounts."""
    spans = windows(catalogue.indicators, QUARTER, AS_OF)
    day, count, lit = pl.col("observed_on"), pl.col("measure") == 4, pl.col("measure") == 1
    flow = count | pl.col("indicator").is_in([code for code, span in spans.items() if span.flow])
    fresh = pl.lit(False)
    for stock_from, flow_from in {(span.stock_from, span.flow_from) for span in spans.values()}:
        codes = [code for code, span in spans.items() if (span.stock_from, span.flow_from) == (stock_from, flow_from)]
        fresh |= pl.col("indicator").is_in(codes) & (day >= pl.when("flow").then(flow_from).otherwise(stock_from))
    moment = pl.when(~pl.col("flow")).then(day.cast(pl.Int64) * 2**46 + pl.col("submission"))
    return (
        pl.scan_parquet(pattern)
        .filter(day <= day_number(AS_OF))
        .with_columns(flow=flow)
        .filter(fresh)
        .with_columns(moment=moment)
        .filter(pl.col("flow") | (pl.col("moment") == pl.col("moment").max().over("unit", "item")))
        .group_by("unit", "indicator")
        .agg(
            pl.lit(QUARTER, pl.Int32).alias("quarter"),
            pl.col("numerator").filter(~lit & ~count).sum(),
            pl.col("denominator").filter(~lit & ~count).sum(),
            (pl.col("numerator").filter(count).sum() // SCALE).alias("count"),
            *[
                (lit & (pl.col("light") == int(light))).sum().cast(pl.Int64).alias(light.word)
                for light in (Light.GREEN, Light.YELLOW, Light.RED, Light.GREY)
            ],
            (lit & (pl.col("light") == 3) & (pl.col("severity") == 4)).sum().cast(pl.Int64).alias("red_s4"),
            (~(lit & (pl.col("light") == 0))).sum().cast(pl.Int64).alias("observations"),
            pl.col("observed_on").max().alias("last_on"),
        )
        .with_columns(
            worst=pl.when(pl.col("red") > 0).then(3).when(pl.col("yellow") > 0).then(2)
            .when(pl.col("green") > 0).then(1).when(pl.col("grey") > 0).then(4).otherwise(0).cast(pl.Int16)
        )
        .select(list(INDICATOR_VALUE))
        .collect()
    )  # fmt: skip


def duckdb_by_hand(pattern: str, catalogue: Catalogue) -> pl.DataFrame:
    """The same in SQL."""
    spans = windows(catalogue.indicators, QUARTER, AS_OF)
    connection = duckdb.connect()
    connection.execute("create table span (indicator text, stock_from int, flow_from int, flow boolean)")
    connection.executemany(
        "insert into span values (?, ?, ?, ?)",
        [(code, span.stock_from, span.flow_from, span.flow) for code, span in spans.items()],
    )
    query = connection.sql(_SQL, params={"pattern": pattern, "last": day_number(AS_OF), "quarter": QUARTER})
    found: pl.DataFrame = query.pl()
    return found


_SQL: Final = f"""
with counted as (
  select o.*, s.flow or o.measure = 4 as flows
  from read_parquet($pattern) o join span s using (indicator)
  where o.observed_on <= $last
    and o.observed_on >= case when s.flow or o.measure = 4 then s.flow_from else s.stock_from end
), kept as (
  select * from counted
  qualify flows or (observed_on, submission) =
    max(case when not flows then (observed_on, submission) end) over (partition by unit, item)
), summed as (
  select unit, indicator,
    coalesce(sum(numerator) filter (measure not in (1, 4)), 0)::bigint as numerator,
    coalesce(sum(denominator) filter (measure not in (1, 4)), 0)::bigint as denominator,
    (coalesce(sum(numerator) filter (measure = 4), 0) // {SCALE})::bigint as count,
    count(*) filter (measure = 1 and light = 1) as green,
    count(*) filter (measure = 1 and light = 2) as yellow,
    count(*) filter (measure = 1 and light = 3) as red,
    count(*) filter (measure = 1 and light = 4) as grey,
    count(*) filter (measure = 1 and light = 3 and severity = 4) as red_s4,
    count(*) filter (not (measure = 1 and light = 0)) as observations,
    max(observed_on) as last_on
  from kept group by unit, indicator
)
select unit, $quarter::int as quarter, indicator, numerator, denominator, count, green, yellow, red, grey, red_s4,
  observations,
  (case when red > 0 then 3 when yellow > 0 then 2 when green > 0 then 1 when grey > 0 then 4 else 0 end)::smallint
    as worst,
  last_on
from summed
"""  # noqa: S608 (the one value written in is a constant of ours)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["ours", *ENGINES])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("directory", type=Path)
    chosen = parser.parse_args()
    print(json.dumps(worker(chosen.name, chosen.engine, chosen.directory)))
