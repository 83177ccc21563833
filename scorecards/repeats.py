"""The rules that look across quarters: yellow turned red, formal talk, circular, exemption (closed-loop D-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.meaning import Light, quarter_before
from forms.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class PastCard:
    """The published light of an earlier quarter."""

    quarter: int
    light: Light


@dataclass(frozen=True, slots=True)
class Measure:
    """What a repeat rule proposes: its rule, the measures of the state table (Q1, Q2, Q3; "" none), the quarters.

    The software proposes; an authorised body decides.
    """

    rule: str
    measures: tuple[str, ...]
    quarters: tuple[tuple[int, Light], ...]


def run_of(light: Light, quarter: int, past: Sequence[PastCard], steps: int) -> tuple[tuple[int, Light], ...]:
    """The lights of the last ``steps`` quarters, this one first. A quarter nobody published is grey."""
    known = {card.quarter: card.light for card in past}
    earlier = [quarter_before(quarter, step) for step in range(1, steps)]
    return ((quarter, light), *((name, known.get(name, Light.GREY)) for name in earlier))


def managed_as(light: Light, quarter: int, past: Sequence[PastCard], rulebook: Rulebook) -> Light:
    """Red for the second yellow card in a row (黄转红), else the light itself. The card still shows yellow."""
    steps = rulebook["R.yellow_twice"].number("quarters")
    run = run_of(light, quarter, past, steps)
    return Light.RED if all(shown is Light.YELLOW for _, shown in run) else light


def repeat_measures(
    light: Light, quarter: int, past: Sequence[PastCard], complaints: int, rulebook: Rulebook
) -> tuple[Measure, ...]:
    """What the repeat rules propose this quarter.

    Only cards that show red count as red: a yellow handled as red is no red card. Grey interrupts a run. A school
    that is not red now has nothing new to answer for, so the rules on reds speak only in a red quarter.
    """
    found: list[Measure] = []

    def run(rule_id: str) -> tuple[tuple[int, Light], ...]:
        return run_of(light, quarter, past, rulebook[rule_id].number("quarters"))

    yellow, twice = run("R.yellow_twice"), run("R.red_twice")
    if all(shown is Light.YELLOW for _, shown in yellow):
        found.append(Measure("R.yellow_twice", (), yellow))
    if all(shown is Light.RED for _, shown in twice):
        found.append(Measure("R.red_twice", _measures(rulebook, "R.red_twice"), twice))
    four, rule = run("R.red_three_of_four"), rulebook["R.red_three_of_four"]
    reds = sum(1 for _, shown in four if shown is Light.RED)
    if light is Light.RED and reds >= rule.number("times"):
        found.append(Measure(rule.id, _measures(rulebook, rule.id), four))
    green = run("R.green_four")
    if complaints == 0 and all(shown is Light.GREEN for _, shown in green):
        found.append(Measure("R.green_four", (), green))
    return tuple(found)


def _measures(rulebook: Rulebook, rule_id: str) -> tuple[str, ...]:
    named = rulebook[rule_id].parameters.get("measure", "")
    return tuple(part.strip() for part in named.split(",") if part.strip())
