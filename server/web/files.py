"""The files of submissions: pictures small and whole, everything else only as a download."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from PIL import Image, UnidentifiedImageError

from server.doors.dependencies import Read
from server.problems import Problem
from server.store.db import ReadSession
from server.store.reading import work as reading_work
from server.store.submissions import Attachment
from server.web.render import Signed
from server.web.visits.submission_view import PICTURES, visible_submission

THUMB: Final = (324, 243)
MOST_PIXELS: Final = 60_000_000
# Only these are read, whatever the bytes say they are: other readers start programs (EPS) or are seldom tried.
READ: Final = ("JPEG", "PNG", "GIF", "WEBP")
# What Pillow raises for broken pictures; it promises no narrower set.
BROKEN: Final = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    IndexError,
    OverflowError,
)
# A picture is shown, never run: no script, no plug-in, no frame, whatever its bytes are.
LOCKED: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
router = APIRouter(include_in_schema=False)


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition header for a file name in any script."""
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}"


def _file(session: ReadSession, page: Signed, instance_id: str, name: str) -> Attachment:
    found = visible_submission(session, page.viewer, instance_id)
    assert found.submission.id is not None
    files = reading_work.attachments(session, found.submission.id)
    file = next((file for file in files if file.name == name and file.sha256), None)
    if file is None:
        raise Problem("not_found")
    return file


def _headers(file: Attachment, kind: str) -> dict[str, str]:
    return {
        "ETag": f'"{file.sha256}-{kind}"',
        "Cache-Control": "private, max-age=86400",
        "Content-Security-Policy": LOCKED,
        "X-Content-Type-Options": "nosniff",
    }


@router.get("/submissions/{instance_id}/files/{name}")
def whole_file(page: Signed, session: Read, instance_id: str, name: str) -> Response:
    file = _file(session, page, instance_id, name)
    shown = file.content_type in PICTURES
    headers = _headers(file, "whole")
    headers["Content-Disposition"] = disposition("inline" if shown else "attachment", name)
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media_type = file.content_type if shown else "application/octet-stream"
    return FileResponse(_path(page, file), media_type=media_type, headers=headers)


@router.get("/submissions/{instance_id}/thumbs/{name}")
def thumbnail(page: Signed, session: Read, instance_id: str, name: str) -> Response:
    file = _file(session, page, instance_id, name)
    headers = _headers(file, "small")
    if page.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if file.content_type not in PICTURES:
        raise Problem("not_found")
    return Response(small(page.context.blobs.get(file.sha256)), media_type="image/jpeg", headers=headers)


@router.get("/submissions/{instance_id}/xml")
def raw_xml(page: Signed, session: Read, instance_id: str) -> Response:
    found = visible_submission(session, page.viewer, instance_id)
    headers = {
        "Content-Disposition": disposition("attachment", f"{instance_id.replace(':', '-')}.xml"),
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": LOCKED,
    }
    return Response(found.submission.xml, media_type="application/octet-stream", headers=headers)


def _path(page: Signed, file: Attachment) -> str:
    try:
        return str(page.context.blobs.path(file.sha256))
    except KeyError:
        raise Problem("not_found") from None


def small(data: bytes) -> bytes:
    """A small JPEG of a picture. Raises Problem("not_found") for bytes that are none or are absurdly large."""
    try:
        with Image.open(io.BytesIO(data), formats=READ) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Problem("not_found")
            picture.draft("RGB", THUMB)
            small = picture.convert("RGB")
            small.thumbnail(THUMB)
    except BROKEN:
        raise Problem("not_found") from None
    target = io.BytesIO()
    small.save(target, "JPEG", quality=80)
    return target.getvalue()
