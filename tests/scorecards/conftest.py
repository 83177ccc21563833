"""A small rulebook and catalogue for the tests of verdicts, written as readable tables."""

from __future__ import annotations

import pytest

from forms.catalogue import Catalogue, Indicator, Threshold
from forms.rulebook import Rule, Rulebook

RULES = """
L0.sources.worse           |
L0.items.red_share         | red=30%; yellow_partial=20%
L0.items.s4                |
L0.items.na                |
L0.zero                    | red=1
L0.threshold               |
L0.stale                   | observation_days=90; administrative_days=365
L0.sample                  | n=20; share=30%
L0.document                | late_days=30
L0.milestone               | lag=20%; overdue_days=30
L0.frequency               |
L0.decrease                | share=2%; count=2
L0.cv                      |
L0.r4_excluded             |
L0.grey                    |
L1.dimension.red           | reds=2; share=25%
L1.dimension.yellow        | reds=1; share=30%
L1.dimension.green         |
L1.dimension.grey          | complete=50%
L1.school.veto             | lift_quarters=1
L1.school.red.dimensions   | red=3
L1.school.red.overdue      | days=15
L1.school.red.false_evidence |
L1.school.red.relapse      | times=2; severity=S2
L1.school.yellow.dimensions | red=1; yellow=3
L1.school.yellow.overdue   | days=5
L1.school.yellow.completeness | share=80%
L1.school.yellow.r3_open   | count=2
L1.school.yellow.s4_open   |
L1.school.green            | share=80%
L1.school.grey             | complete=50%; visits=1
L1.score                   | green=100; yellow=60; red=0; cap_red=59; cap_yellow=89
L2.town.red                | share=20%; ontime=60%
L2.town.yellow             | share=10%; both=40%; ontime=90%
L2.town.green              |
L2.town.small              | below=5; red=2; yellow=1
L2.town.grey               |
L3.department.red          | ontime=60%; overdue_days=30; core_overdue=2; r4_overdue=2
L3.department.yellow       | ontime=90%; overdue=1; overdue_days=30
L3.department.green        |
L3.department.grey         |
L3.department.veto         |
L3.weights                 | lead=1; responsible=1/2
L4.district.distribution   |
R.yellow_twice             | quarters=2
R.red_twice                | quarters=2; measure=Q1
R.red_three_of_four        | times=3; quarters=4; measure=Q2,Q3
R.green_four               | quarters=4; visits_per_term=2
S1                         | days=30
S2                         | days=15
S3                         | days=7
S4                         | days=3; hours=24
"""


def read_rules(text: str) -> Rulebook:
    rules = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        rule_id, _, parameters = (part.strip() for part in line.partition("|"))
        named = dict(part.strip().split("=", 1) for part in parameters.split(";") if part.strip())
        rules[rule_id] = Rule(rule_id, {"zh": f"规则 {rule_id}", "en": f"rule {rule_id}"}, named)
    return Rulebook("test-1", rules)


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return read_rules(RULES)


def at_least(numerator: int, denominator: int = 1) -> Threshold:
    return Threshold(">=", numerator, denominator)


def make_indicator(code: str, rule: str = "items", **fields: object) -> Indicator:
    known: dict[str, object] = {"requirement": code, "labels": {"zh": f"指标{code}", "en": code}, "source": "TEST"}
    return Indicator(code=code, rule=rule, **{**known, **fields})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def indicator():
    return make_indicator


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Three dimensions: four core indicators each, one extended one in the first; every rule occurs."""
    rows = [
        make_indicator("A1", dimension="GP-1"),
        make_indicator("A2", dimension="GP-1"),
        make_indicator("A3", "ratio", dimension="GP-1", green=at_least(1, 10), yellow=at_least(8, 100)),
        make_indicator("A4", "value", dimension="GP-1", green=at_least(3), yellow=at_least(2)),
        make_indicator("A5", "document", dimension="GP-1", core=False),
        make_indicator("B1", "zero", dimension="GP-2"),
        make_indicator("B2", "count", dimension="GP-2", green=Threshold("<=", 0), yellow=Threshold("<=", 2)),
        make_indicator("B3", "document", dimension="GP-2"),
        make_indicator("B4", "frequency", dimension="GP-2", target=2),
        make_indicator("C1", dimension="ZG"),
        make_indicator("C2", "milestone", dimension="ZG", target=40),
        make_indicator("C3", "decrease", dimension="ZG"),
        make_indicator("C4", "cv", dimension="ZG", green=Threshold("<=", 1, 2)),
        make_indicator("N1", "none", dimension="GP-1"),
        make_indicator("D1", "ratio", dimension="GP-1", levels=("district",), green=at_least(1, 10)),
    ]
    dimensions = {name: {"zh": name, "en": name} for name in ("GP-1", "GP-2", "ZG")}
    return Catalogue("test-1", {row.code: row for row in rows}, dimensions)
