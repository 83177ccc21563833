"""The ledgers: rectification, consultations (R4), interviews and measures, and the board of what is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from scorecards.lifecycle.measures import KINDS
from scorecards.lifecycle.measures import TABLE as MEASURES
from scorecards.lifecycle.rectification import TABLE
from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.security.permissions import reach, require_anywhere
from server.services.rectification import ledger_views
from server.store import saved_views
from server.store.reading import ledgers as store
from server.store.reading import overdue as reading_overdue
from server.web.files import disposition
from server.web.ledgers import view as ledgers_view
from server.web.ledgers import xlsx as ledgers_xlsx
from server.web.ledgers.query import LEDGERS, TURNS, Asked, read, read_query
from server.web.navigation import LEDGER
from server.web.posted import Posted, field
from server.web.render import RowId, Signed, SignedPage

PAGE_SIZE: Final = 50
BOARD: Final = 40
PART: Final = 65_536
router = APIRouter(include_in_schema=False)


@router.get("/ledgers")
def ledgers(page: Signed) -> Response:
    return RedirectResponse(LEDGER, 303)


def tab_names(page: SignedPage) -> list[str]:
    """The ledgers that this reader may open, in the order of the tabs."""
    names = ("rectification", "overdue", "consultations", "measures", "analysis")
    return [name for name in names if name != "measures" or reach(page.viewer, "measure.see")]


def asked_of(page: SignedPage, ledger: str) -> tuple[Asked, Sequence[str]]:
    """What is asked of a ledger, and below which units. Raises Problem: not_found, auth.forbidden."""
    if ledger not in LEDGERS:
        raise Problem("not_found")
    paths = require_anywhere(page.viewer, "measure.see" if ledger == "measures" else "finding.see")
    return read(ledger, dict(page.request.query_params)), paths


@router.get("/ledgers/{ledger}")
def ledger_page(page: Signed, session: Read, ledger: str) -> Response:
    asked, paths = asked_of(page, ledger)
    start = (asked.number - 1) * PAGE_SIZE
    if ledger == "measures":
        total, rows = ledgers_view.measures(page, session, asked, start=start, most=PAGE_SIZE)
        return _show(page, session, asked, paths, "ledger_measures.html", total, rows=rows, view=ledgers_view)
    today = page.context.today()
    total = store.count_findings(session, paths, asked.findings, today)
    ids = store.finding_ids(session, paths, asked.findings, asked.order, today, start=start, most=PAGE_SIZE)
    lines = list(ledgers_view.finding_lines(page, session, ids))
    board = _board(page, session, paths) if ledger == "overdue" else None
    return _show(page, session, asked, paths, "ledger.html", total, lines=lines, board=board)


def _show(
    page: SignedPage,
    session: Read,
    asked: Asked,
    paths: Sequence[str],
    template: str,
    total: int,
    **values: Any,
) -> Response:
    number, pages = asked.number, max(1, -(-total // PAGE_SIZE))
    kinds = ("town",) if asked.ledger == "measures" else ("town", "department")
    places = store.places_in(session, paths, kinds, also=asked.findings.unit)
    return page.show(
        template,
        asked=asked,
        ledger=asked.ledger,
        given={**asked.given},
        total=total,
        number=number,
        pages=pages,
        places=places,
        inspectors=store.inspectors_in(session, paths) if asked.further else (),
        states=(MEASURES if asked.ledger == "measures" else TABLE).states,
        kinds=KINDS,
        turns=TURNS,
        tab_names=tab_names(page),
        views=saved_views.views_of(session, page.viewer.person_id, asked.ledger),
        only_school=page.viewer.roles <= {"school"},
        **values,
    )


def _board(page: SignedPage, session: Read, paths: Sequence[str]) -> dict[str, Any]:
    today = page.context.today()
    units = reading_overdue.overdue_by_unit(session, paths, today)
    return {
        "levels": reading_overdue.overdue_by_level(session, paths, today),
        "units": units[:BOARD],
        "count": len(units),
        "more": max(0, len(units) - BOARD),
    }


@router.get("/ledgers/{ledger}/xlsx")
def ledger_workbook(page: Signed, session: Read, ledger: str) -> Response:
    asked, paths = asked_of(page, ledger)
    columns, rows = ledgers_view.columns_and_rows(page, session, asked, paths)
    name, day = page.t(f"ledgers.{ledger}"), page.context.today()
    title = page.t("ledger.sheet", name=name, day=day, who=page.viewer.name)
    book = ledgers_xlsx.workbook([(name[:31], title, columns, rows)])
    headers = {"Content-Disposition": disposition("attachment", f"{name}-{day}.xlsx"), "Cache-Control": "no-store"}
    return StreamingResponse(parts(book), media_type=ledgers_xlsx.TYPE, headers=headers)


def parts(book: BinaryIO) -> Iterator[bytes]:
    """A file piece by piece, closed at its end."""
    with book:
        while part := book.read(PART):
            yield part


@router.post("/ledgers/{ledger}/views")
def keep_view(page: Signed, session: Write, form: Posted, ledger: str) -> Response:
    if ledger not in LEDGERS:
        raise Problem("not_found")
    require_anywhere(page.viewer, "measure.see" if ledger == "measures" else "finding.see")
    asked = read_query(ledger, field(form, "query"))
    by, at = page.viewer.person_id, page.context.clock()
    ledger_views.keep(session, person_id=by, ledger=ledger, name=field(form, "name"), query=asked.query, by=by, at=at)
    return page.go(f"/ledgers/{ledger}" + (f"?{asked.query}" if asked.query else ""), done="view_kept")


@router.post("/ledgers/views/{view_id}/forget")
def forget_view(page: Signed, session: Write, form: Posted, view_id: RowId) -> Response:
    by, at = page.viewer.person_id, page.context.clock()
    ledger = ledger_views.forget(session, person_id=by, view_id=view_id, by=by, at=at)
    return page.go(f"/ledgers/{quote(ledger, safe='')}", done="view_forgotten")
