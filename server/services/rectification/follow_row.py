"""A finding's first row, from what the rules propose or from what somebody opens by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from forms.meaning import quarter_of
from scorecards.deadlines import add_calendar_days, add_working_days
from scorecards.findings import FOOTER_FACT, ROUTE_OF_SEVERITY, ProposedFinding
from scorecards.lifecycle.engine import Refusal
from server.problems import Problem
from server.security.permissions import may
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.rectification.case import named_department, place_of, today_of
from server.services.rectification.rectify import refused
from server.services.work_calendar import calendar_of
from server.store import findings as store
from server.store.db import WriteSession
from server.store.events import record
from server.store.findings import Finding
from server.store.submissions import Submission
from server.store.units import Unit

BY_HAND: Final = "hand"
EPOCH: Final = dt.date(1970, 1, 1)
R4: Final = 4
S4: Final = 4
LONGEST_TITLE: Final = 60


def finding_code(unit: str, item: str, found_on: dt.date, repeat_index: int = 0) -> str:
    """The number that people quote: ``S012-f01_a02-260315``, with ``-2`` for the second instance of a repeat."""
    return f"{unit}-{item}-{found_on:%y%m%d}" + (f"-{repeat_index}" if repeat_index else "")


def from_proposal(
    submission: Submission, unit: Unit, finding: ProposedFinding, department: int | None, *, at: dt.datetime
) -> dict[str, Any]:
    """The row of a finding that the rules propose."""
    found_on = EPOCH + dt.timedelta(days=submission.observed_on)
    # The footer's question asks for the fact: a finding is named by what was found, not by the question.
    title = finding.fact[:LONGEST_TITLE] if finding.item == FOOTER_FACT else ""
    return {
        "code": finding_code(unit.code, finding.item, found_on, finding.repeat_index),
        "unit_id": unit.id,
        "department_id": department,
        "submission_id": submission.id,
        "quarter": submission.quarter,
        "item": finding.item,
        "repeat_index": finding.repeat_index,
        "title": title or finding.labels.get("zh") or finding.fact,
        "title_en": "" if title else finding.labels.get("en", ""),
        "fact": finding.fact,
        "indicators": " ".join(finding.indicators),
        "light": int(finding.light),
        "severity": finding.severity,
        "original_severity": finding.severity,
        "route": finding.route,
        "days": finding.days,
        "veto": finding.veto,
        "found_on": found_on,
        "due_on": finding.due.due,
        "photos": orjson.dumps(list(finding.photos)).decode(),
        "state": "proposed",
        "created_at": at,
    }


def open_by_hand(
    session: WriteSession,
    context: Context,
    unit: Unit,
    *,
    title: str,
    fact: str = "",
    severity: int,
    route: int = 0,
    days: int = 0,
    department: int = 0,
    indicators: Sequence[str] = (),
    found_on: dt.date | None = None,
    by: Viewer,
    at: dt.datetime,
) -> Finding:
    """A finding that no checklist holds, opened by an inspector or the office of the unit; it is confirmed like any.

    ``route`` and ``days`` 0 take the severity's. Raises Problem: "not_found" for a unit out of sight,
    "auth.forbidden", "step.refused" for what was filled in wrongly (field.title, field.severity, field.route,
    field.days, field.found_on, field.department).
    """
    _may_open(by, unit)
    today = today_of(at, context.settings.zone)
    place = place_of(session, unit.path)
    found_on = found_on or today
    route = route or ROUTE_OF_SEVERITY.get(severity, 0)
    days = days or place.settings.get(f"S{severity}.days", 0)
    given = {"title": title, "severity": severity, "route": route, "days": days, "found_on": found_on}
    _check(given, today, most=place.settings.get("S.long.days", 90))
    wrong = named_department(session, str(department or ""), place)
    if wrong is not None:
        raise refused(wrong)
    calendar = calendar_of(session)
    due = add_calendar_days(found_on, days) if severity == S4 else add_working_days(found_on, days, calendar)
    finding = Finding(
        code=_free_code(session, unit.code, found_on),
        unit_id=unit.id,
        department_id=(department or None) if route == R4 else None,
        quarter=quarter_of(found_on),
        item=BY_HAND,
        title=title.strip()[:500],
        fact=fact.strip()[:2000],
        indicators=" ".join(indicators)[:500],
        severity=severity,
        original_severity=severity,
        route=route,
        days=days,
        found_on=found_on,
        due_on=due.due,
        opened_by_id=by.person_id,
        created_at=at,
    )
    session.add(finding)
    session.flush()
    _record_opened(session, finding, place.project_id, by=by, at=at)
    return finding


def _may_open(by: Viewer, unit: Unit) -> None:
    if not may(by, "unit.see", unit.path):
        raise Problem("not_found")
    if not may(by, "finding.open", unit.path):
        raise Problem("auth.forbidden")


def _record_opened(session: WriteSession, finding: Finding, project: int, *, by: Viewer, at: dt.datetime) -> None:
    record(
        session,
        "finding.opened",
        subject=finding.code,
        by=by.person_id,
        at=at,
        pending=True,
        project=project,
        unit=finding.unit_id,
        quarter=finding.quarter,
    )


def _check(given: Mapping[str, Any], today: dt.date, *, most: int) -> None:
    """Raises Problem("step.refused") for the first field that is wrong."""
    wrong = {
        "title": (not str(given["title"]).strip(), "请写明发现了什么问题。", "Say what was found."),
        "severity": (given["severity"] not in (1, 2, 3, 4), "请选择严重度。", "Choose the severity."),
        "route": (given["route"] not in (1, 2, 3, 4), "请选择处置路线。", "Choose the route."),
        "days": (
            not 1 <= given["days"] <= most,
            f"整改天数须在1至{most}之间。",
            f"The days to rectify lie between 1 and {most}.",
        ),
        "found_on": (
            not today - dt.timedelta(days=366) <= given["found_on"] <= today,
            "发现日期须在过去一年内。",
            "It was found within the last year.",
        ),
    }
    for name, (is_wrong, zh, en) in wrong.items():
        if is_wrong:
            raise refused(Refusal(f"field.{name}", zh, en))


def _free_code(session: WriteSession, unit: str, found_on: dt.date) -> str:
    code, number = finding_code(unit, BY_HAND, found_on), 1
    while store.with_code(session, code) is not None:
        number += 1
        code = finding_code(unit, BY_HAND, found_on, number)
    return code
