"""formList, form XML, manifest and media files: what a phone fetches before it goes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote

import orjson
from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from server.blobs.folder import BlobFolder
from server.doors.dependencies import context_of, language_of
from server.openrosa import documents
from server.openrosa.answering import access_of, document, openrosa
from server.openrosa.documents import ListedFile, ListedForm
from server.openrosa.identity import Access
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.services.intake.ingest import CONTENT_TYPES
from server.services.units.unit_lists import FINDINGS, LISTS, finding_photos, unit_list
from server.store import forms
from server.store.db import ReadSession
from server.store.forms import FormVersion

XML = "text/xml; charset=utf-8"


@openrosa
async def form_list(request: Request) -> Response:
    """Every form that is open, with the MD5 of the very bytes that its address serves."""
    return await _answer(request, _form_list, XML)


@openrosa
async def form_xml(request: Request) -> Response:
    """The current version's XForm."""
    return await _answer(request, lambda session, access, request: _current(session, access, request).xform, XML)


@openrosa
async def manifest(request: Request) -> Response:
    """The files that belong to the form, the lists and old photos of the reader's own area among them."""
    return await _answer(request, _manifest, XML)


@openrosa
async def media(request: Request) -> Response:
    """One of those files."""
    ending = request.path_params["name"].rpartition(".")[2].lower()
    return await _answer(request, _media, CONTENT_TYPES.get(ending, "application/octet-stream"))


Reader = Callable[[ReadSession, Access, Request], bytes]


async def _answer(request: Request, read: Reader, media_type: str) -> Response:
    access = await access_of(request)
    require_anywhere(access.viewer, "form.see")

    def work() -> bytes:
        with context_of(request).database.read() as session:
            return read(session, access, request)

    return document(request, await run_in_threadpool(work), media_type)


def _form_list(session: ReadSession, access: Access, request: Request) -> bytes:
    wanted = request.query_params.get("formID")
    english = language_of(request) == "en"
    listed = []
    for form in forms.forms_of(session, access.project_id):
        version = forms.current_version(session, form)
        if version is None or version.state != "published" or wanted not in (None, form.form_id):
            continue
        address = f"{_base(request)}{access.prefix}/forms/{quote(form.form_id, safe='')}"
        name = (form.title_en or form.title) if english else form.title
        has_files = bool(_names(session, version))
        listed.append(
            ListedForm(
                form.form_id, name, version.version, version.xform_md5, f"{address}.xml",
                f"{address}/manifest" if has_files else "",
            )
        )  # fmt: skip
    return documents.form_list(listed)


def _manifest(session: ReadSession, access: Access, request: Request) -> bytes:
    version = _current(session, access, request)
    address = f"{_base(request)}{access.prefix}/forms/{quote(request.path_params['form_id'], safe='')}/attachments/"
    kept = {row.name: row.md5 for row in forms.media_of(session, _id(version))}
    files, names = [], _names(session, version)
    for name in names:
        if name in kept:
            digest = kept[name]
        else:
            content = unit_list(session, access.viewer, name, within=access.project_path)
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        files.append(ListedFile(name, digest, address + quote(name, safe="")))
    if FINDINGS in names:
        photos = finding_photos(session, access.viewer, within=access.project_path)
        for name, sha256 in photos.items():
            # A photo that the disk has lost must not keep a checklist from the phone.
            with suppress(KeyError):
                digest = _md5_of(context_of(request).blobs, sha256)
                files.append(ListedFile(name, digest, address + quote(name, safe="")))
    return documents.manifest(files)


@lru_cache(maxsize=20_000)
def _md5_of(blobs: BlobFolder, sha256: str) -> str:
    """Collect compares files by MD5; a blob never changes."""
    return hashlib.md5(blobs.get(sha256), usedforsecurity=False).hexdigest()


def _media(session: ReadSession, access: Access, request: Request) -> bytes:
    version = _current(session, access, request)
    name = request.path_params["name"]
    for row in forms.media_of(session, _id(version)):
        if row.name == name:
            return context_of(request).blobs.get(row.sha256)
    names = _names(session, version)
    if name in names:
        return unit_list(session, access.viewer, name, within=access.project_path)
    photos = finding_photos(session, access.viewer, within=access.project_path) if FINDINGS in names else {}
    if name not in photos:
        raise Problem("not_found")
    return context_of(request).blobs.get(photos[name])


def _names(session: ReadSession, version: FormVersion) -> list[str]:
    """The files of a version that we can give: those kept beside it, and unit lists that it names."""
    kept = {row.name for row in forms.media_of(session, _id(version))}
    named = orjson.loads(version.definition).get("media", ())
    return sorted(kept | {name for name in named if name in LISTS})


def _current(session: ReadSession, access: Access, request: Request) -> FormVersion:
    form = forms.form_of(session, access.project_id, request.path_params["form_id"])
    version = forms.current_version(session, form) if form else None
    if version is None or version.state != "published":
        raise Problem("not_found")
    return version


def _id(version: FormVersion) -> int:
    assert version.id is not None
    return version.id


def _base(request: Request) -> str:
    """Scheme and host that phones use."""
    public = context_of(request).settings.public_url.rstrip("/")
    return public or f"{request.url.scheme}://{request.url.netloc}"
