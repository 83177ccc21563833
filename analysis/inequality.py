"""差异系数, the coefficient of variation between schools, weighted by students: exact, as its square.

National formula (义务教育均衡发展差异系数计算方法): ``CV = S / X̄``, ``X_i = x_i / P_i``, ``X̄ = Σx_i / P_N`` (the total
of the county by its students, not the mean of the schools), ``S = sqrt(Σ (P_i / P_N)(X_i - X̄)²)``. Multiplied out,
``CV² = P_N · Σ(x_i² / P_i) / (Σx_i)² - 1``: a fraction of integers, compared with the square of the limit.

Which schools take part (not special or vocational ones, not those under 50 pupils) is the indicator's ``where``; a
nine-year school comes as its primary and its junior part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import isqrt, lcm

from forms.catalogue import Threshold


def cv_squared(values: Sequence[tuple[int, int]]) -> Fraction | None:
    """The square of the coefficient from ``(x_i, P_i)`` per school: amount and students, in any common scales.

    None where nothing can be compared: no school, or amounts that add up to 0. Raises ValueError for a school whose
    students are not a positive number.
    """
    if any(students <= 0 for _, students in values):
        raise ValueError("a school without pupils has no amount per pupil and must be left out")
    total = sum(amount for amount, _ in values)
    if not total:
        return None
    pupils = sum(students for _, students in values)
    # One common denominator and integer sums: adding fractions one by one would reduce at every step.
    common = lcm(*{students for _, students in values})
    squares = sum(amount * amount * (common // students) for amount, students in values)
    return Fraction(pupils * squares, common * total * total) - 1


def cv_holds(square: Fraction, boundary: Threshold) -> bool:
    """Compare the coefficient whose square this is with a boundary (0 or more), squared on both sides."""
    limit = boundary.fraction
    if limit < 0:
        raise ValueError("a coefficient of variation is never negative, nor is its limit")
    return Threshold(boundary.comparison, *(limit**2).as_integer_ratio()).holds(*square.as_integer_ratio())


def composite_holds(squares: Iterable[Fraction], boundary: Threshold) -> bool:
    """Compare the composite coefficient, the mean of several coefficients given squared, with a boundary, exactly.

    A sum of roots that are not all rational is never itself rational, so ever finer bounds decide in the end.
    Raises ValueError where there is none to take the mean of.
    """
    found = list(squares)
    if not found:
        raise ValueError("no coefficient to take the mean of")
    limit = boundary.fraction * len(found)
    roots = [_rational_root(square) for square in found]
    known = sum((root for root in roots if root is not None), Fraction(0))
    open_ones = [square for square, root in zip(found, roots, strict=True) if root is None]
    if not open_ones:
        return Threshold(boundary.comparison, *limit.as_integer_ratio()).holds(*known.as_integer_ratio())
    precision = 2**32
    while True:
        low = known + sum(Fraction(_floor_root(square, precision), precision) for square in open_ones)
        high = low + Fraction(len(open_ones), precision)
        if high <= limit:
            return boundary.comparison in ("<", "<=")
        if low >= limit:
            return boundary.comparison in (">", ">=")
        precision *= precision


def cv_text(square: Fraction, decimals: int = 3) -> str:
    """The coefficient itself for people to read, rounded half up; never compare this."""
    unit = 10**decimals
    doubled = _floor_root(square, 2 * unit)
    digits = f"{(doubled + 1) // 2:0{decimals + 1}d}"
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def _floor_root(square: Fraction, precision: int) -> int:
    """floor(sqrt(square) * precision)."""
    return isqrt(square.numerator * precision * precision // square.denominator)


def _rational_root(square: Fraction) -> Fraction | None:
    above, below = isqrt(square.numerator), isqrt(square.denominator)
    exact = above * above == square.numerator and below * below == square.denominator
    return Fraction(above, below) if exact else None
