"""Documents are tested on cases that really walked their way."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image

from tests.server.rectify.conftest import inspection, loop

__all__ = ["inspection", "loop", "page_images", "text_of"]


def text_of(pdf: bytes) -> str:
    """The whole text of a PDF without blanks and break points."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
    return "".join(letter for letter in text if not letter.isspace() and letter not in "\u200b\ufffe")


def page_images(pdf: bytes) -> list[Image.Image]:
    """Each page as a picture of about 150 dots an inch."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return [page.render(scale=2.2).to_pil().convert("L") for page in document]
    finally:
        document.close()
