"""What a page's form sends: checked for the form token, bounded in size."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from server.doors.dependencies import SignedIn, check_form_token, context_of
from server.problems import Problem

SMALL = 300_000
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


async def read_form(request: Request, *, limit: int = SMALL, files: int = 4) -> FormData:
    """The fields of a form with at most ``files`` files, without characters that neither XML nor a store takes.

    Raises Problem where its length is unknown or beyond ``limit`` bytes.
    """
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > limit:
        raise Problem("request.too_large", limit=limit)
    form = await request.form(max_files=files, max_fields=2000, max_part_size=limit)
    return FormData([(name, _clean(value)) for name, value in form.multi_items()])


def _clean(value: str | UploadFile) -> str | UploadFile:
    return UNWRITABLE.sub("", value) if isinstance(value, str) else value


def field(form: FormData, name: str) -> str:
    """One text field, "" if it is not there."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def upload(form: FormData, name: str) -> tuple[str, bytes]:
    """File name and bytes of an upload; ("", b"") if none was chosen."""
    value = form.get(name)
    if not isinstance(value, UploadFile) or not value.filename:
        return "", b""
    return value.filename, value.file.read()


async def checked_form(request: Request, viewer: SignedIn) -> AsyncIterator[FormData]:
    """The fields of a signed-in reader's form. Raises Problem("auth.form_expired") without its token."""
    form = await read_form(request)
    try:
        check_form_token(viewer, field(form, "token"))
        yield form
    finally:
        await form.close()


async def checked_upload(request: Request, viewer: SignedIn) -> AsyncIterator[FormData]:
    """As checked_form, for forms with a workbook."""
    form = await read_form(request, limit=context_of(request).settings.max_workbook_bytes + SMALL)
    try:
        check_form_token(viewer, field(form, "token"))
        yield form
    finally:
        await form.close()


Posted = Annotated[FormData, Depends(checked_form, scope="function")]
Uploaded = Annotated[FormData, Depends(checked_upload, scope="function")]
