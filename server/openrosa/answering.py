"""What every answer to a phone has: its headers, the reader's language, and an ETag that saves phone data."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from functools import wraps

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from server.doors.answers import openrosa_message
from server.doors.dependencies import context_of, language_of
from server.openrosa.identity import Access, Gate
from server.problems import Problem
from server.services.intake.ingest import Ingest
from server.services.kept import NotKept

Endpoint = Callable[[Request], Awaitable[Response]]


class Phones:
    """What the door for phones keeps in a process: its gate and the way in."""

    def __init__(self, gate: Gate, ingest: Ingest) -> None:
        self.gate = gate
        self.ingest = ingest


def phones_of(request: Request) -> Phones:
    """The door of this application, opened at its first use."""
    state = request.app.state
    phones: Phones | None = getattr(state, "phones", None)
    if phones is None:
        context = context_of(request)
        phones = state.phones = Phones(Gate(context), Ingest(context))
    return phones


async def access_of(request: Request) -> Access:
    """Who asks for which project, by the shape of the address. Raises Problem."""
    gate = phones_of(request).gate
    parameters = request.path_params
    token = parameters.get("token")
    project = parameters.get("project")
    if token is None:
        return await run_in_threadpool(gate.by_credentials, request, project)
    try:
        return gate.by_key(token, project, may_wait=False)
    except NotKept:
        return await run_in_threadpool(gate.by_key, token, project)


def headers_of(request: Request) -> dict[str, str]:
    """The headers without which Collect takes us for something else."""
    limit = context_of(request).settings.max_request_bytes
    return {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": str(limit)}


def openrosa(endpoint: Endpoint) -> Endpoint:
    """Answers every Problem of an endpoint as OpenRosa XML in the phone's language."""

    @wraps(endpoint)
    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Problem as problem:
            message = problem.message(language_of(request))
            response = openrosa_message(message, problem.status, {**headers_of(request), **problem.headers})
            for offer in problem.details.get("challenges", ()):  # type: ignore[attr-defined]
                response.headers.append("WWW-Authenticate", offer)
            return response

    return answered


def document(request: Request, body: bytes, media_type: str) -> Response:
    """A body with its ETag; 304 where the phone has these bytes already."""
    tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    headers = {**headers_of(request), "ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    known = [entry.strip().removeprefix("W/") for entry in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
