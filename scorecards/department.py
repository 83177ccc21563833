"""L3: a department's card from the duties it leads or shares (closed-loop D-3, L3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from forms.meaning import Light
from forms.rulebook import Rulebook
from scorecards.rules import at_least, decide, deciding_rule, otherwise, share_below, some
from scorecards.verdict import Check


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of a department this quarter: a milestone of the task ledger, or an R4 consultation letter (``r4``).

    ``lead`` says whether the department leads it or only shares responsibility. ``due`` within the quarter and
    ``on_time`` make the rate; ``overdue_days`` are those past the due date and still not done, 0 if done.
    """

    code: str
    lead: bool = True
    core: bool = True
    r4: bool = False
    due: bool = True
    on_time: bool = False
    overdue_days: int = 0


@dataclass(frozen=True, slots=True)
class DepartmentCard:
    """A department's card; ``on_time`` of ``due`` are exact weighted sums of duties."""

    light: Light
    rule: str
    checks: tuple[Check, ...]
    on_time: Fraction
    due: Fraction


def department_card(duties: Sequence[Duty], rulebook: Rulebook, *, vetoes: int = 0) -> DepartmentCard:
    """The card of a department from its own duties only.

    A duty it leads weighs 1, one it shares 1/2 (L3.weights). ``vetoes`` counts falsifications and tasks red again
    after a formal talk (L3.department.veto).
    """
    weights = rulebook["L3.weights"]
    lead, shared = weights.fraction("lead"), weights.fraction("responsible")
    due = sum((lead if duty.lead else shared for duty in duties if duty.due), Fraction(0))
    kept = sum((lead if duty.lead else shared for duty in duties if duty.due and duty.on_time), Fraction(0))
    red, yellow = rulebook["L3.department.red"], rulebook["L3.department.yellow"]
    limit = red.number("overdue_days")
    late = [duty for duty in duties if duty.overdue_days > limit]
    core_late = sum(1 for duty in late if duty.core and not duty.r4)
    unanswered = sum(1 for duty in duties if duty.r4 and duty.overdue_days > 0)
    nothing = due == 0 and not any(duty.overdue_days > 0 for duty in duties)
    light, made = decide(
        [
            some(rulebook["L3.department.veto"], Light.RED, "vetoes", vetoes),
            share_below(red, "ontime", Light.RED, ("on_time", kept), ("due", due)),
            at_least(red, "core_overdue", Light.RED, "core_overdue", core_late),
            at_least(red, "r4_overdue", Light.RED, "r4_overdue", unanswered),
            Check("L3.department.grey", nothing, Light.GREY, f"{due} = 0", {"due": str(due)}),
            share_below(yellow, "ontime", Light.YELLOW, ("on_time", kept), ("due", due)),
            at_least(yellow, "overdue", Light.YELLOW, "overdue", len(late)),
            otherwise(rulebook, "L3.department.green", Light.GREEN, {}),
        ]
    )
    return DepartmentCard(light, deciding_rule(made), made, kept, due)
