"""A Chinese font that is really there (Noto Sans SC, from a package), and the check that no glyph is missing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text


def font_path() -> Path:
    """The file of Noto Sans SC."""
    return Path(pylopdf_fonts_zh_cn.sans_path())


@cache
def font(size: float) -> FontProperties:
    """Noto Sans SC at a size in points."""
    return FontProperties(fname=str(font_path()), size=size)


@cache
def _characters() -> frozenset[int]:
    return frozenset(FT2Font(str(font_path())).get_charmap())


def missing_glyphs(figure: Figure) -> set[str]:
    """The characters of all texts of a figure that the font cannot draw; also those set in any other font."""
    missing: set[str] = set()
    for text in figure.findobj(Text):
        written = text.get_text()
        if not written:
            continue
        if text.get_fontproperties().get_file() != str(font_path()):
            missing |= set(written)
        missing |= {letter for letter in written if ord(letter) not in _characters() and not letter.isspace()}
    return missing


def ems(text: str) -> float:
    """About how many times the font size a text is wide."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text)


def shortened(text: str, most: float) -> str:
    """A text cut to at most ``most`` ems, with an ellipsis where it was cut."""
    if ems(text) <= most:
        return text
    while text and ems(text) > most - 1:
        text = text[:-1]
    return text.rstrip() + "…"
