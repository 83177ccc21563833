"""The same answers mean the same in the web collector, in ODK Collect's engine and in the server's own evaluator."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from sqlmodel import col, select

from server.store.forms import Form, FormVersion
from tests.collector import javarosa
from tests.collector.javarosa import Standing, Stood
from tests.collector.world import CHECKLISTS, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ANYHOW = Path(__file__).with_name("anyhow.js").read_text(encoding="utf-8")
# More of them find more: two minutes each for all checklists on two busy cores.
SEEDS = range(1, 1 + int(os.environ.get("LIANGPAI_MEANING_SEEDS", "1")))
# JavaRosa wants to see a row of each list; none of these is of the school that is visited.
LISTS = {
    "schools.csv": b"name,label\nS00,x\n",
    "findings.csv": b"name,label,school\nF-0,x,S00\n",
    "indicators.csv": b"name,label\nGP-1,x\n",
}


@dataclass
class Filled:
    """One checklist filled at random by one seed in the collector: how it stands there, and its XML."""

    stood: Stood
    xml: str


@pytest.fixture(scope="module")
def xforms(world: World) -> dict[str, bytes]:
    """The XForms that phones are given."""
    with world.database.read() as session:
        query = select(Form.form_id, FormVersion.xform).join(FormVersion, col(FormVersion.id) == Form.current_id)
        return {form: bytes(xform) for form, xform in session.exec(query)}


@pytest.fixture(scope="module")
def filled(world: World) -> Iterator[dict[tuple[str, int], Filled]]:
    """Every checklist, filled once for each seed."""
    browser = world.browser("meaning")
    try:
        page = world.harness(browser)
        found = {}
        for form in CHECKLISTS:
            for seed in SEEDS:
                told = page.evaluate(ANYHOW, [form, seed])
                stood = {(path, row): Standing(*rest) for path, row, *rest in told["told"]}
                found[form, seed] = Filled(stood, told["xml"])
        assert not browser.wrong, browser.wrong
        yield found
    finally:
        browser.stop()


def same(one: str, other: str) -> bool:
    """Numbers are compared as numbers and moments as moments: JavaRosa writes 3.0 where XPath writes 3, and in UTC.

    It counts a moment in days as a float, which may cost a millisecond.
    """
    if one == other:
        return True
    with contextlib.suppress(ValueError, TypeError):
        apart = dt.datetime.fromisoformat(one) - dt.datetime.fromisoformat(other)
        return abs(apart) <= dt.timedelta(milliseconds=1)
    with contextlib.suppress(InvalidOperation):  # A position is four numbers.
        return [Decimal(part) for part in one.split()] == [Decimal(part) for part in other.split()]
    return False


def differences(ours: Standing, theirs: Standing) -> list[str]:
    """What two engines do not agree on."""
    found = []
    relevant = theirs.relevant if ours.relevant is None else ours.relevant
    if relevant != theirs.relevant:
        found.append(f"relevant {ours.relevant} / {theirs.relevant}")
    if not (relevant and theirs.relevant):
        return found
    if ours.required is not None and ours.required != theirs.required:
        found.append(f"required {ours.required} / {theirs.required}")
    if not same(ours.value, theirs.value):
        found.append(f"value {ours.value!r} / {theirs.value!r}")
    elif ours.holds != theirs.holds:
        found.append(f"constraint {ours.holds} / {theirs.holds} of {ours.value!r}")
    return found


@pytest.fixture(scope="module")
def collect(
    filled: dict[tuple[str, int], Filled], xforms: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int], Stood]:
    """What ODK Collect's engine makes of the same answers; calculated values it has to find itself."""
    if javarosa.jar() is None:
        pytest.skip("no Java 17: the collector's meaning is not compared with JavaRosa's (apt-get install default-jdk)")
    pairs = {
        f"{form}-{seed}": (
            javarosa.form_for_javarosa(xforms[form], LISTS),
            javarosa.without_calculated(xforms[form], one.xml),
        )
        for (form, seed), one in filled.items()
    }
    told = javarosa.javarosa(tmp_path_factory.mktemp("javarosa"), pairs)
    return {key: told[f"{key[0]}-{key[1]}"] for key in filled}


@pytest.mark.parametrize("form", CHECKLISTS)
def test_relevance_calculations_and_constraints_are_those_of_odk_collect(
    filled: dict[tuple[str, int], Filled], collect: dict[tuple[str, int], Stood], form: str
) -> None:
    compared, wrong = 0, []
    for seed in SEEDS:
        theirs = collect[form, seed]
        for place, ours in filled[form, seed].stood.items():
            assert place in theirs, place
            compared += 1
            wrong += [(seed, *place, found) for found in differences(ours, theirs[place])]
    assert not wrong, wrong
    assert compared >= 50


@pytest.mark.parametrize("form", CHECKLISTS)
def test_the_servers_own_evaluator_says_the_same(
    filled: dict[tuple[str, int], Filled], xforms: dict[str, bytes], world: World, form: str
) -> None:
    repeats = sorted({item.repeat for item in world.seed.definitions[form].items if item.repeat})
    compared, wrong = 0, []
    for seed in SEEDS:
        stood = filled[form, seed].stood
        values = {path: standing.value for (path, row), standing in stood.items() if row == 0}
        for path, standing in javarosa.python(xforms[form], values, repeats).items():
            compared += 1
            wrong += [(seed, path, found) for found in differences(stood[path, 0], standing)]
    assert not wrong, wrong
    assert compared >= 20


def test_the_comparison_sees_a_difference(
    filled: dict[tuple[str, int], Filled], collect: dict[tuple[str, int], Stood]
) -> None:
    """Turn one thing at a time in the collector's picture, at random: each must be noticed."""
    chance = random.Random(1)
    for (form, seed), one in filled.items():
        asked = [place for place, standing in one.stood.items() if standing.relevant]
        place = chance.choice(asked)
        ours = one.stood[place]
        for turned in (
            Standing(not ours.relevant, ours.required, ours.holds, ours.value),
            Standing(True, not ours.required, ours.holds, ours.value),
            Standing(True, ours.required, not ours.holds, ours.value),
            Standing(True, ours.required, ours.holds, ours.value + "x"),
        ):
            assert differences(turned, collect[form, seed][place]), (place, turned)
