"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from server.web import api_docs, collector, files, static
from server.web.home import entrance, home, inbox
from server.web.ledgers import analytics, ledgers
from server.web.ledgers import bulk as ledgers_bulk
from server.web.manage import checklists, devices, manage
from server.web.measures import measures
from server.web.rectification import desk, documents, findings
from server.web.rectification import help as rectify_help
from server.web.scorecard import charts, matrix, units
from server.web.visits import feedback, keying, paper, returns, submissions

router = APIRouter(include_in_schema=False)
for part in (
    static,
    collector,
    devices,
    entrance,
    matrix,
    charts,
    home,
    desk,
    inbox,
    ledgers_bulk,
    analytics,
    ledgers,
    manage,
    units,
    submissions,
    files,
    findings,
    measures,
    rectify_help,
    returns,
    checklists,
    documents,
    paper,
    feedback,
    keying,
    api_docs,
):
    router.include_router(part.router)
