"""The QR code that sets up ODK Collect: its settings as JSON, zlib, base64, drawn as SVG."""

from __future__ import annotations

import base64
import zlib

import orjson
import segno


def collect_settings(server_url: str, project_name: str) -> bytes:
    """The settings as Collect's schema asks (``general`` and ``admin`` must be there): JSON bytes."""
    settings = {
        "general": {
            "server_url": server_url,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
        },
        "project": {"name": project_name},
        "admin": {},
    }
    return orjson.dumps(settings)


def collect_code(server_url: str, project_name: str) -> str:
    """The text inside the code: base64 of a zlib stream. ``server_url`` ends with ``/v1/key/TOKEN/projects/N``."""
    return base64.b64encode(zlib.compress(collect_settings(server_url, project_name), 9)).decode()


def collect_svg(server_url: str, project_name: str, *, scale: int = 4) -> str:
    """The code as an SVG element for a page."""
    return _code(server_url, project_name).svg_inline(scale=scale, border=4)


def address_svg(address: str, *, scale: int = 6) -> str:
    """The code of any address, as an SVG element for a page."""
    return segno.make_qr(address, error="m").svg_inline(scale=scale, border=4)


def _code(server_url: str, project_name: str) -> segno.QRCode:
    return segno.make_qr(collect_code(server_url, project_name), error="l")
