"""A unit's page and the explanation of its lights."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from forms.meaning import parse_quarter
from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import may, reach
from server.web.measures import measures_view
from server.web.reach import visible_unit
from server.web.render import Signed
from server.web.scorecard import explain_view, unit_view
from server.web.scorecard.matrix import quarter_or_none

router = APIRouter(include_in_schema=False)


def quarter_named(text: str) -> int:
    """A quarter in a path. Raises Problem("not_found")."""
    try:
        return parse_quarter(text)
    except ValueError:
        raise Problem("not_found") from None


@router.get("/units/{code}")
def unit_page(page: Signed, session: Read, code: str, quarter: str = "") -> Response:
    unit = visible_unit(session, page.viewer, code)
    within = reach(page.viewer, "card.see")
    built = unit_view.build(session, unit, quarter_or_none(quarter), page.context.today(), within)
    above = [entry for entry in built.above if may(page.viewer, "card.see", entry.path)]
    marks = measures_view.marks(page, session, unit, built.quarter)
    return page.show("unit.html", u=built, unit=unit, above=above, today=page.context.today(), marks=marks)


@router.get("/units/{code}/explain/{quarter}")
def explain_unit(page: Signed, session: Read, code: str, quarter: str) -> Response:
    unit = visible_unit(session, page.viewer, code, whole=True)
    return page.show("explain.html", e=explain_view.explain_unit(session, unit, quarter_named(quarter)), unit=unit)


@router.get("/units/{code}/explain/{quarter}/dimension/{dimension}")
def explain_dimension(page: Signed, session: Read, code: str, quarter: str, dimension: str) -> Response:
    unit = visible_unit(session, page.viewer, code, whole=True)
    built = explain_view.explain_dimension(session, unit, quarter_named(quarter), dimension)
    return page.show("explain.html", e=built, unit=unit)


@router.get("/units/{code}/explain/{quarter}/indicator/{indicator}")
def explain_indicator(page: Signed, session: Read, code: str, quarter: str, indicator: str) -> Response:
    unit = visible_unit(session, page.viewer, code, whole=True)
    built = explain_view.explain_indicator(session, unit, quarter_named(quarter), indicator)
    return page.show("explain.html", e=built, unit=unit)
