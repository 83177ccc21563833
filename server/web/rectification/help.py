"""The picture of a lifecycle, drawn from its table, with the present state marked."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.lifecycle import measures, rectification
from scorecards.lifecycle.diagram import NARROW, WIDE, diagram
from server.problems import Problem
from server.web.files import LOCKED
from server.web.render import AnyPage

TABLES: Final = {table.name: table for table in (rectification.TABLE, measures.TABLE)}
router = APIRouter(include_in_schema=False)


@router.get("/lifecycles/{name}.svg")
def lifecycle(page: AnyPage, name: str, now: str = "", width: str = "") -> Response:
    """Nothing in it is anybody's: who is not signed in sees it too."""
    table = TABLES.get(name)
    if table is None or (now and now not in table.states):
        raise Problem("not_found")
    drawn = diagram(table, language=page.language, current=now, width=NARROW if width == "narrow" else WIDE)
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Vary": "Cookie, Accept-Language",
        "Content-Security-Policy": LOCKED,
    }
    return Response(drawn, media_type="image/svg+xml", headers=headers)
