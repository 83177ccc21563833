"""The analysis of rectification: figures with a table beside each chart, the charts themselves, and a workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from forms.meaning import quarter_name
from scorecards import charts_rectification as charts
from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.store.reading import ledgers as reading_ledgers
from server.web.files import disposition
from server.web.ledgers import analytics_view
from server.web.ledgers import xlsx as ledgers_xlsx
from server.web.ledgers.analytics_view import Analysis, Named
from server.web.ledgers.ledgers import parts, tab_names
from server.web.ledgers.view import Column
from server.web.render import Signed, SignedPage
from server.web.scorecard.charts import LOCKED, WRITERS

router = APIRouter(include_in_schema=False)


@router.get("/ledgers/analysis")
def analysis(page: Signed, session: Read, unit: str = "", quarter: str = "") -> Response:
    built = analytics_view.build(page, session, unit=unit, quarter=quarter)
    paths = require_anywhere(page.viewer, "finding.see")
    places = reading_ledgers.places_in(session, paths, ("town", "department"))
    return page.show(
        "analysis.html",
        a=built,
        given={"unit": unit, "quarter": quarter_name(built.quarter)},
        places=places,
        age_words=lambda row: age_words(page, row),
        tab_names=tab_names(page),
        only_school=page.viewer.roles <= {"school"},
    )


@router.get("/ledgers/analysis/charts/{name}.{kind}")
def chart(page: Signed, session: Read, name: str, kind: str, unit: str = "", quarter: str = "") -> Response:
    if name not in SHOWN or kind not in WRITERS:
        raise Problem("not_found")
    built = analytics_view.build(page, session, unit=unit, quarter=quarter)
    shown = (name, SHOWN[name](built), built.quarter, page.language, kind)
    digest = hashlib.sha256(repr(shown).encode()).hexdigest()[:32]
    headers = {
        "ETag": f'"{digest}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
        "Content-Security-Policy": LOCKED,
        "Content-Disposition": disposition("inline", f"{name}-{quarter_name(built.quarter)}.{kind}"),
    }
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(_drawn(*shown), media_type=WRITERS[kind][1], headers=headers)


def _bars(rows: Sequence[Named]) -> tuple[tuple[str, int, int], ...]:
    return tuple((row.name, row.entry.times, row.entry.found) for row in rows)


SHOWN: Final[dict[str, Callable[[Analysis], tuple[Any, ...]]]] = {
    "closure": lambda built: tuple(built.closures),
    "ages": lambda built: tuple(built.ages),
    "stages": lambda built: tuple(built.stages),
    "items": lambda built: _bars(built.items),
    "schools": lambda built: _bars(built.schools),
}


@lru_cache(maxsize=64)
def _drawn(name: str, rows: tuple[Any, ...], quarter: int, language: str, kind: str) -> bytes:
    if name == "closure":
        figure = charts.closure_chart(rows, language)
    elif name == "ages":
        figure = charts.ages_chart(rows, language)
    elif name == "stages":
        figure = charts.stages_chart(rows, quarter, language)
    else:
        figure = charts.returns_chart(name, rows, quarter, language)
    return WRITERS[kind][0](figure)


@router.get("/ledgers/analysis/xlsx")
def analysis_workbook(page: Signed, session: Read, unit: str = "", quarter: str = "") -> Response:
    built = analytics_view.build(page, session, unit=unit, quarter=quarter)
    where = page.name(built.unit.name, built.unit.name_en) if built.unit else page.t("analysis.everything")
    when = page.quarter_words(built.quarter)
    sheets = [
        (page.t(f"analysis.{name}")[:31], f"{page.t(f'analysis.{name}')} ({where}, {when})", columns, rows)
        for name, columns, rows in _sheets(page, built)
    ]
    name = f"{page.t('ledgers.analysis')}-{quarter_name(built.quarter)}.xlsx"
    headers = {"Content-Disposition": disposition("attachment", name), "Cache-Control": "no-store"}
    return StreamingResponse(parts(ledgers_xlsx.workbook(sheets)), media_type=ledgers_xlsx.TYPE, headers=headers)


def _sheets(page: SignedPage, built: Analysis) -> list[tuple[str, list[Column], Sequence[Any]]]:
    def column(key: str, value: Callable[[Any], Any], width: int = 14) -> Column:
        return Column(page.t(f"analysis.{key}"), width, value)

    came_back = [
        column("found", lambda row: row.entry.found),
        column("came_back", lambda row: row.entry.came_back),
        column("times", lambda row: row.entry.times),
    ]
    return [
        (
            "closure",
            [
                column("quarter", lambda row: quarter_name(row.quarter)),
                *(column(key, lambda row, key=key: getattr(row, key)) for key in ("found", "in_time", "late")),
                *(column(key, lambda row, key=key: getattr(row, key)) for key in ("overdue", "running", "closed")),
            ],
            built.closures,
        ),
        (
            "ages",
            [
                column("age", lambda row: age_words(page, row)),
                column("count", lambda row: row.count),
                column("serious", lambda row: row.serious),
            ],
            built.ages,
        ),
        (
            "stages",
            [
                column("stage", lambda row: page.t(f"analysis.stage.{row.stage}"), 22),
                *(column(key, lambda row, key=key: getattr(row, key)) for key in ("count", "total", "middle")),
                *(column(key, lambda row, key=key: getattr(row, key)) for key in ("most_took", "longest")),
            ],
            built.stages,
        ),
        (
            "items",
            [column("item", lambda row: row.name, 40), column("code", lambda row: row.code), *came_back],
            built.items,
        ),
        (
            "schools",
            [column("school", lambda row: row.name, 30), column("code", lambda row: row.code), *came_back],
            built.schools,
        ),
        (
            "on_site",
            [
                column("severity", lambda row: page.t(f"severity.{row.severity}")),
                column("closed", lambda row: row.closed),
                column("verified", lambda row: row.on_site),
            ],
            built.on_site,
        ),
    ]


def age_words(page: SignedPage, row: Any) -> str:
    """The days that an age spans."""
    if row.last is None:
        return page.t("analysis.age.more", first=row.first)
    return page.t("analysis.age.days", first=row.first, last=row.last)
