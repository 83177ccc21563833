"""Which observations count on a given day: the definitions that the frames and the oracle share.

A *stock* amount (light, numerator, denominator, value) is the unit's current state: of each item the latest
submission's rows, as long as they are fresh. A *flow* amount (rules ``zero`` and ``frequency``, measure ``count``) is
what happened: every observation of the period counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forms.catalogue import Indicator
from forms.meaning import quarter_bounds

FLOW_RULES: Final = frozenset({"zero", "frequency"})
LONGEST_QUARTER: Final = 92  # days; an indicator fresh for longer sums its flows over that longer period
EPOCH: Final = dt.date(1970, 1, 1).toordinal()


class AmountTooLarge(OverflowError):
    """A sum that int64 cannot hold; wrapping it would give a wrong light."""

    def __init__(self) -> None:
        super().__init__("指标合计超出64位整数；请检查填报数值 / a sum of amounts exceeds int64; check the numbers")


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01, the ``observed_on`` and ``last_on`` of the frames."""
    return day.toordinal() - EPOCH


@dataclass(frozen=True, slots=True)
class Window:
    """The days of ``observed_on`` that count for an indicator, first and last included, apart for stock and flow."""

    stock_from: int
    flow_from: int
    last: int
    flow: bool


def windows(indicators: Mapping[str, Indicator], quarter: int, as_of: dt.date) -> dict[str, Window]:
    """The window of each indicator, as seen on ``as_of`` for ``quarter`` (year * 10 + quarter).

    Days after ``as_of`` or after the quarter's end never count. An observation is fresh up to ``freshness`` days
    before the last of those days, so one of an earlier quarter still counts; a flow counts from the quarter's first
    day, or over its ``freshness`` days where that is longer than a quarter. Raises ValueError for no quarter.
    """
    first, end = (day_number(day) for day in quarter_bounds(quarter))
    last = min(day_number(as_of), end)
    found = {}
    for code, indicator in indicators.items():
        stock_from = last - indicator.freshness
        flow_from = first if indicator.freshness <= LONGEST_QUARTER else stock_from
        found[code] = Window(stock_from, flow_from, last, indicator.rule in FLOW_RULES)
    return found
