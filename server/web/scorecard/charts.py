"""Charts to look at, print and download: drawn from the same rows as the pages, kept by what they show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from forms.meaning import Light, quarter_name
from scorecards import canvas, charts
from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.web.files import disposition
from server.web.reach import visible_unit
from server.web.render import Signed, SignedPage
from server.web.scorecard import matrix_view, unit_view
from server.web.scorecard.matrix import quarter_or_none
from server.web.scorecard.matrix_view import Matrix
from server.web.scorecard.unit_view import UnitPage

WRITERS: Final = {"svg": (canvas.to_svg, "image/svg+xml"), "png": (canvas.to_png, "image/png")}
LOCKED: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
router = APIRouter(include_in_schema=False)


@router.get("/charts/{name}.{kind}")
def district_chart(
    page: Signed, session: Read, name: str, kind: str, district: str = "", quarter: str = ""
) -> Response:
    makers: dict[str, Callable[[SignedPage, Matrix], tuple[Any, ...]]] = {
        "distribution": _distribution,
        "trend": _trend,
        "matrix": _matrix,
    }
    if name not in makers or kind not in WRITERS:
        raise Problem("not_found")
    reach, today = require_anywhere(page.viewer, "matrix.see"), page.context.today()
    scope = matrix_view.find_scope(session, reach, district=district, quarter=quarter_or_none(quarter), today=today)
    built = matrix_view.build(session, scope, matrix_view.Filters(whole=True), today)
    return _answer(page, kind, f"{name}-{quarter_name(scope.quarter)}", (name, *makers[name](page, built)))


@router.get("/units/{code}/charts/dimensions.{kind}")
def unit_chart(page: Signed, session: Read, code: str, kind: str, quarter: str = "") -> Response:
    unit = visible_unit(session, page.viewer, code)
    if kind not in WRITERS or unit.kind != "school":
        raise Problem("not_found")
    built = unit_view.build(session, unit, quarter_or_none(quarter), page.context.today())
    return _answer(page, kind, f"{unit.code}-{quarter_name(built.quarter)}", _dimensions(page, built))


def _distribution(page: SignedPage, built: Matrix) -> tuple[Any, ...]:
    towns = tuple(
        (page.name(town.name, town.name_en), tuple(sorted(built.town_counts.get(town.id, {}).items())))
        for town in built.towns
    )
    return towns, built.scope.quarter


def _trend(page: SignedPage, built: Matrix) -> tuple[Any, ...]:
    return tuple((quarter, tuple(sorted(counted.items()))) for quarter, counted in built.trend), 0


def _matrix(page: SignedPage, built: Matrix) -> tuple[Any, ...]:
    names = {town.id: page.name(town.name, town.name_en) for town in built.towns}
    rows = tuple(
        (
            names.get(row.town or 0, ""),
            page.name(row.name, row.name_en),
            row.light,
            tuple(row.dimensions.get(code, int(Light.GREY)) for code in built.dimensions),
        )
        for row in built.shown
    )
    labels = tuple(page.label(labels, code) for code, labels in built.dimensions.items())
    return (rows, labels), built.scope.quarter


def _dimensions(page: SignedPage, built: UnitPage) -> tuple[Any, ...]:
    bars = []
    for code, labels, light, rows in built.dimensions:
        counted = tuple((shown, sum(1 for row in rows if row.light == shown)) for shown in (3, 2, 1, 4, 0))
        bars.append((page.label(labels, code), light, counted))
    return "dimensions", (page.name(built.unit.name, built.unit.name_en), tuple(bars)), built.quarter


def _answer(page: SignedPage, kind: str, name: str, shown: tuple[Any, ...]) -> Response:
    """The chart, or 304 where the reader has it: its ETag is the hash of what it shows."""
    digest = hashlib.sha256(repr((shown, page.language, kind)).encode()).hexdigest()[:32]
    headers = {
        "ETag": f'"{digest}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Language",
        "Content-Security-Policy": LOCKED,
        "Content-Disposition": disposition("inline", f"{name}.{kind}"),
    }
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(_drawn(shown, page.language, kind), media_type=WRITERS[kind][1], headers=headers)


@lru_cache(maxsize=64)
def _drawn(shown: tuple[Any, ...], language: str, kind: str) -> bytes:
    name, content, quarter = shown
    if name == "distribution":
        rows = [(town, _lights(counted)) for town, counted in content]
        figure = charts.distribution_chart(rows, quarter, language)
    elif name == "trend":
        figure = charts.trend_chart([(number, _lights(counted)) for number, counted in content], language)
    elif name == "matrix":
        schools = [
            charts.MatrixRow(town, school, Light(light), tuple(Light(number) for number in dimensions))
            for town, school, light, dimensions in content[0]
        ]
        figure = charts.matrix_chart(schools, content[1], quarter, language)
    else:
        bars = [charts.DimensionBar(label, Light(light), _lights(counted)) for label, light, counted in content[1]]
        figure = charts.dimensions_chart(content[0], bars, quarter, language)
    return WRITERS[kind][0](figure)


def _lights(counted: tuple[tuple[int, int], ...]) -> dict[Light, int]:
    return {Light(light): number for light, number in counted}
