"""``liangpai bench score``: a quarter's observations to indicator values and school lights, beside the same by hand.

Like for like: the queries written by hand in Polars and in DuckDB (bench_score_by_hand) start from the same Parquet
files and end at the same school lights. Each measurement is a process of its own, the three ways in turn, so that
seconds, CPU seconds and peak memory are each run's own; medians are printed. All runs must give the same amounts and
the same lights, else there is an error instead of a figure.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from analysis.aggregate import indicator_values
from analysis.frames import INDICATOR_VALUE
from analysis.windows import day_number
from scorecards.bulk import dimension_lights, indicator_lights, record_row, school_lights
from scorecards.school import SchoolRecord
from server.commands import bench_score_by_hand as by_hand
from server.commands.bench_score_data import (
    AS_OF,
    QUARTER,
    ROUTES_LEFT_OUT,
    VISITS_PER_SCHOOL,
    Rules,
    make_observations,
    rules,
)
from server.commands.console import CommandError

ENGINES: Final = ("polars", "duckdb")
STAGES: Final = ("amounts", "schools")
WAYS: Final = ("ours", *ENGINES)
TARGET: Final = 1.5
SCHOOL: Final = ("unit", "light", "complete", "needed")


def run(arguments: Sequence[str] = ()) -> dict[str, Any]:
    """The command's own arguments: ``[--observations N] [--engine polars|duckdb] [--rounds N] [--json]``."""
    parser = argparse.ArgumentParser(
        prog="liangpai bench score",
        description="Observations of one quarter to school lights, beside the same by hand.",
    )
    parser.add_argument("--observations", type=int, default=10_000_000)
    parser.add_argument("--engine", choices=ENGINES, default="polars", help="the engine that runs our expressions")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each way, in turn")
    parser.add_argument("--json", action="store_true", dest="as_json")
    return measure(**vars(parser.parse_args(list(arguments))))


def measure(
    observations: int = 10_000_000, *, engine: str = "polars", rounds: int = 3, as_json: bool = False
) -> dict[str, Any]:
    """Measure and print; every stage of every way runs ``rounds`` times. Raises CommandError where results differ."""
    with tempfile.TemporaryDirectory(prefix="liangpai-bench-") as folder:
        directory = Path(folder)
        started = time.perf_counter()
        made = make_observations(directory, observations)
        generation = time.perf_counter() - started
        runs: dict[str, list[dict[str, Any]]] = {f"{way} {stage}": [] for stage in STAGES for way in WAYS}
        for _ in range(max(1, rounds)):
            for name, taken in runs.items():
                way, stage = name.split()
                taken.append(_measure(way, stage, engine, directory))
    lights = _same_results(runs)
    result = {**made, "lights": lights, "generation_seconds": round(generation, 1), **_figures(engine, runs)}
    if as_json:
        json.dump(result, sys.stdout, indent=1)
        print()
    else:
        _print(result)
    return result


def _same_results(runs: Mapping[str, list[dict[str, Any]]]) -> dict[str, int]:
    """The number of schools in each light, once all ways are shown to agree on every one."""
    for stage in STAGES:
        digests = {name: run["digest"] for name, taken in runs.items() if name.endswith(stage) for run in taken}
        if len(set(digests.values())) != 1:
            raise CommandError(
                f"三种做法的结果不同：{digests}", f"The three ways do not give the same {stage}: {digests}"
            )
    found: dict[str, int] = runs["ours schools"][0]["lights"]
    return found


def _figures(engine: str, runs: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    keys = ("seconds", "cpu_seconds", "peak_mb")
    medians = {
        name: {key: round(statistics.median(run[key] for run in taken), 3) for key in keys}
        for name, taken in runs.items()
    }
    ratios = {
        f"{stage} beside {other}": {
            key: round(medians[f"ours {stage}"][key] / medians[f"{other} {stage}"][key], 2) for key in keys
        }
        for stage in STAGES
        for other in ENGINES
    }
    met = all(ratios[f"schools beside {engine}"][key] <= TARGET for key in ("seconds", "cpu_seconds"))
    return {"engine": engine, "runs": medians, "ratios": ratios, "target": TARGET, "target_met": met}


def _print(result: Mapping[str, Any]) -> None:
    lights = ", ".join(f"{number} {word}" for word, number in result["lights"].items())
    print(
        f"{result['observations']:,} observations of {result['schools']:,} schools, {result['indicators']} indicators "
        f"(made in {result['generation_seconds']} s); all ways give the same amounts and school lights: {lights}"
    )
    titles = {"ours": f"ours on {result['engine']}", "polars": "Polars by hand", "duckdb": "DuckDB by hand"}
    print(f"{'':34}{'seconds':>10}{'CPU s':>10}{'peak MB':>10}")
    for name, run in result["runs"].items():
        way, stage = name.split()
        title = f"{titles[way]}, to {'amounts' if stage == 'amounts' else 'school lights'}"
        print(f"{title:34}{run['seconds']:>10.2f}{run['cpu_seconds']:>10.2f}{run['peak_mb']:>10.0f}")
    for name, ratio in result["ratios"].items():
        stage, other = name.split(" beside ")
        compared = f"{titles['ours']} / {titles[other]}, {stage}"
        print(
            f"{compared:46} seconds {ratio['seconds']:.2f}, CPU {ratio['cpu_seconds']:.2f}, "
            f"memory {ratio['peak_mb']:.2f}"
        )
    word = "met" if result["target_met"] else "MISSED"
    print(f"target: school lights in at most {result['target']} times the seconds by hand on the same engine: {word}")


def _measure(way: str, stage: str, engine: str, directory: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, "-m", "server.commands.bench_score", way, stage, engine, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise CommandError(f"测量进程失败：{last}", f"The measured process failed: {last}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def worker(way: str, stage: str, engine: str, directory: Path) -> dict[str, Any]:
    """One measured run: ``stage`` is where it ends, at the ``amounts`` or at the lights of the ``schools``."""
    given, pattern = rules(), str(directory / "*.parquet")
    started, cpu = time.perf_counter(), time.process_time()
    found = _found(way, stage, engine, pattern, given)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    columns, keys = (INDICATOR_VALUE, ("unit", "indicator")) if stage == "amounts" else (SCHOOL, ("unit",))
    ordered = found.select(list(columns)).sort(keys)
    if stage == "schools":
        ordered = ordered.cast(pl.Int64)
    words = ("na", "green", "yellow", "red", "grey")
    lights = dict(found["light"].value_counts(sort=True).iter_rows()) if stage == "schools" else {}
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mb": peak,
        "digest": str(ordered.hash_rows(seed=1).sum()) + f" of {ordered.height}",
        "lights": {words[light]: number for light, number in lights.items()},
    }


def _found(way: str, stage: str, engine: str, pattern: str, given: Rules) -> pl.DataFrame:
    if way == "ours":
        values = our_amounts(pattern, engine, given)
        if stage == "schools":
            return our_lights(values, given)
        collected: pl.DataFrame = values.collect() if engine == "polars" else values.pl()
        return collected
    if way == "polars":
        query = by_hand.polars_amounts if stage == "amounts" else by_hand.polars_schools
        return query(pattern, given).collect()
    return (by_hand.duckdb_amounts if stage == "amounts" else by_hand.duckdb_schools)(pattern, given)


def our_amounts(pattern: str, engine: str, given: Rules) -> Any:
    """Our expressions on Polars or DuckDB, as lazy as the engine is."""
    facts: Any
    units: Any
    if engine == "polars":
        facts, units = pl.scan_parquet(pattern), pl.LazyFrame({"unit": [1]})
    else:
        connection = duckdb.connect()
        facts, units = connection.read_parquet(pattern), connection.sql("select 1::bigint as unit")
    return indicator_values(
        facts, units, given.catalogue.indicators, quarter=QUARTER, as_of=AS_OF, exclude_routes=ROUTES_LEFT_OUT
    )


def our_lights(values: Any, given: Rules) -> pl.DataFrame:
    """The lights of all schools: each was visited and has no findings."""
    lights = indicator_lights(values, given.catalogue, given.rulebook, as_of=day_number(AS_OF))
    dimensions = dimension_lights(lights, given.catalogue, given.rulebook, expected=given.expected)
    record = record_row(0, SchoolRecord(QUARTER, visits=VISITS_PER_SCHOOL), given.rulebook)
    schools = lights.select(pl.col("unit").unique())
    records = schools.with_columns(**{name: pl.lit(value) for name, value in record.items() if name != "unit"})
    found: pl.DataFrame = school_lights(dimensions, records, given.catalogue, given.rulebook, expected=given.expected)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("directory", type=Path)
    print(json.dumps(worker(**vars(parser.parse_args()))))
