"""The QR code holds what Collect's settings schema asks, as a zlib stream in base64."""

from __future__ import annotations

import base64
import json
import zlib

from server.services.people.collect_code import collect_code, collect_svg

URL = "https://district.example/v1/key/" + "T" * 64 + "/projects/1"


def test_collect_reads_its_settings_from_the_code() -> None:
    settings = json.loads(zlib.decompress(base64.b64decode(collect_code(URL, "青山区督导"), validate=True)))
    assert settings == {
        "general": {"server_url": URL, "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular"},
        "project": {"name": "青山区督导"},
        "admin": {},
    }


def test_the_code_is_drawn_as_svg() -> None:
    assert collect_svg(URL, "青山区").startswith("<svg")
