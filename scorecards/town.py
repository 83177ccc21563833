"""L2 and L4: a town's or a school group's card from its schools, and the district's distribution (D-3, L2, L4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from forms.meaning import Light
from forms.rulebook import Rulebook
from scorecards.rules import at_least, decide, deciding_rule, otherwise, share_below, share_reaches, some
from scorecards.verdict import Check, is_lit


@dataclass(frozen=True, slots=True)
class TownRecord:
    """What a town answers for itself: vetoes for which it is the responsible unit, its own tasks due and on time."""

    vetoes: int = 0
    tasks_due: int = 0
    tasks_on_time: int = 0


@dataclass(frozen=True, slots=True)
class TownCard:
    """A town's card. ``schools`` counts its schools by light; grey ones are in no share."""

    light: Light
    rule: str
    checks: tuple[Check, ...]
    schools: Mapping[Light, int]


def town_card(schools: Sequence[Light], record: TownRecord, rulebook: Rulebook) -> TownCard:
    """The card of a town from its schools' lights.

    Shares are of the schools that have a light. Where fewer than five have one, they are counted instead
    (L2.town.small): one red school of three is no 33 % of anything.
    """
    counted = distribution(schools)
    red, yellow = counted[Light.RED], counted[Light.YELLOW]
    lit = ("schools", sum(1 for light in schools if is_lit(light)))
    hard, soft, small = (rulebook[f"L2.town.{word}"] for word in ("red", "yellow", "small"))
    on_time, due = ("tasks_on_time", record.tasks_on_time), ("tasks_due", record.tasks_due)
    if lit[1] < small.number("below"):
        by_red = [at_least(small, "red", Light.RED, "red_schools", red)]
        by_yellow = [at_least(small, "yellow", Light.YELLOW, "red_schools", red)]
    else:
        by_red = [share_reaches(hard, "share", Light.RED, ("red_schools", red), lit)]
        by_yellow = [
            share_reaches(soft, "share", Light.YELLOW, ("red_schools", red), lit),
            share_reaches(soft, "both", Light.YELLOW, ("red_and_yellow_schools", red + yellow), lit),
        ]
    nothing = lit[1] == 0 and record.tasks_due == 0
    light, made = decide(
        [
            *by_red,
            some(hard, Light.RED, "vetoes", record.vetoes),
            share_below(hard, "ontime", Light.RED, on_time, due),
            Check("L2.town.grey", nothing, Light.GREY, f"{lit[1]} = 0; {due[1]} = 0", dict([lit, due])),
            *by_yellow,
            share_below(soft, "ontime", Light.YELLOW, on_time, due),
            otherwise(rulebook, "L2.town.green", Light.GREEN, {}),
        ]
    )
    return TownCard(light, deciding_rule(made), made, counted)


def group_card(members: Sequence[Light], rulebook: Rulebook) -> TownCard:
    """The card of a school group (集团、总校、片区): the rule of a town over its members, without tasks of its own."""
    return town_card(members, TownRecord(), rulebook)


def distribution(lights: Iterable[Light]) -> dict[Light, int]:
    """How many of each light, all five named, zero where there is none."""
    counted = dict.fromkeys(Light, 0)
    for light in lights:
        counted[light] += 1
    return counted


@dataclass(frozen=True, slots=True)
class DistrictOverview:
    """The district at a glance: distributions only, never a single light (L4.district.distribution).

    ``trend`` holds the schools' distribution of earlier quarters, oldest first, this one last.
    """

    quarter: int
    rule: str
    schools: Mapping[Light, int]
    towns: Mapping[Light, int]
    departments: Mapping[Light, int]
    trend: tuple[tuple[int, Mapping[Light, int]], ...]


def district_overview(
    quarter: int,
    *,
    schools: Iterable[Light],
    towns: Iterable[Light] = (),
    departments: Iterable[Light] = (),
    past: Mapping[int, Iterable[Light]] | None = None,
) -> DistrictOverview:
    """The district's overview; ``past`` are the schools' lights of earlier quarters."""
    now = distribution(schools)
    earlier = [(name, distribution(lights)) for name, lights in sorted((past or {}).items()) if name < quarter]
    return DistrictOverview(
        quarter,
        "L4.district.distribution",
        now,
        distribution(towns),
        distribution(departments),
        (*earlier, (quarter, now)),
    )
