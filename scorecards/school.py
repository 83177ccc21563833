"""L1, second half: a school's card from its dimensions and the facts on its record (closed-loop D-3, L1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from forms.meaning import Light, quarter_before
from forms.rulebook import Rulebook
from scorecards.dimension import DimensionCard
from scorecards.repeats import Measure, PastCard, managed_as, repeat_measures
from scorecards.rules import at_least, decide, deciding_rule, more_than, otherwise, share_below, some
from scorecards.verdict import Check, Inputs, is_lit

SERIOUS: Final = 3


@dataclass(frozen=True, slots=True)
class Veto:
    """A confirmed veto V1 to V9: the quarter it was triggered and the quarter its finding was closed, if it was."""

    code: int
    quarter: int
    closed: int | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A rectification past its due date: its finding, severity 1-4 and working days overdue. None routed R4."""

    finding: str
    severity: int
    days: int


@dataclass(frozen=True, slots=True)
class Relapse:
    """A finding closed and come back: how many times within the rulebook's months, and its severity 1-4."""

    finding: str
    severity: int
    times: int


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """What a school's card rests on besides its dimensions, as of the end of one quarter.

    ``past`` are earlier quarters' published lights; quarters not in it count as grey. Findings routed R4 are the
    department's and appear in none of these. ``weights`` of dimensions serve the displayed score only (default 1).
    """

    quarter: int
    visits: int = 0
    vetoes: tuple[Veto, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    false_evidence: int = 0
    relapses: tuple[Relapse, ...] = ()
    open_r3: int = 0
    open_s4: int = 0
    complaints: int = 0
    past: tuple[PastCard, ...] = ()
    weights: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class SchoolCard:
    """A school's card of one quarter.

    ``complete`` of ``needed`` is data completeness; ``score`` 0 to 100, rounded down, decides nothing and is None for
    grey; ``managed_as`` differs from ``light`` where a second yellow in a row is handled as red (黄转红);
    ``measures`` are what the repeat rules propose.
    """

    quarter: int
    light: Light
    managed_as: Light
    rule: str
    checks: tuple[Check, ...]
    dimensions: tuple[DimensionCard, ...]
    complete: int
    needed: int
    score: int | None
    measures: tuple[Measure, ...]

    @property
    def turned_red(self) -> bool:
        """True where the card shows yellow and is handled as red (黄转红)."""
        return self.light is Light.YELLOW and self.managed_as is Light.RED


def school_card(dimensions: Sequence[DimensionCard], record: SchoolRecord, rulebook: Rulebook) -> SchoolCard:
    """The card of a school. Proven reds come before grey, grey before yellow: missing data hides no red."""
    complete = sum(card.complete for card in dimensions)
    needed = sum(card.needed for card in dimensions)
    light, made = decide(_checks(dimensions, record, (complete, needed), rulebook))
    return SchoolCard(
        record.quarter,
        light,
        managed_as(light, record.quarter, record.past, rulebook),
        deciding_rule(made),
        made,
        tuple(dimensions),
        complete,
        needed,
        displayed_score(dimensions, light, rulebook, record.weights),
        repeat_measures(light, record.quarter, record.past, record.complaints, rulebook),
    )


def veto_stands(veto: Veto, quarter: int, rulebook: Rulebook) -> bool:
    """Does a veto hold a school red in a quarter?

    It does from the quarter of its trigger until its finding is closed and a full quarter (``lift_quarters``) after
    that one has passed: closed in 2026Q1, it still holds in 2026Q2 and no more in 2026Q3.
    """
    if quarter < veto.quarter:
        return False
    lift = rulebook["L1.school.veto"].number("lift_quarters")
    return veto.closed is None or quarter_before(quarter, lift) <= veto.closed


def displayed_score(
    dimensions: Sequence[DimensionCard], light: Light, rulebook: Rulebook, weights: Mapping[str, int] | None = None
) -> int | None:
    """The number shown beside the card: a weighted mean, rounded down and capped by the light. It decides nothing."""
    rule = rulebook["L1.score"]
    worth = {Light.GREEN: rule.number("green"), Light.YELLOW: rule.number("yellow"), Light.RED: rule.number("red")}
    lit = [(card.light, 1 if weights is None else weights.get(card.dimension, 1)) for card in dimensions]
    lit = [(shown, weight) for shown, weight in lit if is_lit(shown)]
    whole = sum(weight for _, weight in lit)
    if not is_lit(light) or whole <= 0:
        return None
    mean = Fraction(sum(worth[shown] * weight for shown, weight in lit), whole)
    caps = {Light.RED: rule.number("cap_red"), Light.YELLOW: rule.number("cap_yellow")}
    return min(int(mean), caps.get(light, 100))


def _checks(
    dimensions: Sequence[DimensionCard], record: SchoolRecord, done: tuple[int, int], rulebook: Rulebook
) -> list[Check]:
    reds = sum(1 for card in dimensions if card.light is Light.RED)
    yellows = sum(1 for card in dimensions if card.light is Light.YELLOW)
    complete, needed = ("complete", done[0]), ("needed", done[1])
    grey, incomplete = rulebook["L1.school.grey"], rulebook["L1.school.yellow.completeness"]
    by_dimension = rulebook["L1.school.yellow.dimensions"]
    late = max((entry.days for entry in record.overdue), default=0)
    visits = grey.number("visits")
    unseen = Check(
        grey.id, record.visits < visits, Light.GREY, f"{record.visits} < {visits}", {"visits": record.visits}
    )
    empty = Check(grey.id, done[1] == 0, Light.GREY, f"{done[1]} = 0", {"needed": done[1]})
    return [
        *_record_reds(record, rulebook),
        at_least(rulebook["L1.school.red.dimensions"], "red", Light.RED, "red_dimensions", reds),
        unseen,
        empty,
        share_below(grey, "complete", Light.GREY, complete, needed),
        at_least(by_dimension, "red", Light.YELLOW, "red_dimensions", reds),
        at_least(by_dimension, "yellow", Light.YELLOW, "yellow_dimensions", yellows),
        more_than(rulebook["L1.school.yellow.overdue"], "days", Light.YELLOW, "days_overdue", late),
        share_below(incomplete, "share", Light.YELLOW, complete, needed),
        at_least(rulebook["L1.school.yellow.r3_open"], "count", Light.YELLOW, "open_r3", record.open_r3),
        some(rulebook["L1.school.yellow.s4_open"], Light.YELLOW, "open_s4", record.open_s4),
        otherwise(rulebook, "L1.school.green", Light.GREEN, {}),
    ]


def _record_reds(record: SchoolRecord, rulebook: Rulebook) -> list[Check]:
    """The reds that stand on the record alone: vetoes, serious delay, false evidence, relapse."""
    standing = sorted(veto.code for veto in record.vetoes if veto_stands(veto, record.quarter, rulebook))
    named: Inputs = {"vetoes": len(standing), "codes": " ".join(f"V{code}" for code in standing)}
    serious = max((entry.days for entry in record.overdue if entry.severity >= SERIOUS), default=0)
    relapse = rulebook["L1.school.red.relapse"]
    least = int(relapse.parameters.get("severity", "S2").removeprefix("S"))
    times = max((entry.times for entry in record.relapses if entry.severity >= least), default=0)
    return [
        Check("L1.school.veto", bool(standing), Light.RED, f"{len(standing)} >= 1", named),
        more_than(rulebook["L1.school.red.overdue"], "days", Light.RED, "days_overdue_s3_s4", serious),
        some(rulebook["L1.school.red.false_evidence"], Light.RED, "false_evidence", record.false_evidence),
        at_least(relapse, "times", Light.RED, "relapses", times),
    ]
