"""The files that pages load, all our own or vendored: addressed by content, kept by browsers for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from server.problems import Problem

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
router = APIRouter(include_in_schema=False)


@cache
def digests() -> dict[str, str]:
    """The start of each servable file's SHA-256 by its path below the folder."""
    files = (path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in files}


def static_url(name: str) -> str:
    """The address of a file, with its content's hash. Raises KeyError if there is no such file."""
    return f"/static/{name}?v={digests()[name]}"


@router.get("/static/{name:path}")
def static_file(request: Request, name: str) -> Response:
    digest = digests().get(name)
    if digest is None:
        raise Problem("not_found")
    named = request.query_params.get("v") == digest
    headers = {
        "ETag": f'"{digest}"',
        "Cache-Control": "public, max-age=31536000, immutable" if named else "public, no-cache",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    path = FOLDER / name
    return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    return static_file(request, "favicon.svg")
