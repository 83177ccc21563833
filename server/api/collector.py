"""The web collector's JSON door: binding a phone, its package, its forms and files. Signs in by the phone's own key.

The shapes are those of server/collector/src/contract.ts; both change together.
"""

from __future__ import annotations

import gzip
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from server.doors.dependencies import Ctx, Language, Read, SignedIn, Write, check_form_token, context_of, viewer_or_none
from server.problems import Problem
from server.security.passwords import form_token, token_hash
from server.services.collector import devices
from server.services.collector.devices import Bound, Caller
from server.services.collector.forms import CollectorForms, files_beside
from server.services.collector.package import area, pack, photo_names
from server.services.context import Context
from server.store import forms
from server.store.devices import holder_of_key
from server.store.forms import FormVersion
from server.store.people import Person
from server.store.reading import collector as reading_collector

router = APIRouter(prefix="/collect/api", include_in_schema=False)

JSON = "application/json"
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Encoding"}
LOCKED = "default-src 'none'; sandbox"
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


class NewDevice(BaseModel):
    """What the holder calls the phone."""

    name: str = Field(default="", max_length=100)


class Report(BaseModel):
    """What is unsent on a phone."""

    waiting: int = Field(default=0, ge=0)
    drafts: int = Field(default=0, ge=0)


def bearer_of(request: Request) -> str:
    """The token of an Authorization header, "" if there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _caller(request: Request, session: Read) -> Caller:
    return devices.caller_of(session, bearer_of(request))


Called = Annotated[Caller, Depends(_caller, scope="function")]


def bodies_of(request: Request) -> CollectorForms:
    """The process's transformed forms."""
    state = request.app.state
    if not hasattr(state, "collector_forms"):
        state.collector_forms = CollectorForms(context_of(request))
    bodies: CollectorForms = state.collector_forms
    return bodies


@router.get("/session")
def session_state(viewer: SignedIn, language: Language) -> dict[str, Any]:
    """Who has signed in with this browser."""
    return {
        "person": {"login": viewer.login, "name": viewer.name},
        "language": language,
        "form_token": form_token(viewer.session_token) if viewer.session_token else "",
    }


@router.post("/devices")
async def make_device(request: Request, context: Ctx, wanted: NewDevice, language: Language) -> dict[str, Any]:
    """Bind this browser to a person: with the cookie and X-Form-Token, or with the one-time code of a link."""
    return await run_in_threadpool(_bind, request, context, wanted, language)


def _bind(request: Request, context: Context, wanted: NewDevice, language: str) -> dict[str, Any]:
    agent, at, code = request.headers.get("user-agent", ""), context.clock(), bearer_of(request)
    if code:
        with context.database.write() as session:
            bound = devices.bind_with_code(session, code, label=wanted.name, user_agent=agent, at=at)
        return _device(bound, language)
    viewer = viewer_or_none(request, context)
    if viewer is None:
        raise Problem("auth.required")
    check_form_token(viewer, request.headers.get("x-form-token", ""))
    with context.database.write() as session:
        person = session.get(Person, viewer.person_id)
        assert person is not None
        project = devices.project_for(session, viewer)
        bound = devices.bind(session, person, project, label=wanted.name, user_agent=agent, at=at)
    return _device(bound, language)


def _device(bound: Bound, language: str) -> dict[str, Any]:
    return {
        "device": bound.device.code,
        "key": bound.key,
        "project": bound.project_id,
        "person": {"login": bound.person.login, "name": bound.person.name},
        "language": language,
    }


@router.get("/device")
def device_state(caller: Called) -> dict[str, Any]:
    """What the server knows of this phone."""
    device = caller.device
    return {
        "device": device.code,
        "name": device.label,
        "person": {"login": caller.viewer.login, "name": caller.viewer.name},
        "seen_at": device.seen_at.isoformat(),
        "waiting": device.waiting,
        "drafts": device.drafts,
    }


@router.post("/device", status_code=204)
def report(caller: Called, context: Ctx, told: Report) -> Response:
    """Hear what is unsent on this phone."""
    at = context.clock()
    if devices.worth_noting(caller.device, waiting=told.waiting, drafts=told.drafts, at=at):
        with context.database.write() as session:
            devices.note(session, caller.device, waiting=told.waiting, drafts=told.drafts, at=at)
    return Response(status_code=204)


@router.post("/device/sign-out", status_code=204)
def sign_out(request: Request, session: Write, context: Ctx) -> Response:
    """Give the key back. A phone that was signed out already is told so without complaint."""
    holder = holder_of_key(session, token_hash(bearer_of(request)))
    if holder is None or holder.device is None:
        raise Problem("auth.required")
    devices.sign_out(session, holder, by=holder.person.id, at=context.clock())
    return Response(status_code=204)


@router.get("/package")
def package(request: Request, session: Read, context: Ctx, caller: Called) -> Response:
    """Everything to take along."""
    asked = request.headers.get("if-none-match", "")
    if asked == "*":  # Whether the key is good is all that is asked.
        return Response(status_code=304, headers=PRIVATE)
    packed = pack(session, context, bodies_of(request), caller)
    headers = {**PRIVATE, "ETag": packed.etag}
    if packed.etag in _tags(asked):
        return Response(status_code=304, headers=headers)
    content = orjson.dumps({"made_at": context.clock().isoformat(), **packed.content})
    return _compressed(request, gzip.compress(content, 5, mtime=0), headers)


@router.get("/forms/{form_id}/{version}")
def form_body(request: Request, session: Read, caller: Called, form_id: str, version: str) -> Response:
    """One version of a form as the collector opens it."""
    found = _version(session, caller, form_id, version)
    body = bodies_of(request).body(session, found_project(caller), found)
    headers = {**PRIVATE, "ETag": f'"{body.hash}"'}
    if headers["ETag"] in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return _compressed(request, body.compressed, headers)


@router.get("/forms/{form_id}/{version}/media/{name}")
def form_media(session: Read, context: Ctx, caller: Called, form_id: str, version: str, name: str) -> Response:
    """A picture or sound beside a form."""
    found = _version(session, caller, form_id, version)
    row = next((row for row in files_beside(session, found) if row.name == name), None)
    if row is None:
        raise Problem("not_found")
    return _blob(context, row.sha256, name)


@router.get("/findings/{code}/photos/{name}")
def finding_photo(session: Read, context: Ctx, caller: Called, code: str, name: str) -> Response:
    """A photo of an open finding in the caller's area."""
    finding = reading_collector.finding_with_path(session, code, area(caller, "finding.see"))
    if finding is None or finding.submission_id is None or name not in photo_names(finding.photos):
        raise Problem("not_found")
    return _attached(session, context, finding.submission_id, name)


@router.get("/returned/{instance_id}/files/{name}")
def returned_file(session: Read, context: Ctx, caller: Called, instance_id: str, name: str) -> Response:
    """A file of one of the caller's own submissions, to complete it."""
    submission = reading_collector.own_returned(session, caller.viewer.person_id, instance_id)
    if submission is None or submission.id is None:
        raise Problem("not_found")
    return _attached(session, context, submission.id, name)


def _attached(session: Read, context: Context, submission_id: int, name: str) -> Response:
    row = reading_collector.file_of_submission(session, submission_id, name)
    if row is None:
        raise Problem("not_found")
    return _blob(context, row.sha256, name, row.content_type)


def found_project(caller: Caller) -> int:
    """The id of the caller's project."""
    assert caller.project.id is not None
    return caller.project.id


def _version(session: Read, caller: Caller, form_id: str, version: str) -> FormVersion:
    form = forms.form_of(session, found_project(caller), form_id)
    found = forms.version_of(session, form.id, version) if form and form.id else None
    if found is None or found.state == "draft":
        raise Problem("not_found")
    return found


def _blob(context: Context, sha256: str, name: str, content_type: str = "") -> Response:
    """A stored file: pictures as such, anything else only as bytes."""
    try:
        path = context.blobs.path(sha256)
    except KeyError:
        raise Problem("not_found") from None
    headers = {
        "ETag": f'"{sha256}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": LOCKED,
    }
    ending = name.rpartition(".")[2].lower()
    kind = content_type or {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png"}.get(ending, "")
    return FileResponse(path, media_type=kind if kind in PICTURES else "application/octet-stream", headers=headers)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()}


def _compressed(request: Request, compressed: bytes, headers: dict[str, str]) -> Response:
    """JSON as gzip, or plain to whoever does not read gzip."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(compressed, media_type=JSON, headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(compressed), media_type=JSON, headers=headers)
