"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from server.web import entrance, matrix, static

router = APIRouter(include_in_schema=False)
for part in (static, entrance, matrix):
    router.include_router(part.router)
