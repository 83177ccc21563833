"""QR codes as SVG, for the press."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str) -> str:
    """A QR code (error correction M) as an SVG document with a quiet zone of four modules."""
    file = io.BytesIO()
    segno.make_qr(text, error="m").save(file, kind="svg", border=4, xmldecl=False, omitsize=True, light="#fff")
    return file.getvalue().decode()
