"""formList and manifest, written byte for byte as ODK Collect reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class ListedForm:
    """One form of the list. One without an id, a name or an address would void the whole list on the phone."""

    form_id: str
    name: str
    version: str
    md5: str
    download_url: str
    manifest_url: str = ""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of a manifest."""

    name: str
    md5: str
    download_url: str


def form_list(forms: Iterable[ListedForm]) -> bytes:
    """The list of forms (OpenRosa Form Discovery)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<xforms xmlns="http://openrosa.org/xforms/xformsList">']
    for form in forms:
        manifest = f"<manifestUrl>{_text(form.manifest_url)}</manifestUrl>" if form.manifest_url else ""
        lines.append(
            f"<xform><formID>{_text(form.form_id)}</formID><name>{_text(form.name) or _text(form.form_id)}</name>"
            f"<version>{_text(form.version)}</version><hash>md5:{form.md5}</hash>"
            f"<downloadUrl>{_text(form.download_url)}</downloadUrl>{manifest}</xform>"
        )
    lines.append("</xforms>\n")
    return "\n".join(lines).encode()


def manifest(files: Iterable[ListedFile]) -> bytes:
    """The files of one form (OpenRosa Form Discovery, manifest)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<manifest xmlns="http://openrosa.org/xforms/xformsManifest">']
    lines += [
        f"<mediaFile><filename>{_text(file.name)}</filename><hash>md5:{file.md5}</hash>"
        f"<downloadUrl>{_text(file.download_url)}</downloadUrl></mediaFile>"
        for file in files
    ]
    lines.append("</manifest>\n")
    return "\n".join(lines).encode()


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("", value))
