"""``liangpai bench collector`` still builds what it measures, from the sources as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.commands.bench_collector import build_pages, start_bytes
from tests.collector.world import COLLECTOR

pytestmark = pytest.mark.skipif(
    not (COLLECTOR / "node_modules" / "vite").is_dir(),
    reason="the collector's packages are not installed (./dev setup)",
)


def test_the_pages_are_built_from_the_sources(tmp_path: Path) -> None:
    pages = build_pages(tmp_path / "pages", None)
    for engine in ("ours", "bare"):
        assert (pages / engine / "page.js").stat().st_size > 100_000
        assert (pages / engine / "index.html").is_file()
    assert not (pages / "webforms").exists()


def test_the_app_stands_after_a_quarter_of_a_megabyte() -> None:
    assert 50_000 < start_bytes()["start_bytes"] <= 250_000
