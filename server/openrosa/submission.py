"""HEAD and POST submission. A POST is answered 201 only after its commit: the phone forgets what it has sent."""

from __future__ import annotations

from asyncio import wrap_future
from contextlib import suppress

import anyio
from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from server.doors.answers import openrosa_message
from server.doors.dependencies import context_of, language_of
from server.openrosa.answering import access_of, headers_of, openrosa, phones_of
from server.openrosa.identity import Access
from server.openrosa.multipart import Parts, PartsReader, boundary_of
from server.problems import Problem
from server.services.intake.ingest import Arrival, Ingest
from server.services.intake.storing import Record, Stored
from server.services.kept import NotKept
from server.settings import Settings

THANKS = {
    "zh": {"created": "已保存。", "edited": "修改已保存。", "duplicate": "已保存（此前已收到）。"},
    "en": {"created": "Saved.", "edited": "The new version is saved.", "duplicate": "Saved (it had arrived before)."},
}
# Larger XML is read beside the event loop, so that it keeps no other phone waiting.
LARGE_XML = 200_000
SECONDS_TO_DRAIN = 20


@openrosa
async def submission(request: Request) -> Response:
    """HEAD says that this is a submission address and how much it takes; POST takes a submission."""
    access = await access_of(request)
    if request.method == "HEAD":
        return Response(status_code=204, headers=headers_of(request))
    settings = context_of(request).settings
    try:
        parts = await _read_parts(request, settings)
    except ClientDisconnect:
        return Response(status_code=400)
    try:
        stored = await _take(phones_of(request).ingest, _arrival(request, access, parts))
    finally:
        parts.drop()
    return openrosa_message(THANKS[language_of(request)][stored.fate], 201, headers_of(request))


def _arrival(request: Request, access: Access, parts: Parts) -> Arrival:
    return Arrival(
        viewer=access.viewer,
        project_id=access.project_id,
        project_path=access.project_path,
        xml=parts.xml,
        files=parts.files,
        complete=not parts.incomplete,
        device_id=request.query_params.get("deviceID", ""),
    )


async def _take(ingest: Ingest, arrival: Arrival) -> Stored:
    return await wrap_future(ingest.committer.put(await _prepare(ingest, arrival)))


async def _prepare(ingest: Ingest, arrival: Arrival) -> Record:
    if not arrival.files and len(arrival.xml) <= LARGE_XML:
        with suppress(NotKept):
            return ingest.prepare(arrival, may_wait=False)
    return await run_in_threadpool(ingest.prepare, arrival)


async def _read_parts(request: Request, settings: Settings) -> Parts:
    """The parts of the body as it streams in. Raises Problem, ClientDisconnect; leaves no file behind then."""
    boundary = boundary_of(request.headers.get("content-type", ""))
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > settings.max_request_bytes:
        raise Problem("request.too_large", limit=settings.max_request_bytes, headers={"Connection": "close"})
    reader = PartsReader(boundary, settings, context_of(request).blobs)
    stream = request.stream()
    try:
        async for chunk in stream:
            if chunk:
                reader.feed(chunk)
        return reader.finish()
    except Problem:
        reader.drop()
        # Whoever is still sending reads no answer, so the rest is taken and thrown away.
        with anyio.move_on_after(SECONDS_TO_DRAIN):
            async for _rest in stream:
                pass
        raise
    except BaseException:
        reader.drop()
        raise
