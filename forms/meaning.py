"""The small vocabulary every room shares: lights, measures, fixed-point numbers and quarters.

Verdicts are integer arithmetic. A measured number is carried as an int64 with four implied decimals
(``SCALE``), so 12.5 is 125000 and no float ever stands between an answer and a light.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Final

SCALE: Final = 10_000
INT64_MAX: Final = 2**63 - 1


class Light(IntEnum):
    """What an answer, an indicator or a unit shows. Worst of several = the largest of GREEN, YELLOW, RED.

    NA leaves the denominator; GREY is "no data" or "under verification" and is never taken for green.
    """

    NA = 0
    GREEN = 1
    YELLOW = 2
    RED = 3
    GREY = 4

    @property
    def word(self) -> str:
        """The workbook's word for this light: na, green, yellow, red, grey."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Light:
        """Read a workbook's word. Raises KeyError for any other word."""
        return {light.word: light for light in cls}[word.strip().lower()]


class Measure(IntEnum):
    """What an answer contributes to an indicator (workbook column ``measure``)."""

    LIGHT = 1
    NUMERATOR = 2
    DENOMINATOR = 3
    COUNT = 4
    VALUE = 5

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Measure:
        """Read a workbook's word. Raises KeyError for any other word."""
        return {measure.word: measure for measure in cls}[word.strip().lower()]


def to_fixed(text: str) -> int | None:
    """A decimal literal as int64 fixed point with four decimals; None if it is no finite number.

    Digits beyond the fourth decimal are refused (None) rather than rounded, and so is anything beyond int64.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > INT64_MAX // SCALE:
        return None
    scaled = value * SCALE
    return int(scaled) if scaled == scaled.to_integral_value() else None


def quarter_of(day: dt.date) -> int:
    """The quarter of a day as year * 10 + quarter: 2026-11-22 is 20264."""
    return day.year * 10 + (day.month - 1) // 3 + 1


def quarter_bounds(quarter: int) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter written as year * 10 + quarter. Raises ValueError for any other number."""
    year, number = divmod(quarter, 10)
    if not 1 <= number <= 4:
        raise ValueError(f"{quarter} is not a quarter such as 20264")
    first = dt.date(year, number * 3 - 2, 1)
    following = dt.date(year + number // 4, number % 4 * 3 + 1, 1)
    return first, following - dt.timedelta(days=1)


def quarter_before(quarter: int, steps: int = 1) -> int:
    """The quarter ``steps`` quarters earlier: 20261 gives 20254."""
    year, number = divmod(quarter, 10)
    index = year * 4 + number - 1 - steps
    return index // 4 * 10 + index % 4 + 1


def quarter_name(quarter: int) -> str:
    """A quarter as people write it in file names and commands: 20264 is ``2026Q4``."""
    return f"{quarter // 10}Q{quarter % 10}"


def parse_quarter(text: str) -> int:
    """``2026Q4`` or ``20264`` as 20264. Raises ValueError for any other text and for years outside 1900 to 2199."""
    digits = text.strip().upper().replace("Q", "").replace("-", "")
    if (
        len(digits) != 5
        or not (digits.isascii() and digits.isdigit())
        or digits[-1] not in "1234"
        or not "19" <= digits < "22"
    ):
        raise ValueError(f"{text!r} is not a quarter such as 2026Q4")
    return int(digits)
