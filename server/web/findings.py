"""Findings: what must be put right, by whom and by when; each with its whole story and the steps open to its reader."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.lifecycle.rectification import TABLE
from server.doors.dependencies import Read
from server.security.permissions import require_anywhere
from server.services import rectify
from server.store import reading_cases, reading_work
from server.store.db import WriteSession
from server.store.findings import Finding
from server.web import rectify_files, rectify_steps, rectify_view
from server.web.rectify_form import StepPosted, Typed
from server.web.render import PageNumber, RowId, Signed

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
def finding_page(page: Signed, session: Read, code: str, taken: str = "") -> Response:
    found = rectify_view.seen(page, session, code)
    return page.show("finding.html", m=rectify_view.build(page, session, found, taken=taken), back=rectify_steps.Back())


@router.post("/findings/{code}/steps/{action}")
def take_step(page: Signed, form: StepPosted, code: str, action: str) -> Response:
    """Take a step; a refused one shows why at its field and keeps what was entered."""
    with page.context.database.read() as session:
        found = rectify_view.seen(page, session, code)
        options = rectify_view.options_of(page, session, found)

    def act(writing: WriteSession, typed: Typed, seen: int | None) -> object:
        finding = writing.get_one(Finding, found.finding.id)
        by, at = page.viewer, page.context.clock()
        files = typed.uploads()
        return rectify.act(
            writing, page.context, finding, action, by=by, at=at, fields=typed.fields, files=files, seen=seen
        )

    def show(back: rectify_steps.Back) -> Response:
        with page.context.database.read() as again:
            now = rectify_view.seen(page, again, code)
            built = rectify_view.build(page, again, now, back=back.form)
            return page.show("finding.html", status=back.status, m=built, back=back)

    matter = rectify_steps.Taking(TABLE, found.steps, found.url, options, found.finding.steps, act, show)
    return rectify_steps.take(page, matter, action, form)


@router.get("/findings/{code}/files/{file_id}")
def finding_file(page: Signed, session: Read, code: str, file_id: RowId) -> Response:
    number = rectify_view.finding_id(page, session, code)
    return rectify_files.whole(page, reading_cases.file_of(session, file_id, finding_id=number))


@router.get("/findings/{code}/thumbs/{file_id}")
def finding_thumb(page: Signed, session: Read, code: str, file_id: RowId) -> Response:
    number = rectify_view.finding_id(page, session, code)
    return rectify_files.thumb(page, reading_cases.file_of(session, file_id, finding_id=number))
