"""What the rules of rectification know about a finding besides its state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

CLOSED_STATES: Final = frozenset({"closed", "watching", "archived", "withdrawn", "merged"})
PASSING: Final = frozenset({"done", "mostly"})
ON_SITE: Final = "site"
DEPARTMENT_ROUTE: Final = 4
MOST_SEVERE: Final = 4

# Facts that only steps write: what ``Taken.changes`` gave is kept and given back at the next step, as plain JSON.
KEPT: Final[Mapping[str, Any]] = {
    "heard": "",  # how the school was heard: "agreed", "lapsed", "answered"; "" not yet
    "acknowledged": False,  # the receipt for the last letter
    "level": 0,  # 0 none, 1 reminded (blue), 2 urged (orange), 3 supervised (red)
    "chase_by": "",  # the day (ISO 8601) that the last urging or supervision set
    "handling_by": "",  # S4: the moment (ISO 8601) by which the handling is to be reported; "" none or reported
    "term_days": 0,  # the limit in days as first set, of which an extension may be half
    "plan_returns": 0,
    "evidence_returns": 0,  # evidence sent back, or a re-check failed
    "extensions": 0,  # asked for so far
    "extension_asked": 0,  # days asked for and not yet decided
    "answer": "",  # R4: "take_on" or "decline"
    "answer_due": "",  # R4: the day (ISO 8601) by which the department will have done it
    "checker_id": 0,  # the person to whom the re-check is assigned
    "verdict": "",  # of the last re-check: done, mostly, undone, false
    "checked_by": 0,
    "false_evidence": False,  # ever; only reopening and closing leave it standing
    "reopened": 0,
}


def facts(
    *,
    severity: int = 2,
    route: int = 2,
    days: int = 0,
    responsible: frozenset[int] = frozenset(),
    involved: frozenset[int] = frozenset(),
    department_id: int = 0,
    finder_id: int = 0,
    candidate_units: frozenset[int] = frozenset(),
    drawn_on_site: bool = False,
    turn_due: dt.date | None = None,
    term_on: dt.date | None = None,
    closed_on: dt.date | None = None,
    **kept: Any,
) -> dict[str, Any]:
    """The facts of a finding for ``Case.facts``.

    severity, route: 1-4. days: the item's own limit, 0 for its severity's (S.item_days).
    responsible: the unit that must rectify (the school; on route R4 the department) and those above it at which its
    people may hold their role. involved: the same of school and department together; nobody of these may re-check.
    department_id: the department's unit, 0 for none. finder_id: the person who found it.
    candidate_units: the units of the person whom ``assign_recheck`` names. drawn_on_site: drawn for a visit (20 %).
    turn_due, term_on: the limits that ``Taken.due`` and ``Taken.term`` last gave. closed_on: when it was closed.
    kept: what earlier steps changed (``KEPT``); of the others, ``changes`` may hold new values of severity, route, days
    and department_id, for the finding's own columns. Raises KeyError for a name that no step writes.
    """
    unknown = kept.keys() - KEPT.keys()
    if unknown:
        raise KeyError(f"no step writes {sorted(unknown)}")
    return {
        "severity": severity,
        "route": route,
        "days": days,
        "responsible": responsible,
        "involved": involved or responsible,
        "department_id": department_id,
        "finder_id": finder_id,
        "candidate_units": candidate_units,
        "drawn_on_site": drawn_on_site,
        "turn_due": turn_due,
        "term_on": term_on,
        "closed_on": closed_on,
        **KEPT,
        **kept,
    }
