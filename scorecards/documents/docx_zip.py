"""A .docx file as the zip archive that it is: read with care, packed the same way each time."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

MAX_FILE: Final = 4_000_000
MAX_UNPACKED: Final = 24_000_000
MAX_PARTS: Final = 400
_DAY: Final = (2020, 1, 1, 0, 0, 0)
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
# UTF-8 only: in another encoding a forbidden word could hide.
_PLAIN: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml(?:(?!encoding)[^>])*(?:encoding\s*=\s*[\"'](?i:utf-8|us-ascii)[\"'][^>]*)?\?>\s*)?<[A-Za-z!]"
)
_EXTERNAL: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*\bTargetMode\s*=\s*[\"']External[\"'][^>]*>")


class UnfitArchive(ValueError):
    """``reason`` is broken, too_large, doctype, macro or external; ``part`` names where."""

    def __init__(self, reason: str, part: str = "") -> None:
        super().__init__(f"{reason} {part}".strip())
        self.reason, self.part = reason, part


def check_archive(data: bytes) -> None:
    """Raises UnfitArchive for what no template needs: bombs, document types, macros, targets outside the file."""
    if len(data) > MAX_FILE:
        raise UnfitArchive("too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise UnfitArchive("too_large")
            for entry in entries:
                _check_part(entry.filename, archive.read(entry))
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        if isinstance(error, UnfitArchive):
            raise
        raise UnfitArchive("broken") from None
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise UnfitArchive("broken")


def _check_part(name: str, data: bytes) -> None:
    lowered = name.lower()
    if "vbaproject" in lowered or lowered.startswith(("word/embeddings/", "word/activex/")):
        raise UnfitArchive("macro", name)
    if not lowered.endswith((".xml", ".rels")):
        return
    if not _PLAIN.match(data) or b"<!doctype" in data.lower() or b"<!entity" in data.lower():
        raise UnfitArchive("doctype", name)
    if b"macroEnabled" in data:
        raise UnfitArchive("macro", name)
    if any(b"/hyperlink" not in found[0] for found in _EXTERNAL.finditer(data)):
        raise UnfitArchive("external", name)


def repacked(data: bytes) -> bytes:
    """The same archive with its parts in order of name and without times, so that equal content is equal bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        # Word wants the content types first.
        for name in sorted(set(old.namelist()), key=lambda name: (name != "[Content_Types].xml", name)):
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _STAMP.sub(rb"\g<1>2020-01-01T00:00:00Z\g<2>", part)
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    return file.getvalue()
