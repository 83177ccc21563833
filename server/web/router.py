"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from server.web import (
    analytics,
    api_docs,
    charts,
    checklists,
    collector,
    desk,
    devices,
    documents,
    entrance,
    feedback,
    files,
    findings,
    home,
    inbox,
    keying,
    ledgers,
    ledgers_bulk,
    manage,
    matrix,
    measures,
    paper,
    rectify_help,
    returns,
    static,
    submissions,
    units,
)

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
