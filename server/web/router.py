"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from server.web import entrance, files, findings, home, matrix, returns, static, submissions, units

router = APIRouter(include_in_schema=False)
for part in (static, entrance, matrix, units, submissions, files, findings, home, returns):
    router.include_router(part.router)
