"""The form of any step of any lifecycle, drawn from what its table says the step asks for (scorecards.lifecycle.table).

A refused step loses nothing: texts come back as typed, and files that have arrived are kept as blobs and named in the
form by a seal that only this server and this session can make, so that nobody names another's blob.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import orjson
from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from scorecards.lifecycle.table import FieldKind, FieldSpec, StepSpec, Table
from server.blobs.folder import BlobFolder
from server.doors.dependencies import SignedIn, check_form_token, context_of
from server.problems import Problem
from server.services.context import Context
from server.services.rectification.files import Upload
from server.web import posted

PREFIX: Final = "f."
FILES: Final = (FieldKind.FILES, FieldKind.PHOTOS)
LONGEST: Final = 8000
MOST_FILES: Final = 40


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that has arrived and lies in the blobs. ``seal`` carries it through a form that is sent again."""

    name: str
    content_type: str
    size: int
    sha256: str
    seal: str

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


@dataclass
class Box:
    """One field on the page: what it asks, what stands in it, and what is wrong with it ("" where nothing is).

    ``options`` are (value, words) of the people or units to choose from, or names to suggest.
    """

    spec: FieldSpec
    value: str = ""
    kept: Sequence[KeptFile] = ()
    problem: str = ""
    options: Sequence[tuple[str, str]] = ()

    @property
    def id(self) -> str:
        return f"f-{self.spec.name}"

    @property
    def name(self) -> str:
        return PREFIX + self.spec.name


@dataclass
class StepForm:
    """One step's form. ``sure`` asks the second time before a step that cannot be taken back; ``seen`` is the number of
    steps that the matter had when the form was made."""

    step: StepSpec
    url: str
    boxes: list[Box]
    problem: str = ""
    sure: bool = False
    seen: int = 0

    @property
    def quick(self) -> bool:
        """True where one tap is all that is asked."""
        return not self.boxes and not self.touched and not self.step.danger

    @property
    def basis(self) -> str:
        """The provisions that the step rests on, without the codes of our own tables."""
        parts = (part.strip() for part in self.step.basis.split(";"))
        return "、".join(part for part in parts if any("\u4e00" <= sign <= "\u9fff" for sign in part))

    @property
    def touched(self) -> bool:
        """True where the form comes back to be corrected or confirmed."""
        return bool(self.problem or self.sure or any(box.problem for box in self.boxes))


@dataclass
class Typed:
    """What came with a step's form: texts by field name, files by field name, and whether the second yes was said."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, list[KeptFile]] = field(default_factory=dict)
    sure: bool = False
    wrong: tuple[str, Problem] | None = None  # the field whose file could not be taken, and why

    def uploads(self) -> dict[str, list[Upload]]:
        """The files as the services take them: blobs by name."""
        return {name: [Upload(file.name, sha256=file.sha256) for file in files] for name, files in self.files.items()}

    def without(self, name: str) -> str:
        """Forget the files of this name, which are not accepted; gives the field that they were given for."""
        found = next((key for key, files in self.files.items() if any(file.name == name for file in files)), "")
        self.files = {key: [file for file in files if file.name != name] for key, files in self.files.items()}
        return found


Options = Mapping[FieldKind, Sequence[tuple[str, str]]]


def blank(step: StepSpec, url: str, *, start: Mapping[str, str], options: Options, seen: int) -> StepForm:
    """A step's form before anybody wrote in it: ``start`` by the field's name, ``options`` by its kind."""
    boxes = [Box(spec, start.get(spec.name, ""), options=options.get(spec.kind, ())) for spec in step.fields]
    return StepForm(step, url, boxes, seen=seen)


def ranked(steps: Iterable[StepSpec], table: Table, state: str) -> list[StepSpec]:
    """Steps in the order of a page: one tap, onwards, staying or back, and last what cannot be taken back."""
    place = {name: number for number, name in enumerate(table.states)}

    def rank(step: StepSpec) -> int:
        if step.danger:
            return 3
        if not step.fields:
            return 0
        return 1 if step.target and place[step.target] > place[state] else 2

    return sorted(steps, key=rank)


def filled(
    step: StepSpec, url: str, typed: Typed, *, options: Options, refusal: tuple[str, str] | None, seen: int
) -> StepForm:
    """A step's form that comes back. ``refusal`` is (rule, sentence); a rule ``field.NAME`` belongs to that field.

    Without a refusal the form asks for the second yes.
    """
    rule, sentence = refusal or ("", "")
    name = rule.removeprefix("field.") if rule.startswith("field.") else ""
    at_field = any(spec.name == name for spec in step.fields)
    boxes = [
        Box(
            spec,
            typed.fields.get(spec.name, ""),
            typed.files.get(spec.name, ()),
            sentence if spec.name == name else "",
            options.get(spec.kind, ()),
        )
        for spec in step.fields
    ]
    return StepForm(step, url, boxes, "" if at_field else sentence, refusal is None, seen)


def missing(step: StepSpec, typed: Typed) -> FieldSpec | None:
    """The first required field that stands empty: said before the second yes is asked for."""
    for spec in step.fields:
        given = typed.files.get(spec.name) if spec.kind in FILES else typed.fields.get(spec.name)
        if spec.required and not given:
            return spec
    return None


def read(context: Context, session_token: str, step: StepSpec, form: FormData) -> Typed:
    """What was entered for a step; new files are put into the blobs. A file that is not accepted is named in
    ``wrong`` and left out, so that all others and every text come back."""
    typed = Typed(sure=posted.field(form, "sure") == "yes")
    for spec in step.fields:
        name = PREFIX + spec.name
        if spec.kind not in FILES:
            typed.fields[spec.name] = posted.field(form, name)[:LONGEST]
            continue
        dropped = {value for value in form.getlist(f"{name}.drop") if isinstance(value, str)}
        kept = [_unseal(session_token, str(seal)) for seal in form.getlist(f"{name}.kept") if seal not in dropped]
        arrived = [value for value in form.getlist(name) if isinstance(value, UploadFile) and value.filename]
        typed.files[spec.name] = [file for file in kept if file]
        for upload in arrived:
            try:
                typed.files[spec.name].append(_keep(context, session_token, upload))
            except Problem as problem:
                typed.wrong = (spec.name, problem)
    return typed


def _keep(context: Context, session_token: str, upload: UploadFile) -> KeptFile:
    """Raises Problem: attachment.type, attachment.too_large. The service looks into the bytes."""
    name = (upload.filename or "").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in CONTENT_TYPES:
        raise Problem("attachment.type", name=name)
    limit = context.settings.max_attachment_bytes
    if (upload.size or 0) > limit:
        raise Problem("attachment.too_large", name=name, limit=limit)
    digest = _stream(context.blobs, upload)
    return _sealed(session_token, name, CONTENT_TYPES[ending], upload.size or 0, digest)


CONTENT_TYPES: Final = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _stream(blobs: BlobFolder, upload: UploadFile) -> str:
    writer = blobs.writer()
    upload.file.seek(0)
    while part := upload.file.read(1_000_000):
        writer.write(part)
    return writer.keep()


def _sealed(session_token: str, name: str, kind: str, size: int, digest: str) -> KeptFile:
    body = orjson.dumps([name, kind, size, digest]).decode()
    return KeptFile(name, kind, size, digest, f"{_mark(session_token, body)}{body}")


def _unseal(session_token: str, seal: str) -> KeptFile | None:
    mark, body = seal[:64], seal[64:]
    if not hmac.compare_digest(mark.encode(errors="replace"), _mark(session_token, body).encode()):
        return None
    name, kind, size, digest = orjson.loads(body)
    return KeptFile(name, kind, size, digest, seal)


def _mark(session_token: str, body: str) -> str:
    return hmac.new(session_token.encode(), b"kept" + body.encode(errors="replace"), hashlib.sha256).hexdigest()


async def checked_step(request: Request, viewer: SignedIn) -> AsyncIterator[FormData]:
    """The fields and files of a step's form. Raises Problem("auth.form_expired") without its token."""
    form = await posted.read_form(request, limit=context_of(request).settings.max_request_bytes, files=MOST_FILES)
    try:
        check_form_token(viewer, posted.field(form, "token"))
        yield form
    finally:
        await form.close()


StepPosted = Annotated[FormData, Depends(checked_step, scope="function")]
