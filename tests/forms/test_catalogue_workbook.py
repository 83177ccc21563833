"""A supervision office edits boundaries in Excel and is told which cell is wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.catalogue import Threshold
from forms.catalogue_workbook import LABELS, parse_threshold, read_catalogue, read_rulebook, threshold_text
from forms.sheets import Workbook, make_workbook

ROW = {"code": "A-1", LABELS["zh"]: "甲", "source": "JY", "rule": "ratio", "green": ">= 10%", "dimension": "D1"}


def book(**changes: str) -> Workbook:
    return make_workbook(
        {
            "settings": [{"version": "1"}],
            "dimensions": [{"code": "D1", LABELS["zh"]: "安全"}],
            "indicators": [{**ROW, **changes}],
        }
    )


@given(
    st.sampled_from([">=", ">", "<=", "<", "="]),
    st.fractions(min_value=-1000, max_value=1000, max_denominator=5000),
    st.booleans(),
)
def test_a_boundary_written_and_read_again_is_exactly_the_same(sign: str, value: Fraction, percent: bool) -> None:
    threshold = Threshold(sign, value.numerator, value.denominator)  # type: ignore[arg-type]
    assert parse_threshold(threshold_text(threshold, percent)) == threshold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">= 10%", Threshold(">=", 1, 10)),
        ("≥10％", Threshold(">=", 1, 10)),
        ("<= 0", Threshold("<=", 0, 1)),
        ("> 3/2", Threshold(">", 3, 2)),
        (">= 4.5", Threshold(">=", 9, 2)),
        ("10%", None),
        (">= ten", None),
        ("> 1/0", None),
    ],
)
def test_boundaries_are_exact_fractions(text: str, expected: Threshold | None) -> None:
    assert parse_threshold(text) == expected


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"green": "10%"}, "catalogue.threshold", "green"),
        ({"rule": "ratios"}, "catalogue.word", "rule"),
        ({"freshness": "soon"}, "catalogue.number", "freshness"),
        ({"dimension": "D9"}, "catalogue.dimension_unknown", "dimension"),
        ({"source": ""}, "catalogue.cell_missing", "source"),
        ({"colour": "x"}, "catalogue.column_unknown", "colour"),
    ],
)
def test_each_wrong_cell_is_named(changes: dict[str, str], code: str, column: str) -> None:
    _, problems = read_catalogue(book(**changes))
    assert (code, column) in [(found.code, found.column) for found in problems]


def test_a_code_twice_is_named_at_its_second_row() -> None:
    workbook = make_workbook({"settings": [{"version": "1"}], "indicators": [{**ROW, "dimension": ""}] * 2})
    _, problems = read_catalogue(workbook)
    assert [(found.code, found.row) for found in problems] == [("catalogue.code_repeated", 3)]


def test_rule_parameters_are_names_and_values() -> None:
    rules = [{"id": "L0.x", LABELS["zh"]: "规则", "parameters": "red=30%; n=2"}, {"id": "L0.y", "parameters": "red"}]
    rulebook, problems = read_rulebook(make_workbook({"settings": [{"name": "version", "value": "3"}], "rules": rules}))
    assert rulebook.version == "3"
    assert rulebook["L0.x"].fraction("red") == Fraction(3, 10)
    assert rulebook["L0.x"].number("n") == 2
    assert [(found.code, found.row) for found in problems] == [("catalogue.parameter", 3)]
