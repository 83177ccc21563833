"""The web collector's own files, as they were built: a page, its assets and its service worker."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from server.problems import Problem

DIST: Final = Path(__file__).parents[1] / "collector" / "dist"
TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".md": "text/plain; charset=utf-8",
}
# Nothing inline, nothing evaluated, nobody else's server; blob: and data: are the phone's own photos and icons.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
router = APIRouter(include_in_schema=False)


@router.get("/collect")
def without_slash(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/collect/{query}", 308)


@router.get("/collect/{name:path}")
def collector_file(request: Request, name: str) -> Response:
    """A file of the collector. Assets carry their content's hash in their name, so browsers may keep them for good."""
    name = name or "index.html"
    found = files().get(name)
    if found is None:
        raise Problem("not_found")
    headers = {
        "Content-Security-Policy": POLICY,
        "Vary": "Accept-Encoding",
        "Cache-Control": "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache",
    }
    if name == "sw.js":
        headers["Service-Worker-Allowed"] = "/collect/"
    path = DIST / name
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        if encoding in _encodings(request) and ending in found:
            headers["Content-Encoding"] = encoding
            path = path.with_name(path.name + ending)
            break
    answer = FileResponse(path, media_type=TYPES[Path(name).suffix], headers=headers, stat_result=path.stat())
    # Starlette makes an ETag of size and time; an unchanged file costs a phone no bytes.
    if answer.headers["etag"] == request.headers.get("if-none-match"):
        return Response(status_code=304, headers={**headers, "ETag": answer.headers["etag"]})
    return answer


def _encodings(request: Request) -> set[str]:
    offered = request.headers.get("accept-encoding", "").split(",")
    return {part.partition(";")[0].strip() for part in offered if "q=0" not in part.replace(" ", "").split(";")[1:]}


def files() -> dict[str, frozenset[str]]:
    """Every servable file and the endings of its compressed twins; read again when the collector was built anew."""
    stamp = DIST / "index.html"
    return _files(stamp.stat().st_mtime_ns) if stamp.is_file() else {}


@cache
def _files(_built: int) -> dict[str, frozenset[str]]:
    names = {path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file()}
    return {
        name: frozenset(ending for ending in (".br", ".gz") if name + ending in names)
        for name in names
        if Path(name).suffix in TYPES
    }
