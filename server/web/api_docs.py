"""The API's own documentation, from files of this server only."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from server.web.render import AnyPage

# Swagger UI sets styles on its elements; scripts still come from this server's files only.
CONTENT_SECURITY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
def api_docs(page: AnyPage) -> Response:
    shown = page.show("api_docs.html")
    shown.headers["Content-Security-Policy"] = CONTENT_SECURITY
    return shown
