"""The leading group's home: the quarter's schools by dimension, in lights."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from forms.meaning import parse_quarter
from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.web.render import PageNumber, Signed
from server.web.scorecard import matrix_view

router = APIRouter(include_in_schema=False)


def quarter_or_none(text: str) -> int | None:
    """A quarter from a query, None for "". Raises Problem("quarter.invalid")."""
    try:
        return parse_quarter(text) if text.strip() else None
    except ValueError:
        raise Problem("quarter.invalid", text=text) from None


@router.get("/matrix")
def matrix(
    page: Signed,
    session: Read,
    district: str = "",
    quarter: str = "",
    town: str = "",
    stage: str = "",
    light: str = "",
    q: str = "",
    sort: str = "town",
    number: PageNumber = 1,
    size: str = "",
) -> Response:
    reach = require_anywhere(page.viewer, "matrix.see")
    today = page.context.today()
    scope = matrix_view.find_scope(session, reach, district=district, quarter=quarter_or_none(quarter), today=today)
    filters = matrix_view.Filters(town, stage, light, q.strip(), sort, max(1, number), size == "all")
    built = matrix_view.build(session, scope, filters, today)
    return page.show("matrix.html", m=built, s=scope, f=filters)
