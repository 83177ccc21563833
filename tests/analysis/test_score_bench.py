"""The bench of scoring compares like with like."""

import pytest

from server.commands import bench_score


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    directory = tmp_path_factory.mktemp("observations")
    return directory, bench_score.make_observations(directory, 20_000)


def test_our_expressions_and_the_hand_written_queries_give_the_same_amounts(made):
    directory, counts = made
    found = {
        (name, engine): bench_score.worker(name, engine, directory)["digest"]
        for name, engine in (("ours", "polars"), ("ours", "duckdb"), ("polars", "polars"), ("duckdb", "duckdb"))
    }
    assert len(set(found.values())) == 1, found
    assert 0.95 * 20_000 < counts["observations"] <= 20_000


def test_another_seed_gives_other_amounts(made, tmp_path):
    directory, _ = made
    bench_score.make_observations(tmp_path, 20_000, seed=2)
    digests = [bench_score.worker("ours", "polars", folder)["digest"] for folder in (directory, tmp_path)]
    assert digests[0] != digests[1]
