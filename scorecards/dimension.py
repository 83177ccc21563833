"""L1, first half: the indicators of one dimension become the dimension's light (closed-loop D-3, L1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from forms.catalogue import Catalogue, Indicator
from forms.definition import FormDefinition
from forms.meaning import Light, Measure
from forms.rulebook import Rulebook
from scorecards.rules import at_least, decide, deciding_rule, otherwise, share_below, share_reaches
from scorecards.verdict import Check, Verdict, is_lit

_DEPARTMENT: Final = 4  # route R4


@dataclass(frozen=True, slots=True)
class DimensionCard:
    """One dimension of one school.

    ``lights`` holds every indicator of the dimension that was judged. ``complete`` of ``needed`` indicators have a
    light: the needed ones are those expected this quarter less those not applicable here. The light is NA where all
    that was judged is not applicable (a school without a canteen), grey where too little is known.
    """

    dimension: str
    light: Light
    rule: str
    complete: int
    needed: int
    checks: tuple[Check, ...]
    lights: Mapping[str, Light]


def indicators_of(catalogue: Catalogue, dimension: str, level: str = "school") -> tuple[Indicator, ...]:
    """The indicators whose lights make a dimension at a level, in catalogue order."""
    kept = _members.get(id(catalogue))
    if kept is None or kept[0] is not catalogue:
        if len(_members) >= _CATALOGUES:
            _members.clear()
        kept = _members[id(catalogue)] = (catalogue, {})
    if (dimension, level) not in kept[1]:
        kept[1][dimension, level] = tuple(
            indicator
            for indicator in catalogue.indicators.values()
            if indicator.dimension == dimension and level in indicator.levels and indicator.rule != "none"
        )
    return kept[1][dimension, level]


# By catalogue, which is held so that its id stays its own: a district's cards ask for the same members again and again.
_CATALOGUES: Final = 16
_members: dict[int, tuple[Catalogue, dict[tuple[str, str], tuple[Indicator, ...]]]] = {}


def core_indicators(catalogue: Catalogue, level: str = "school") -> frozenset[str]:
    """What is expected of a school where nobody says what was planned: all core indicators of its level."""
    return frozenset(
        indicator.code
        for indicator in catalogue.indicators.values()
        if indicator.core and level in indicator.levels and indicator.rule != "none"
    )


def expected_by(definitions: Iterable[FormDefinition], catalogue: Catalogue, level: str = "school") -> frozenset[str]:
    """The indicators that the checklists due this quarter can light: what completeness should count.

    Items routed R4 are a department's and light no school: an indicator fed by them alone is not expected, nor is one
    whose numerator or denominator is such an item's.
    """
    fed: set[str] = set()
    routed: set[str] = set()
    for definition in definitions:
        for item in definition.items:
            for meaning in item.meanings:
                if item.route != _DEPARTMENT:
                    fed.add(meaning.indicator)
                elif meaning.measure in (Measure.NUMERATOR, Measure.DENOMINATOR):
                    routed.add(meaning.indicator)
    lit = {code for code, entry in catalogue.indicators.items() if level in entry.levels and entry.rule != "none"}
    return frozenset((fed - routed) & lit)


def dimension_card(
    dimension: str,
    verdicts: Mapping[str, Verdict],
    catalogue: Catalogue,
    rulebook: Rulebook,
    *,
    expected: Collection[str] | None = None,
) -> DimensionCard:
    """The light of one dimension from the verdicts of its indicators (others in ``verdicts`` are ignored).

    ``expected`` are the codes that completeness counts; all core indicators where it is None. With fewer than half of
    them lit the dimension is grey whatever the few say (D-3 L1); a red on record then still shows on its indicator.
    """
    members = indicators_of(catalogue, dimension)
    wanted = core_indicators(catalogue) if expected is None else expected
    lights = {entry.code: verdicts[entry.code].light for entry in members if entry.code in verdicts}
    absent = sum(1 for entry in members if entry.code in wanted and lights.get(entry.code) is Light.NA)
    needed = sum(1 for entry in members if entry.code in wanted) - absent
    complete = sum(1 for entry in members if entry.code in wanted and is_lit(lights.get(entry.code, Light.GREY)))
    if lights and all(light is Light.NA for light in lights.values()) and needed == 0:
        return DimensionCard(dimension, Light.NA, "L1.dimension.grey", 0, 0, (), lights)
    light, made = _decided(members, lights, (complete, needed), rulebook)
    return DimensionCard(dimension, light, deciding_rule(made), complete, needed, made, lights)


@dataclass(frozen=True, slots=True)
class _Counts:
    """All that a dimension's light depends on, parameters included."""

    parameters: tuple[str, ...]
    complete: int
    needed: int
    valid: int
    core_reds: int
    reds: int
    yellows: int


_PARAMETERS: Final = (("grey", "complete"), ("red", "reds"), ("red", "share"), ("yellow", "reds"), ("yellow", "share"))
_KEPT: Final = 50_000
_known: dict[_Counts, tuple[Light, tuple[Check, ...]]] = {}


def _decided(
    members: tuple[Indicator, ...], lights: Mapping[str, Light], done: tuple[int, int], rulebook: Rulebook
) -> tuple[Light, tuple[Check, ...]]:
    """The light and checks of these counts. Few counts occur, in millions of cards: each is worked out once."""
    counts = _Counts(
        tuple(rulebook[f"L1.dimension.{word}"].parameters[name] for word, name in _PARAMETERS),
        *done,
        valid=sum(1 for light in lights.values() if is_lit(light)),
        core_reds=sum(1 for entry in members if entry.core and lights.get(entry.code) is Light.RED),
        reds=sum(1 for light in lights.values() if light is Light.RED),
        yellows=sum(1 for light in lights.values() if light is Light.YELLOW),
    )
    if counts not in _known:
        if len(_known) >= _KEPT:
            _known.clear()
        _known[counts] = decide(_checks(counts, rulebook))
    return _known[counts]


def _checks(counts: _Counts, rulebook: Rulebook) -> list[Check]:
    grey, red, yellow = (rulebook[f"L1.dimension.{word}"] for word in ("grey", "red", "yellow"))
    valid = ("valid", counts.valid)
    complete, needed = ("complete", counts.complete), ("needed", counts.needed)
    return [
        Check(grey.id, counts.valid == 0, Light.GREY, f"{counts.valid} = 0", {"valid": counts.valid}),
        share_below(grey, "complete", Light.GREY, complete, needed),
        at_least(red, "reds", Light.RED, "core_reds", counts.core_reds),
        share_reaches(red, "share", Light.RED, ("reds", counts.reds), valid),
        at_least(yellow, "reds", Light.YELLOW, "reds", counts.reds),
        share_reaches(yellow, "share", Light.YELLOW, ("yellows", counts.yellows), valid),
        otherwise(rulebook, "L1.dimension.green", Light.GREEN, {}),
    ]
