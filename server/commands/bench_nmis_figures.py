"""A published figure beside our exact one: do they agree, and if not, why."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from forms.catalogue import Indicator
from forms.meaning import SCALE

NO_FIGURE: Final = frozenset({"", "na", "n/a", "nan", "nan%", "na%", "inf", "-inf", "inf%", "-", "null", "none"})
_PRINTED_DIGITS: Final = 15  # what the publisher's software prints of a ratio, trailing zeros dropped
_DOUBLE: Final = Fraction(1, 2**53)


def figure(indicator: Indicator, numerator: int, denominator: int, count: int = 0) -> Fraction | None:
    """The exact figure from sums in fixed point; None where nothing stands below the line.

    Rule ``count``: all numerators and counted cases; any other rule: numerator by denominator.
    """
    if indicator.rule == "count":
        return Fraction(numerator + count, SCALE)
    return Fraction(numerator, denominator) if denominator else None


def difference(printed: str, ours: Fraction | None) -> str:
    """Why a printed figure is not our exact one, "" if it is.

    A figure agrees if the exact fraction rounded to the printed precision is what is printed: percentages to their
    decimals, other numbers to 15 significant digits. At an exact half either neighbour is taken, and the error of
    one rounding to a double (2**-53) is allowed, since that is how the publisher computed.
    """
    absent = printed.strip().casefold() in NO_FIGURE
    if ours is None or absent:
        if ours is None and absent:
            return ""
        return "published a figure, no school counts" if ours is None else "published none, schools count"
    percent = printed.endswith("%")
    try:
        number = Decimal(printed.removesuffix("%").strip())
    except InvalidOperation:
        return "published text is no number"
    if not number.is_finite():
        return "published text is no number"
    exact = ours * 100 if percent else ours
    unit = Fraction(10) ** int(number.as_tuple().exponent) if percent else _last_digit(exact)
    gap = abs(Fraction(number) - exact)
    if gap <= unit / 2 + abs(exact) * _DOUBLE * (unit > 0):
        return ""
    return f"differs by {float(gap):.3g}{' points' if percent else ''}"


def _last_digit(exact: Fraction) -> Fraction:
    """The size of the last of 15 significant digits of a number; a whole number is printed whole."""
    if exact.denominator == 1:
        return Fraction(0)
    rough = Context(prec=_PRINTED_DIGITS).divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return Fraction(10) ** (rough.adjusted() - _PRINTED_DIGITS + 1)


def sum_text(ours: Fraction | None, numerator: int, denominator: int, count: int = 0) -> str:
    """Our figure and the sums it is made of, as people read them."""

    def plain(amount: int) -> str:
        return format((Decimal(amount) / SCALE).normalize(), "f")

    quotient = "NA" if ours is None else f"{float(ours):.6g}"
    return f"{quotient} = {plain(numerator + count)} / {plain(denominator)}"
