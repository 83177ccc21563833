"""Findings: what must be put right, by whom and by when."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.store import reading_work
from server.web import submission_view
from server.web.render import PageNumber, Signed

PAGE_SIZE = 60
router = APIRouter(include_in_schema=False)


@router.get("/findings")
def finding_list(
    page: Signed,
    session: Read,
    unit: str = "",
    severity: str = "",
    route: str = "",
    state: str = "open",
    overdue: str = "",
    q: str = "",
    number: PageNumber = 1,
) -> Response:
    paths = require_anywhere(page.viewer, "finding.see")
    level, way = (int(text) if text in "1234" and text else 0 for text in (severity, route))
    chosen = "" if state == "all" else state
    wanted = reading_work.FindingFilters(unit, level, way, chosen, overdue == "yes", q.strip())
    number, today = max(1, number), page.context.today()
    total, rows = reading_work.findings(
        session, paths, wanted, today=today, start=(number - 1) * PAGE_SIZE, most=PAGE_SIZE
    )
    return page.show(
        "findings.html",
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        today=today,
        query={"unit": unit, "severity": severity, "route": route, "state": state, "overdue": overdue, "q": q},
    )


@router.get("/findings/{code}")
def finding_page(page: Signed, session: Read, code: str) -> Response:
    paths = require_anywhere(page.viewer, "finding.see")
    row = reading_work.finding(session, paths, code)
    if row is None:
        raise Problem("not_found")
    today = page.context.today()
    try:
        source = submission_view.visible_submission(session, page.viewer, row.instance_id or "")
    except Problem:
        source = None
    return page.show(
        "finding.html",
        row=row,
        finding=row[0],
        today=today,
        photos=submission_view.photos_of(row[0].photos),
        source=source,
        events=reading_work.events_about(session, code),
    )
