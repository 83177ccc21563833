"""Files of steps: what type and size is taken, when and where a photo was taken, and the blob that keeps it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

from scorecards.lifecycle.table import FieldKind, StepSpec
from server.problems import Problem
from server.services.context import Context
from server.store.cases import CaseFile

MOST_FILES: Final = 40
MOST_PIXELS: Final = 60_000_000
PICTURES: Final[Mapping[str, str]] = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
OFFICE_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"),
}
# What a field's files are, for whoever reads the case later; all others are documents.
ROLES: Final[Mapping[str, str]] = {"decision": "decision", "record": "record"}
AFTER: Final = frozenset({"submit_evidence", "report_progress", "report_handling", "recheck", "look_back"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file handed over with a step: its bytes, or the ``sha256`` of a blob that holds them already."""

    name: str
    data: bytes = b""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be taken: what it is by its own bytes, and a photo's time and place where it knows them."""

    field: str
    role: str
    name: str
    content_type: str
    size: int
    sha256: str
    taken_at: dt.datetime | None = None
    latitude: str = ""
    longitude: str = ""

    def row(self, step_id: int) -> CaseFile:
        """The row that keeps it with its step."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return CaseFile(step_id=step_id, **values)


def examine_all(context: Context, step: StepSpec, files: Mapping[str, Sequence[Upload]]) -> list[Examined]:
    """The files of a step, kept as blobs. Fields that the step does not ask for are left out.

    Raises Problem: attachment.too_many, attachment.too_large, attachment.type, not_found for an unknown blob.
    """
    wanted = {spec.name: spec.kind for spec in step.fields if spec.kind in (FieldKind.FILES, FieldKind.PHOTOS)}
    given = [(name, upload) for name in wanted for upload in files.get(name, ())]
    if len(given) > MOST_FILES:
        raise Problem("attachment.too_many", limit=MOST_FILES)
    return [_examine(context, step.action, name, wanted[name], upload) for name, upload in given]


def _examine(context: Context, action: str, field: str, kind: FieldKind, upload: Upload) -> Examined:
    name = upload.name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[-200:] or "file"
    data, limit = _bytes(context, upload), context.settings.max_attachment_bytes
    if len(data) > limit:
        raise Problem("attachment.too_large", name=name, limit=limit)
    content_type, taken, place = _judged(data, name, context.settings.zone)
    if not content_type or (kind is FieldKind.PHOTOS and not content_type.startswith("image/")):
        raise Problem("attachment.type", name=name)
    sha256 = upload.sha256 or context.blobs.put(data)
    photo = "after" if action in AFTER else "before"
    role = photo if kind is FieldKind.PHOTOS else ROLES.get(field, "document")
    return Examined(field, role, name, content_type, len(data), sha256, taken, *place)


def _bytes(context: Context, upload: Upload) -> bytes:
    if not upload.sha256:
        return upload.data
    try:
        return context.blobs.get(upload.sha256)
    except KeyError:
        raise Problem("not_found") from None


def _judged(data: bytes, name: str, zone: ZoneInfo) -> tuple[str, dt.datetime | None, tuple[str, str]]:
    """(content type by the bytes themselves, when taken, where); "" for a type that is not accepted."""
    ending = name.rpartition(".")[2].lower()
    if data.startswith(b"%PDF-"):
        return ("application/pdf" if ending == "pdf" else "", None, ("", ""))
    if ending in OFFICE_FILES and data.startswith(b"PK"):
        content_type, folder = OFFICE_FILES[ending]
        return (content_type if _holds(data, folder) else "", None, ("", ""))
    return _picture(data, zone)


def _holds(data: bytes, folder: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(name.startswith(folder) for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _picture(data: bytes, zone: ZoneInfo) -> tuple[str, dt.datetime | None, tuple[str, str]]:
    """A picture that opens and is whole, with its EXIF time and place."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(PICTURES)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return "", None, ("", "")
            content_type = PICTURES[picture.format or ""]
            taken, place = _exif(picture.getexif(), zone)
            picture.load()
            return content_type, taken, place
    except Exception:  # Pillow promises no narrower set for broken pictures
        return "", None, ("", "")


def _exif(exif: Image.Exif, zone: ZoneInfo) -> tuple[dt.datetime | None, tuple[str, str]]:
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    text = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    taken = None
    if text:
        try:
            taken = dt.datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
        except (ValueError, OverflowError):
            taken = None
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), 180)
    return taken, (latitude, longitude) if latitude and longitude else ("", "")


def _degrees(parts: Any, side: Any, most: int) -> str:
    """Degrees, minutes and seconds as decimal degrees with six places; "" for anything that is no place."""
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
        if not 0 <= value <= most:
            return ""
    except (TypeError, ValueError, ZeroDivisionError):
        return ""
    return f"{-value if str(side).strip() in ('S', 'W') else value:.6f}"
