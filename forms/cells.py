"""Numbers in cells as the text that an author sees: 1 rather than 1.0, 10% rather than 0.1, a date and not 46000."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Final

# Built-in number formats (ECMA-376 part 1, 18.8.30) that change what is read; all others are shown as they are.
_BUILT_IN: Final = {
    "9": "0%",
    "10": "0.00%",
    **dict.fromkeys(("14", "15", "16", "17", "27", "28", "29", "30", "31", "36", "50", "57", "58"), "yyyy-mm-dd"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "46", "47", "32", "33", "34", "35", "55", "56"), "hh:mm:ss"),
    "22": "yyyy-mm-dd hh:mm",
}
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_PLAIN: Final = re.compile(r"0\.(0+)(%?)")


def number_words(style: str) -> str:
    """The format of a built-in number format's identifier, "" where a number is shown as it is."""
    return _BUILT_IN.get(style, "")


def number_text(raw: str, shown: str, date1904: bool = False) -> str:
    """A stored number as the cell shows it. ``shown`` is its number format; any other text comes back as it is."""
    try:
        value = Decimal(raw.strip())
    except InvalidOperation:
        return raw
    if not value.is_finite() or not -400 < value.adjusted() < 400:
        return raw
    bare = _QUOTED.sub("", shown).lower()
    if re.search(r"[ymdhs]", bare) and "general" not in bare:
        return _moment(value, bare, date1904) or _digits(value)
    if plain := _PLAIN.fullmatch(bare):
        scaled = value * 100 if plain[2] else value
        return f"{scaled:.{len(plain[1])}f}{plain[2]}"
    return f"{_digits(value * 100)}%" if "%" in bare else _digits(value)


def _digits(value: Decimal) -> str:
    """At most 15 significant digits, as spreadsheets show them, without an exponent or trailing zeros."""
    rounded = Decimal(f"{value:.14e}")
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: Decimal, bare: str, date1904: bool) -> str | None:
    """A serial day as a date, a time or both (ISO 8601); None for a day that no calendar has."""
    if not 0 <= value < 2_958_466:
        return None
    first = dt.datetime(1904, 1, 1) if date1904 else dt.datetime(1899, 12, 30 if value >= 61 else 31)  # noqa: DTZ001
    moment = first + dt.timedelta(seconds=int((value * 86_400).to_integral_value()))
    if not re.search(r"[yd]", bare):
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d %H:%M:%S" if "h" in bare else "%Y-%m-%d")
