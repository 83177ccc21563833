"""What a taken step changes in a measure's row, and which mark its unit's card carries for it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import orjson

from scorecards.lifecycle.engine import Taken
from scorecards.lifecycle.measures import KEPT, TABLE
from server.store.cases import MeasureRow

UNDER_REVIEW: Final = "review"
CORRECTED: Final = "corrected"
MARKS: Final = {"appealed": UNDER_REVIEW, "changed": CORRECTED, "withdrawn": CORRECTED, "upheld": ""}


def apply(measure: MeasureRow, taken: Taken, *, by: int | None, day: dt.date, at: dt.datetime) -> None:
    """Put what a step changes into the measure's row."""
    before, after = taken.before, taken.after
    changes = {name: value for name, value in taken.changes.items() if name in KEPT}
    facts = orjson.loads(measure.facts) | changes
    measure.facts = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()
    measure.state, measure.changed_at, measure.steps = after, at, measure.steps + 1
    if after != before or taken.due is not None:
        measure.step_due_on = taken.due
    if after == "decided" and before != "decided":
        measure.decided_on = dt.date.fromisoformat(str(changes.get("decided_on") or day.isoformat()))
        measure.decided_by_id, measure.decision_number = by, str(changes.get("decision", ""))[:100]
    if after == "held" and before != "held":
        measure.held_on = day
    if after == "appealed" and before != "appealed":
        measure.appealed_on = day
    measure.mark = MARKS.get(after, measure.mark) if after != before else measure.mark
    measure.closed_on = (measure.closed_on or day) if TABLE.states[after].closing else None
