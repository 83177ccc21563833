"""A district that a phone's browser visits. Skipped aloud where there is no Chromium or no Node packages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.collector.phones import CHROMIUM, Browser
from tests.collector.world import COLLECTOR, Seed, World, sow


@pytest.fixture(scope="module")  # Another folder's browser may be next in this process: only one can run.
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium (apt-get install chromium): the collector is tried in no browser")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    if not (COLLECTOR / "node_modules" / "vite").is_dir():
        pytest.skip("the collector's packages are not installed (./dev setup): its engine is tried in no browser")
    return sow(tmp_path_factory.mktemp("sown"))


@pytest.fixture(scope="module")
def world(sown: Seed, tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[World]:
    made = World(sown, tmp_path_factory.mktemp("world"), playwright)
    yield made
    made.close()


@pytest.fixture
def browser(world: World, request: pytest.FixtureRequest) -> Iterator[Browser]:
    with world.visiting(request.node.name) as visiting:
        yield visiting
