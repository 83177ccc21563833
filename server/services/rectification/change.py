"""What a taken step changes in a finding's row: state, limits, level, people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import orjson

from scorecards.lifecycle.engine import Taken
from scorecards.lifecycle.facts import CLOSED_STATES, KEPT
from server.store.findings import Finding

COLUMNS: Final = ("severity", "route", "days", "level", "plan_returns", "extensions", "reopened")
PEOPLE: Final[Mapping[str, str]] = {"checker_id": "rechecker_id", "checked_by": "verified_by_id"}
# Where the limit of the rectification is told to whoever must keep it, and where it is no longer the one told.
TELLING: Final = frozenset({"noticed", "advised", "transferred"})
UNTOLD: Final = frozenset({"open", "reopened"})
HANDED: Final = frozenset({"evidence", "rechecking", "verified", "answered"})


def apply(finding: Finding, taken: Taken, fields: Mapping[str, str], *, by: int | None, day: dt.date) -> None:
    """Put what a step changes into the finding's row."""
    _facts(finding, taken.changes)
    _limits(finding, taken, day)
    _state(finding, taken, day)
    action = taken.step.action
    if action == "issue_notice" and fields.get("responsible", "").strip():
        finding.responsible = fields["responsible"].strip()[:100]
    if action == "recheck":
        finding.checked_on_site = fields.get("method", "") == "site"
    elif taken.after == "reopened":
        finding.checked_on_site = False
    if action in ("submit_plan", "submit_evidence", "answer_consultation"):
        finding.rectifier_id = by
    if action == "answer_consultation":
        finding.department_answer = fields.get("text", "")


def _facts(finding: Finding, changes: Mapping[str, Any]) -> None:
    kept = orjson.loads(finding.facts) | {name: value for name, value in changes.items() if name in KEPT}
    finding.facts = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    for name in COLUMNS:
        if name in changes:
            setattr(finding, name, changes[name])
    for name, column in PEOPLE.items():
        if name in changes:
            setattr(finding, column, changes[name] or None)
    if "department_id" in changes:
        finding.department_id = changes["department_id"] or None


def _limits(finding: Finding, taken: Taken, day: dt.date) -> None:
    if taken.after != taken.before or taken.due is not None:
        finding.step_due_on, finding.step_due_at = taken.due, taken.due_at
    if taken.term is not None:
        finding.due_on = taken.term
        if taken.after in TELLING:
            finding.told_on, finding.original_due_on = day, taken.term
    if taken.after in UNTOLD and taken.before != taken.after:
        finding.told_on = None


def _state(finding: Finding, taken: Taken, day: dt.date) -> None:
    before, after = taken.before, taken.after
    finding.state = after
    if after not in HANDED:
        finding.handed_on = None
    elif finding.handed_on is None:
        finding.handed_on = day
    if after in CLOSED_STATES:
        finding.closed_on = finding.closed_on or day
    elif finding.closed_on is not None:
        finding.closed_on = None
    finding.watch_until = taken.due if after == "watching" and before != "watching" else finding.watch_until
    if after != "watching":
        finding.watch_until = None
    if after == "false":
        finding.false_on = day
    if after == "reopened" and before != "reopened":
        finding.reopened_on = day
