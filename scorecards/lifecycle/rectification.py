"""The lifecycle of a finding, from the proposal to the look-back (closed-loop D-2, F0 to F10 and U1 to U3).

The law's order cannot be skipped (教育督导条例 articles 20 to 22): initial opinion, statement or its lapse, notice
with a limit, rectification, verification by others, closing. Small findings (R1) go by advice, those for which a
department is responsible (R4) by consultation; both are verified like all others.

``LIFECYCLE`` is what ``engine.take`` and ``engine.allowed`` run; ``facts.facts`` makes the facts that its rules read.
"""

from __future__ import annotations

from typing import Final

from scorecards.lifecycle import rectification_checks, rectification_guards
from scorecards.lifecycle.build import impartially
from scorecards.lifecycle.engine import Lifecycle
from scorecards.lifecycle.facts import CLOSED_STATES, KEPT, facts
from scorecards.lifecycle.rectification_effects import EFFECTS
from scorecards.lifecycle.rectification_opening import CONFIRMING, HEARING, ISSUING
from scorecards.lifecycle.rectification_states import CHASED, STATES, UNDER_WAY
from scorecards.lifecycle.rectification_verify import CHECKING, CLOSING
from scorecards.lifecycle.rectification_work import CHASING, PLANNING, WORKING
from scorecards.lifecycle.table import Table, Words

_STEPS: Final = (*CONFIRMING, *HEARING, *ISSUING, *PLANNING, *WORKING, *CHASING, *CHECKING, *CLOSING)
TABLE: Final = Table(
    "rectification",
    Words("整改闭环", "Rectification"),
    STATES,
    tuple(impartially(step, unless="checker_independent") for step in _STEPS),
    "proposed",
)
LIFECYCLE: Final = Lifecycle(
    TABLE,
    {**rectification_guards.GUARDS, **rectification_checks.GUARDS},
    EFFECTS,
    rectification_guards.STANDING | rectification_checks.STANDING,
)

__all__ = ["CHASED", "CLOSED_STATES", "KEPT", "LIFECYCLE", "TABLE", "UNDER_WAY", "facts"]
