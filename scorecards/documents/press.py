"""The press: a typst template and values make a PDF. The values are data: nothing that a person wrote is ever markup.

Same template, values and day: same bytes. The fonts come from a package; nothing is read from the network.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pylopdf_fonts_zh_cn
import typst
from matplotlib.ft2font import FT2Font

# Printers' sign for a character that the font lacks.
GETA: Final = "〓"
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)


def typeset(template: str, data: Mapping[str, Any], *, on: dt.date) -> bytes:
    """The PDF that a template (``typst/NAME.typ``) makes of values that JSON can hold. ``on`` is the file's date."""
    written = json.dumps(printable(data), ensure_ascii=False, sort_keys=True)
    stamp = int(dt.datetime(on.year, on.month, on.day, tzinfo=dt.UTC).timestamp())
    made = typst.compile(
        _template(template),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": written},
        timestamp=stamp,
    )
    return bytes(made)


def printable(value: Any) -> Any:
    """A value whose texts hold only what the fonts can draw: a character that they lack becomes 〓."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, Mapping):
        return {str(key): printable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [printable(entry) for entry in value]
    return value


def _printable(text: str) -> str:
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\t", " "))
    known = _characters()
    return "".join(letter if letter == "\n" or ord(letter) in known else GETA for letter in text)


@cache
def _fonts() -> typst.Fonts:
    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


@cache
def _characters() -> frozenset[int]:
    """What both fonts can draw."""
    sans, serif = (FT2Font(str(path)) for path in (pylopdf_fonts_zh_cn.sans_path(), pylopdf_fonts_zh_cn.serif_path()))
    return frozenset(sans.get_charmap()) & frozenset(serif.get_charmap())


@cache
def _template(name: str) -> bytes:
    folder = resources.files("scorecards.documents").joinpath("typst")
    return b"\n".join(folder.joinpath(f"{part}.typ").read_bytes() for part in ("base", name))
