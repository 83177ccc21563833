"""A notice put into words: the sentences of its kind with the values filled in, and its findings as rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from scorecards.documents.kinds import KINDS, Kind, Paragraph
from scorecards.documents.model import Notice, line_values, values

PLACE: Final = re.compile(r"\{([a-z_]+)\}")


def compose(kind: str, notice: Notice) -> dict[str, Any]:
    """What the notice's template prints. Raises KeyError for an unknown kind."""
    found = KINDS[kind]
    said = values(notice, found.basis)
    lines = [line_values(line, index) for index, line in enumerate(notice.findings, 1)]
    return {
        "title": found.zh,
        "number": notice.number,
        "issuer": notice.issuer,
        "unit": notice.unit,
        "to": said[found.to],
        "issued_on": said["issued_on"],
        "opening": paragraphs(found.opening, said),
        "closing": paragraphs(found.closing, said),
        "columns": list((found.columns or {}).items()) if lines else [],
        "lines": lines,
        "fields": [[label, said[tag], tag] for tag, label in (found.fields or {}).items() if _asked(found, said[tag])],
        "signatures": list(found.signatures),
        "copies": said["copies"],
        "receipt": found.receipt,
        "sheet": found.sheet,
    }


def paragraphs(written: tuple[Paragraph, ...], said: Mapping[str, str]) -> list[str]:
    """Paragraphs of the sentences whose values are all there; one without any sentence is left out."""
    filled = ("".join(_sentence(sentence, said) for sentence in paragraph) for paragraph in written)
    return [text for text in filled if text]


def _sentence(sentence: str, said: Mapping[str, str]) -> str:
    wanted = PLACE.findall(sentence)
    if not all(said[name] for name in wanted):
        return ""
    return PLACE.sub(lambda match: said[match[1]], sentence)


def _asked(kind: Kind, text: str) -> bool:
    """A sheet shows its empty boxes, for the pen; a letter shows only what is known."""
    return kind.sheet or bool(text)
