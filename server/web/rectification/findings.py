"""Findings: what must be put right, by whom and by when; each with its whole story and the steps open to its reader."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from scorecards.lifecycle.rectification import TABLE
from server.doors.dependencies import Read
from server.security.permissions import require_anywhere
from server.services.rectification import follow_row, rectify
from server.store.db import ReadSession, WriteSession
from server.store.findings import Finding
from server.store.reading import cases as reading_cases
from server.store.reading import lights as reading
from server.store.reading.ledgers import ENDED
from server.web.ledgers import query as ledgers_query
from server.web.navigation import LEDGER
from server.web.posted import Posted, field
from server.web.reach import visible_unit
from server.web.rectification import files as rectify_files
from server.web.rectification import steps as rectify_steps
from server.web.rectification import view as rectify_view
from server.web.rectification.form import StepForm, StepPosted
from server.web.render import RowId, Signed, SignedPage, with_query

# What the list could be asked for, and its states as the ledger names them: what is open is the ledger's default.
KEPT: Final = ("unit", "severity", "route", "overdue", "q")
STATES: Final = {"open": "", "closed": ENDED, "": "all"}
BLANK: Final = dict.fromkeys(("unit", "title", "fact", "severity", "route", "department", "days"), "")
NEEDED: Final = ("unit", "title", "fact", "severity")
LABELS: Final = {"title": "hand.title.field"}
NUMBERS: Final = ("severity", "route", "department", "days")
router = APIRouter(include_in_schema=False)


@router.get("/findings")
def finding_list(page: Signed, state: str = "open") -> Response:
    """The list that stood here is a ledger now; addresses that people kept lead to the same findings there."""
    require_anywhere(page.viewer, "finding.see")
    given = {name: page.request.query_params.get(name, "") for name in KEPT}
    asked = ledgers_query.read("rectification", {**given, "state": STATES.get(state, state)})
    return RedirectResponse(with_query(LEDGER, **asked.given), 303)


@router.get("/findings/new")
def new_finding(page: Signed, session: Read, unit: str = "") -> Response:
    return _new(page, session, {**BLANK, "unit": unit}, {})


@router.post("/findings/new")
def enter_finding(page: Signed, form: Posted) -> Response:
    """A finding that no checklist holds; what is wrong is said at its field and nothing typed is lost."""
    values = {name: field(form, name) for name in BLANK}
    problems = {
        name: page.t("step.missing", label=page.t(LABELS.get(name, f"hand.{name}")))
        for name in NEEDED
        if not values[name]
    }
    if not problems:
        code, problems = rectify_steps.entered(page, lambda session: _open(page, session, values).code, BLANK)
        if code:
            return page.go(f"/findings/{quote(code, safe='')}", done="hand")
    with page.context.database.read() as reading:
        return _new(page, reading, values, problems)


def _open(page: SignedPage, session: WriteSession, values: dict[str, str]) -> Finding:
    unit = visible_unit(session, page.viewer, values["unit"], "finding.open")
    numbers = {name: int(values[name]) if values[name].isascii() and values[name].isdigit() else 0 for name in NUMBERS}
    return follow_row.open_by_hand(
        session,
        page.context,
        unit,
        title=values["title"],
        fact=values["fact"],
        severity=numbers["severity"],
        route=numbers["route"],
        days=numbers["days"],
        department=numbers["department"],
        by=page.viewer,
        at=page.context.clock(),
    )


def _new(page: SignedPage, session: ReadSession, values: dict[str, str], problems: dict[str, str]) -> Response:
    paths = require_anywhere(page.viewer, "finding.open")
    return page.show(
        "finding_new.html",
        status=422 if problems else 200,
        values=values,
        problems=problems,
        schools=reading.find_units(session, paths, kind="school"),
        departments=reading_cases.departments_around(session, max(paths, key=len)),
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

    def build(again: ReadSession, back: StepForm | None) -> object:
        return rectify_view.build(page, again, rectify_view.seen(page, again, code), back=back)

    matter = rectify_steps.Taking(
        TABLE, found.steps, found.url, options, found.finding, rectify.act, "finding.html", build
    )
    return rectify_steps.take(page, matter, action, form)


@router.get("/findings/{code}/files/{file_id}")
def finding_file(page: Signed, session: Read, code: str, file_id: RowId) -> Response:
    number = rectify_view.finding_id(page, session, code)
    return rectify_files.whole(page, reading_cases.file_of(session, file_id, finding_id=number))


@router.get("/findings/{code}/thumbs/{file_id}")
def finding_thumb(page: Signed, session: Read, code: str, file_id: RowId) -> Response:
    number = rectify_view.finding_id(page, session, code)
    return rectify_files.thumb(page, reading_cases.file_of(session, file_id, finding_id=number))
