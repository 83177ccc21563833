"""Numbers that make an indicator show the light that the simulation wants, and that a school could really report."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

from forms.catalogue import Indicator, Threshold

# Questions whose number feeds nothing or whose size is well known, by words of the label: the least and the most.
SIZES: tuple[tuple[str, int, int], ...] = (
    ("最大班额", 34, 45),
    ("迎检", 1, 4),
    ("听课节数", 1, 3),
    ("访谈学生", 4, 12),
    ("访谈教师", 3, 8),
    ("随机访谈", 3, 8),
    ("超标", 0, 0),
    ("违规", 0, 0),
    ("投诉", 0, 1),
    ("事故", 0, 0),
    ("逾期", 0, 0),
    ("过期", 0, 0),
    ("延期", 0, 0),
)

# Numbers that only a calculation of the form turns into an amount: the range that is green, and the range that is not.
RANGES = {"f06_a06": ((360, 430), (290, 355))}
SMALL_SCHOOL = 100  # pupils: 小规模学校


def wanted_ratio(indicator: Indicator, word: str, random_: random.Random) -> Fraction | None:
    """A value on the right side of the indicator's bounds, None where it has none."""
    green, yellow = indicator.green, indicator.yellow
    if indicator.rule == "zero":
        return Fraction(0 if word == "green" else 1)
    if green is None:
        return None
    low, high = (Fraction(random_.randint(8, 30), 100), Fraction(random_.randint(2, 12), 100))
    if green.comparison in (">=", ">", "="):
        return _above(green, yellow, word, low, high)
    return _below(green, yellow, word, low, high)


def _above(green: Threshold, yellow: Threshold | None, word: str, low: Fraction, high: Fraction) -> Fraction:
    bound = green.fraction
    if word == "green":
        best = bound * (1 + high * 2)
        return min(best, Fraction(1)) if bound <= 1 else best
    if yellow is not None and word == "yellow":
        return (bound + yellow.fraction) / 2
    return (yellow.fraction if yellow else bound) * (1 - low)


def _below(green: Threshold, yellow: Threshold | None, word: str, low: Fraction, high: Fraction) -> Fraction:
    bound = green.fraction
    if word == "green":
        return bound * (1 - low)
    if yellow is not None and yellow.fraction > bound and word == "yellow":
        return (bound + yellow.fraction) / 2
    top = max(bound, yellow.fraction if yellow else bound)
    return top * (1 + high * 2) if top else Fraction(1)


def numerator_for(ratio: Fraction, denominator: int, indicator: Indicator) -> int:
    """The whole number of ``denominator`` that lies on the same side of the bound as ``ratio``."""
    exact = ratio * denominator
    rising = indicator.green is not None and indicator.green.comparison in (">=", ">", "=")
    fits = indicator.green is not None and indicator.green.holds(ratio.numerator, ratio.denominator)
    whole = -(-exact.numerator // exact.denominator) if rising == fits else exact.numerator // exact.denominator
    return max(0, int(whole))


def size_of(label: str, enrolment: int, random_: random.Random) -> int:
    """How many there are of what a question counts, by the words of its label and the school's size."""
    for word, least, most in SIZES:
        if word in label:
            return random_.randint(least, most)
    teachers, classes = max(4, enrolment // 14), max(2, enrolment // 40)
    known = (
        ("经费", enrolment * 650),
        ("班级", classes),
        ("教师", teachers),
        ("教职工", teachers),
        ("面积", enrolment * 9),
    )
    for word, size in (*known, ("学生", enrolment), ("在校生", enrolment)):
        if word in label:
            return max(1, size + random_.randint(0, max(1, size // 20)))
    return random_.randint(6, 24)


def written(value: Fraction, decimals: int) -> str:
    """A value as a phone would send it: a whole number, or with at most ``decimals`` decimals."""
    scaled = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{scaled:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
