"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from server.web import (
    api_docs,
    charts,
    checklists,
    entrance,
    files,
    findings,
    home,
    inbox,
    manage,
    matrix,
    returns,
    static,
    submissions,
    units,
)

router = APIRouter(include_in_schema=False)
for part in (
    static,
    entrance,
    matrix,
    charts,
    home,
    inbox,
    manage,
    units,
    submissions,
    files,
    findings,
    returns,
    checklists,
    api_docs,
):
    router.include_router(part.router)
