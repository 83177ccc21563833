"""What the phone proposes before signing is what the server proposes to the reviewer, for any answers."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from playwright.sync_api import Page

from forms.answers import Answer
from forms.catalogue import Catalogue
from forms.definition import FormDefinition, Item
from forms.rulebook import Rulebook
from forms.shipped import shipped_catalogue, shipped_rulebook
from scorecards.findings import propose
from tests.collector.world import CHECKLISTS, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROUNDS = 30
WORDS = ("", " ", "说明 一", "S3", "R4", "3", "x" * 400, "0", "-1", "2.5", "0.00001", "007", "𠮷" * 350)


@pytest.fixture(scope="module")
def page(world: World) -> Any:
    with world.visiting("findings") as browser:
        yield world.harness(browser)


def _value(item: Item, definition: FormDefinition, chance: random.Random) -> str:
    choices = [choice.name for choice in definition.choices.get(item.list_name, ())]
    if choices and chance.random() < 0.9:
        several = item.type.startswith("select_multiple")
        return " ".join(chance.sample(choices, k=min(len(choices), chance.randint(1, 3 if several else 1))))
    return chance.choice(WORDS)


def _answers(definition: FormDefinition, chance: random.Random) -> list[Answer]:
    found = []
    for item in definition.items:
        for index in range(1, chance.randint(1, 4)) if item.repeat else (0,):
            value = _value(item, definition, chance) if chance.random() < 0.8 else ""
            if value.strip():
                found.append(Answer(item.name, item.path, value, index))
    return found


def _by_server(
    definition: FormDefinition, answers: list[Answer], rulebook: Rulebook, catalogue: Catalogue
) -> list[dict[str, Any]]:
    found = propose(definition, answers, rulebook, found_on=dt.date(2026, 11, 20), catalogue=catalogue)
    return [
        {
            "item": each.item, "repeat": each.repeat_index, "light": each.light.word, "severity": each.severity,
            "route": each.route, "days": each.days, "veto": each.veto, "fact": each.fact, "photos": list(each.photos),
        }
        for each in found
    ]  # fmt: skip


@pytest.mark.parametrize("form", CHECKLISTS)
def test_phone_and_server_propose_the_same_findings(world: World, page: Page, form: str) -> None:
    definition = world.seed.definitions[form]
    rulebook = shipped_rulebook()
    catalogue = shipped_catalogue()
    chance = random.Random(form)
    rounds = [_answers(definition, chance) for _round in range(ROUNDS)]
    given = [[{"item": a.item, "value": a.value, "repeat": a.repeat_index} for a in answers] for answers in rounds]
    by_phone = page.evaluate(
        """async ([form, rounds]) => {
          const body = await (await fetch(`/harness/${form}.json`)).json();
          return rounds.map((answers) => lp.propose(body, answers).map(({ words, ...rest }) => rest));
        }""",
        [form, given],
    )
    by_server = [_by_server(definition, answers, rulebook, catalogue) for answers in rounds]
    assert by_phone == by_server
    assert sum(len(found) for found in by_server) > ROUNDS
