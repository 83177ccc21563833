"""The bench of scoring compares like with like: all ways go to the same school lights."""

import json

import polars as pl
import pytest

from forms.meaning import SCALE
from server.commands import bench_score, bench_score_by_hand
from server.commands.bench_score_data import make_observations, rules
from server.commands.console import CommandError

ALL = (("ours", "polars"), ("ours", "duckdb"), ("polars", "polars"), ("duckdb", "duckdb"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("observations")
    return directory, make_observations(directory, 40_000)


@pytest.mark.parametrize("stage", bench_score.STAGES)
def test_our_expressions_and_the_hand_written_queries_give_the_same(made, stage):
    directory, counts = made
    found = {(way, engine): bench_score.worker(way, stage, engine, directory) for way, engine in ALL}
    assert len({run["digest"] for run in found.values()}) == 1, found
    assert 0.95 * 40_000 < counts["observations"] <= 40_000


def test_the_schools_compared_are_of_several_lights(made):
    directory, counts = made
    lights = bench_score.worker("ours", "schools", "polars", directory)["lights"]
    assert {"green", "yellow", "red"} <= set(lights)
    assert sum(lights.values()) == counts["schools"]


def test_another_seed_gives_other_amounts(made, tmp_path):
    directory, _ = made
    make_observations(tmp_path, 40_000, seed=2)
    digests = [bench_score.worker("ours", "amounts", "polars", folder)["digest"] for folder in (directory, tmp_path)]
    assert digests[0] != digests[1]


def test_ratios_of_which_a_half_is_handed_over_and_cases_counted_are_compared_too(made, tmp_path):
    """The shipped F01 has few of either: here every fourth school's rows get another route or measure."""
    directory, _ = made
    odd = pl.read_parquet(directory / "*.parquet")
    with_halves = odd.with_columns(
        route=pl.when((pl.col("unit") % 4 == 1) & (pl.col("measure") == 2)).then(4)
        .when(pl.col("route") == 4).then(0).otherwise(pl.col("route")).cast(pl.Int16),
        numerator=pl.when(pl.col("measure") == 4).then(pl.col("unit") % 3 * SCALE).otherwise(pl.col("numerator")),
    )  # fmt: skip
    added = with_halves.filter((pl.col("unit") % 4 == 1) & (pl.col("measure") == 2)).with_columns(
        measure=pl.lit(3, pl.Int16),
        numerator=pl.lit(0, pl.Int64),
        denominator=pl.lit(SCALE, pl.Int64),
        route=pl.lit(0, pl.Int16),
    )
    pl.concat([with_halves, added]).write_parquet(tmp_path / "odd.parquet")
    for stage in bench_score.STAGES:
        found = {(way, engine): bench_score.worker(way, stage, engine, tmp_path)["digest"] for way, engine in ALL}
        assert len(set(found.values())) == 1, found


def test_the_numbers_written_into_the_hand_written_queries_are_the_rulebooks():
    rulebook = rules().rulebook
    used = {
        "L0.items.red_share": {"red": "30%", "yellow_partial": "20%"},
        "L0.zero": {"red": "1"},
        "L1.dimension.grey": {"complete": "50%"},
        "L1.dimension.red": {"reds": "2", "share": "25%"},
        "L1.dimension.yellow": {"reds": "1", "share": "30%"},
        "L1.school.grey": {"complete": "50%", "visits": "1"},
        "L1.school.red.dimensions": {"red": "3"},
        "L1.school.yellow.dimensions": {"red": "1", "yellow": "3"},
        "L1.school.yellow.completeness": {"share": "80%"},
    }
    assert {rule: rulebook[rule].parameters for rule in used} == used


def test_every_bound_is_one_that_the_hand_written_queries_know():
    given = rules()
    table = bench_score_by_hand.indicator_table(given)
    assert set(table["indicator"]) == set(given.catalogue.indicators)
    asked = {meaning.indicator for item in given.definition.items for meaning in item.meanings}
    bounds = [
        b for code in asked for b in (given.catalogue.indicators[code].green, given.catalogue.indicators[code].yellow)
    ]
    assert {bound.comparison for bound in bounds if bound} <= {">=", "<="}
    known = {"items", "zero", "document", "ratio", "value", "count"}
    assert {given.catalogue.indicators[code].rule for code in asked} - {"none"} <= known


def test_machines_read_seconds_cpu_and_memory_of_each_way_and_the_ratios(capsys):
    bench_score.run(["--observations", "20000", "--rounds", "1", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert set(printed["runs"]) == {f"{way} {stage}" for way in bench_score.WAYS for stage in bench_score.STAGES}
    assert all(run["cpu_seconds"] > 0 and run["peak_mb"] > 0 for run in printed["runs"].values())
    ours, theirs = (printed["runs"][f"{way} schools"]["cpu_seconds"] for way in ("ours", "polars"))
    assert printed["ratios"]["schools beside polars"]["cpu_seconds"] == pytest.approx(ours / theirs, abs=0.01)


def test_different_results_are_an_error_and_not_a_figure():
    runs = {
        f"{way} {stage}": [{"digest": f"{way}" if stage == "schools" else "1", "lights": {}}]
        for stage in bench_score.STAGES
        for way in bench_score.WAYS
    }
    with pytest.raises(CommandError, match="same schools"):
        bench_score._same_results(runs)
