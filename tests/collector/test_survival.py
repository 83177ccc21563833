"""Nothing is lost and nothing arrives twice, whoever is killed and whichever answer is lost."""

from __future__ import annotations

import pytest

from tests.collector.survival import MISHAPS, run
from tests.collector.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEEDS = (1, 2, 3, 4, 5)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_up_to_the_last_tap_arrives_once(world: World, seed: int) -> None:
    report = run(world, seed)
    assert report.mishap in MISHAPS
    assert report.taps_promised > 0 and report.answers > 50 and report.files > 3 and report.kills >= 2
