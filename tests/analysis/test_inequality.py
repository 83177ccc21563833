"""差异系数 is the national formula, weighted by students, and is compared without taking a root."""

from decimal import Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inequality import composite_holds, cv_holds, cv_squared, cv_text
from forms.catalogue import Threshold

schools = st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, 10**6)), min_size=1, max_size=30)


def by_the_formula(values):
    """The national formula term by term."""
    pupils = sum(students for _, students in values)
    mean = Fraction(sum(amount for amount, _ in values), pupils)
    if not mean:
        return None
    variance = sum(Fraction(students, pupils) * (Fraction(amount, students) - mean) ** 2 for amount, students in values)
    return variance / mean**2


@given(schools)
def test_the_square_is_that_of_the_national_formula(values):
    assert cv_squared(values) == by_the_formula(values)


@given(schools, st.integers(1, 1000), st.integers(1, 1000))
def test_units_of_measurement_do_not_matter(values, amounts, students):
    assert cv_squared([(x * amounts, p * students) for x, p in values]) == cv_squared(values)


@given(schools)
def test_splitting_a_school_into_equal_parts_changes_nothing(values):
    halves = [(x, p) for x, p in values for _ in range(2)]
    assert cv_squared(halves) == cv_squared(values)


def test_equal_shares_have_no_difference_and_two_unequal_schools_have_a_known_one():
    assert cv_squared([(30, 10), (300, 100)]) == 0
    assert cv_squared([(10, 10), (30, 10)]) == Fraction(1, 4)


def test_it_is_weighted_by_students():
    assert cv_squared([(10, 10), (30, 10), (2, 1), (2, 1)]) < Fraction(1, 4)
    assert cv_squared([(900, 900), (30, 10)]) != cv_squared([(10, 10), (30, 10)])


def test_nothing_to_compare_is_none_and_a_school_without_pupils_is_refused():
    assert cv_squared([]) is None
    assert cv_squared([(0, 5)]) is None
    with pytest.raises(ValueError, match="without pupils"):
        cv_squared([(1, 0)])


def test_a_coefficient_at_the_limit_meets_it_and_a_hair_above_does_not():
    limit = Threshold("<=", 1, 2)
    assert cv_holds(Fraction(1, 4), limit)
    assert not cv_holds(Fraction(1, 4) + Fraction(1, 10**40), limit)
    assert not cv_holds(Fraction(1, 4), Threshold("<", 1, 2))
    with pytest.raises(ValueError, match="never negative"):
        cv_holds(Fraction(1, 4), Threshold("<=", -1))


@given(st.lists(st.fractions(0, 4, max_denominator=10**6), min_size=1, max_size=8), st.fractions(0, 2))
def test_the_composite_is_the_mean_of_the_coefficients(squares, limit):
    getcontext().prec = 80
    mean = sum((Decimal(s.numerator) / Decimal(s.denominator)).sqrt() for s in squares) / len(squares)
    gap = mean - Decimal(limit.numerator) / Decimal(limit.denominator)
    if abs(gap) > Decimal("1e-60"):
        boundary = (limit.numerator, limit.denominator)
        assert composite_holds(squares, Threshold("<=", *boundary)) is (gap < 0)
        assert composite_holds(squares, Threshold(">", *boundary)) is (gap > 0)


def test_a_composite_exactly_at_the_limit_meets_it():
    squares = [Fraction(1, 4), Fraction(9, 100)]
    assert composite_holds(squares, Threshold("<=", 4, 10))
    assert not composite_holds(squares, Threshold("<", 4, 10))
    assert composite_holds(squares, Threshold("=", 4, 10))
    with pytest.raises(ValueError, match="no coefficient"):
        composite_holds([], Threshold("<=", 1))


@pytest.mark.parametrize(
    ("square", "text"),
    [(Fraction(1, 4), "0.500"), (Fraction(2), "1.414"), (Fraction(0), "0.000"), (Fraction(49, 400), "0.350")],
)
def test_people_read_the_coefficient_itself(square, text):
    assert cv_text(square) == text


def test_half_a_last_digit_is_rounded_up():
    assert cv_text(Fraction(125, 1000) ** 2, 2) == "0.13"
    assert cv_text(Fraction(25), 0) == "5"
