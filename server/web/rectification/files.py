"""The files of a matter's steps: pictures small and whole, everything else only as a download."""

from __future__ import annotations

from fastapi.responses import FileResponse, Response

from server.problems import Problem
from server.store.cases import CaseFile
from server.web.files import LOCKED, disposition, small
from server.web.render import SignedPage
from server.web.visits.submission_view import PICTURES


def whole(page: SignedPage, file: CaseFile | None) -> Response:
    """A file as it was given. Raises Problem("not_found") for None and for one whose bytes are gone."""
    file, headers = _known(file, "whole")
    shown = file.content_type in PICTURES
    headers["Content-Disposition"] = disposition("inline" if shown else "attachment", file.name)
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        path = page.context.blobs.path(file.sha256)
    except KeyError:
        raise Problem("not_found") from None
    return FileResponse(path, media_type=file.content_type if shown else "application/octet-stream", headers=headers)


def thumb(page: SignedPage, file: CaseFile | None) -> Response:
    """A picture made small. Raises Problem("not_found") for whatever is no picture."""
    file, headers = _known(file, "small")
    if file.content_type not in PICTURES:
        raise Problem("not_found")
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        data = page.context.blobs.get(file.sha256)
    except KeyError:
        raise Problem("not_found") from None
    return Response(small(data), media_type="image/jpeg", headers=headers)


def _known(file: CaseFile | None, kind: str) -> tuple[CaseFile, dict[str, str]]:
    if file is None:
        raise Problem("not_found")
    return file, {
        "ETag": f'"{file.sha256}-{kind}"',
        "Cache-Control": "private, max-age=86400",
        "Content-Security-Policy": LOCKED,
        "X-Content-Type-Options": "nosniff",
    }
