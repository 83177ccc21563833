"""The shipped catalogue and rulebook say what the documents ask, in a form that the engine can use."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from importlib.resources import files

import pytest

from analysis.expressions import check_catalogue
from forms.catalogue import Catalogue, Threshold
from forms.catalogue_workbook import read_catalogue, read_rulebook
from forms.rulebook import Rulebook
from forms.workbook import read_markdown

LIBRARY = files("forms").joinpath("library")
DOCUMENTS = {"NX": 53, "SM": 32, "ZZ": 50, "SW": 79, "JY": 33}
# The national codes: prefix and how many there are, each written with as many digits as its checklist item uses.
NATIONAL = {"GP": 8, "YZ": 32, "SJ": 12, "AQ": 16, "ST": 14, "TJ": 12, "SD": 10, "YW": 10, "SX": 7, "JF": 6}
OURS = {"KC": 8, "ZG": 5}
AMOUNTS = ("ratio", "value", "count", "cv", "zero")
RULES = """L0.sources.worse L0.items.red_share L0.items.s4 L0.zero L0.threshold L0.stale L0.sample L0.document
L0.milestone L0.frequency L0.decrease L1.dimension.red L1.dimension.yellow L1.dimension.green L1.dimension.grey
L1.school.veto L1.school.red.dimensions L1.school.red.overdue L1.school.red.false_evidence L1.school.red.relapse
L1.school.yellow.dimensions L1.school.yellow.overdue L1.school.yellow.completeness L1.school.yellow.r3_open
L1.school.yellow.s4_open L1.school.green L1.school.grey L1.score L2.town.red L2.town.yellow L2.town.green L2.town.small
L3.department.red L3.department.yellow L3.department.green L3.weights L4.district.distribution R.yellow_twice
R.red_twice R.red_three_of_four R.green_four V1 V2 V3 V4 V5 V6 V7 V8 V9 S1 S2 S3 S4 R1 R2 R3 R4 D.statement D.plan
D.recheck D.reminder D.urge D.escalate D.interview"""


def _text(name: str) -> str:
    return LIBRARY.joinpath(name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    found, problems = read_catalogue(read_markdown(_text("catalogue.md")))
    assert problems == []
    return found


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    found, problems = read_rulebook(read_markdown(_text("rulebook.md")))
    assert problems == []
    return found


def test_every_requirement_of_the_five_documents_has_its_row(catalogue: Catalogue) -> None:
    expected = {f"{document}-{number:02}" for document, most in DOCUMENTS.items() for number in range(1, most + 1)}
    assert len(expected) == 247
    plain = {code for code in catalogue.indicators if code[:2] in DOCUMENTS and "." not in code}
    assert plain == expected
    kinds = Counter(catalogue.indicators[code].kind for code in expected)
    assert kinds == {"F": 71, "A": 134, "L": 42}
    assert sum(catalogue.indicators[code].core for code in expected) == 173


def test_every_national_rule_has_its_row(catalogue: Catalogue) -> None:
    coded = NATIONAL | OURS
    plain = Counter(code[:2] for code in catalogue.indicators if code[:2] in coded and "." not in code)
    assert plain == coded


def test_every_code_that_a_checklist_feeds_is_in_the_catalogue(catalogue: Catalogue) -> None:
    fed = set()
    for entry in LIBRARY.iterdir():
        if re.fullmatch(r"(f\d\d|return_\w+)\.md", entry.name):
            for row in read_markdown(entry.read_text(encoding="utf-8")).sheet("survey"):
                fed |= set(row["indicator"].split())
    assert len(fed) > 250
    assert fed - catalogue.indicators.keys() == set()


def test_a_part_belongs_to_the_requirement_it_is_written_under(catalogue: Catalogue) -> None:
    for code, indicator in catalogue.indicators.items():
        assert indicator.requirement == code.partition(".")[0]
        assert indicator.requirement in catalogue.indicators


def test_a_requirement_that_is_not_lit_itself_has_parts_that_are(catalogue: Catalogue) -> None:
    parts = Counter(entry.requirement for code, entry in catalogue.indicators.items() if "." in code)
    unlit = [code for code, entry in catalogue.indicators.items() if entry.rule == "none"]
    assert [code for code in unlit if parts[code] < 2] == []


def test_every_row_is_named_in_both_languages(catalogue: Catalogue) -> None:
    for entry in catalogue.indicators.values():
        assert re.search(r"[一-鿿]", entry.labels["zh"]), entry.code
        assert not re.search(r"[一-鿿]", entry.labels["en"]), entry.code


def test_a_requirement_of_a_document_carries_its_words_and_its_clause(catalogue: Catalogue) -> None:
    for entry in catalogue.indicators.values():
        if entry.source in DOCUMENTS:
            assert len(entry.quote) >= 6, entry.code
            assert re.search(r"[一二三四五六七八九十]", entry.clause), entry.code
            assert entry.light_text and entry.evidence and entry.period, entry.code


def test_sources_dimensions_and_departments_are_known(catalogue: Catalogue) -> None:
    assert list(catalogue.dimensions) == [f"GP-{number}" for number in range(1, 9)] + ["ZG"]
    for entry in catalogue.indicators.values():
        assert entry.source in catalogue.sources, entry.code
        assert entry.lead, entry.code
        assert set(entry.lead) | set(entry.responsible) <= catalogue.departments.keys(), entry.code
        assert not set(entry.lead) & set(entry.responsible), entry.code


def test_only_what_a_school_answers_for_stands_in_a_dimension(catalogue: Catalogue) -> None:
    for entry in catalogue.indicators.values():
        if entry.dimension:
            assert "school" in entry.levels, entry.code
    lit = Counter(entry.dimension for entry in catalogue.indicators.values() if entry.rule != "none")
    assert all(lit[dimension] >= 5 for dimension in catalogue.dimensions)


def test_every_dimension_has_something_to_say_after_a_regular_visit(catalogue: Catalogue) -> None:
    asked = {code for row in read_markdown(_text("f01.md")).sheet("survey") for code in row["indicator"].split()}
    seen = {catalogue.indicators[code].dimension for code in asked}
    assert catalogue.dimensions.keys() <= seen


def _within(green: Threshold, yellow: Threshold) -> bool:
    """Whether every amount that is green would also be at least yellow, tried on and around both bounds."""
    step = Fraction(1, 1_000_000)
    tried = [bound + shift for bound in (green.fraction, yellow.fraction) for shift in (-step, 0 * step, step)]
    tried = [amount for amount in [*tried, Fraction(0), Fraction(10**9)] if amount >= 0]
    holds = [(bound.holds(one.numerator, one.denominator)) for one in tried for bound in (green, yellow)]
    pairs = list(zip(holds[::2], holds[1::2], strict=True))
    return all(weaker for stronger, weaker in pairs if stronger) and (False, True) in pairs


def test_yellow_is_weaker_than_green_and_never_contradicts_it(catalogue: Catalogue) -> None:
    both = [entry for entry in catalogue.indicators.values() if entry.green and entry.yellow]
    assert len(both) > 80
    for entry in both:
        assert entry.green is not None and entry.yellow is not None
        assert _within(entry.green, entry.yellow), entry.code
    assert not _within(Threshold(">=", 1, 10), Threshold(">=", 2, 10))
    assert not _within(Threshold("<=", 1, 10), Threshold(">=", 1, 20))


def test_an_amount_has_a_bound_unless_the_document_gives_none(catalogue: Catalogue) -> None:
    bare = [code for code, entry in catalogue.indicators.items() if entry.rule in AMOUNTS and entry.green is None]
    assert bare == ["SW-53"]
    assert all(entry.green is not None or entry.yellow is None for entry in catalogue.indicators.values())


def test_a_number_of_times_has_its_target(catalogue: Catalogue) -> None:
    assert all(entry.target for entry in catalogue.indicators.values() if entry.rule == "frequency")


def test_the_expressions_can_be_read_and_name_items_that_some_checklist_asks(catalogue: Catalogue) -> None:
    assert check_catalogue(catalogue) == []
    asked = set()
    for entry in LIBRARY.iterdir():
        if entry.name.endswith(".md") and entry.name not in ("catalogue.md", "rulebook.md"):
            asked |= {row["name"] for row in read_markdown(entry.read_text(encoding="utf-8")).sheet("survey")}
    for indicator in catalogue.indicators.values():
        used = " ".join((indicator.numerator, indicator.denominator, indicator.where))
        assert set(re.findall(r"\$\{(\w+)\}", used)) <= asked, indicator.code


def test_no_amount_is_counted_twice(catalogue: Catalogue) -> None:
    """An indicator is fed either by the items' measures or by its own expressions, never by both."""
    tagged = set()
    for entry in LIBRARY.iterdir():
        if re.fullmatch(r"(f\d\d|return_\w+)\.md", entry.name):
            for row in read_markdown(entry.read_text(encoding="utf-8")).sheet("survey"):
                pairs = zip(row["indicator"].split(), row["measure"].split(), strict=True)
                tagged |= {code for code, measure in pairs if measure != "light"}
    twice = [code for code in tagged if catalogue.indicators[code].numerator or catalogue.indicators[code].denominator]
    assert twice == []


@pytest.mark.parametrize(
    ("code", "green", "yellow"),
    [
        ("NX-26", ">= 1/10", ">= 2/25"),  # 不低于符合交流条件教师总数的10%;黄8%–<10%
        ("NX-27", ">= 1/5", ">= 4/25"),
        ("NX-05.1", ">= 3/1", ">= 2/1"),
        ("NX-18.3", ">= 3/20", ">= 27/200"),
        ("SM-19", ">= 1/40", ">= 1/50"),  # 教职工工资总额的2.5%
        ("SW-74", ">= 1/10", ">= 2/25"),  # 年度公用经费预算总额的10%
        ("JY-29", ">= 1/20", ">= 1/25"),  # 5%, not 10%: each document keeps its own
        ("JY-28", ">= 3/200", ">= 3/250"),  # lower end of 1.5%—2.5%
        ("ZZ-25", "<= 1/20", "<= 11/200"),  # 占比不超过5%
        ("SM-01", "> 57/1", ">= 57/1"),
        ("YZ-01.2", ">= 53/1000", ">= 901/20000"),  # 5.3 per hundred pupils, 85 % of it
        ("YZ-04.9", "<= 9/20", None),  # 差异系数 初中 0.45
        ("SW-39.1", "<= 1/10", None),  # 优秀等次比例不超过10%, no yellow
    ],
)
def test_bounds_are_those_of_the_text(catalogue: Catalogue, code: str, green: str, yellow: str | None) -> None:
    entry = catalogue.indicators[code]
    shown = [
        f"{bound.comparison} {bound.numerator}/{bound.denominator}" if bound else None
        for bound in (entry.green, entry.yellow)
    ]
    assert shown == [green, yellow]


def test_vetoes_of_indicators_are_vetoes_of_the_rulebook(catalogue: Catalogue, rulebook: Rulebook) -> None:
    found = {code: entry.veto for code, entry in catalogue.indicators.items() if entry.veto}
    assert found["NX-10"] == 3 and found["SW-08"] == 5 and found["SW-42"] == 1
    assert all(f"V{number}" in rulebook.rules for number in found.values())
    assert all(catalogue.indicators[code].rule == "zero" for code in found)


def test_the_draft_and_the_unverified_are_not_called_verified(catalogue: Catalogue) -> None:
    indicators = catalogue.indicators
    assert "verified" not in {entry.status for entry in indicators.values() if entry.source == "SW"}
    unverified = ("YZ-10", "YZ-20.1", "YZ-21", "YZ-31.1", "SX-05", "ST-03", "SJ-05", "SJ-09", "AQ-07", "AQ-08", "AQ-10")
    assert {indicators[code].status for code in unverified} == {"unverified"}


def test_a_nursery_is_not_asked_for_a_monthly_drill(catalogue: Catalogue) -> None:
    assert catalogue.indicators["AQ-05.1"].where == "unit.stage != 1"
    assert catalogue.indicators["SW-48"].where == "unit.stage = 1"


def test_every_rule_has_its_identifier_and_both_languages(rulebook: Rulebook) -> None:
    assert set(RULES.split()) <= rulebook.rules.keys()
    for rule in rulebook.rules.values():
        assert rule.labels["zh"] and rule.labels["en"] and rule.source, rule.id
        assert rule.status in ("verified", "proposal", "unverified"), rule.id


def test_the_parameters_are_those_of_the_rules(rulebook: Rulebook) -> None:
    assert rulebook["L0.items.red_share"].fraction("red") == Fraction(3, 10)
    assert rulebook["L0.items.red_share"].fraction("yellow_partial") == Fraction(1, 5)
    assert rulebook["L0.stale"].number("observation_days") == 90
    assert rulebook["L1.dimension.red"].fraction("share") == Fraction(1, 4)
    assert rulebook["L1.school.red.dimensions"].number("red") == 3
    assert rulebook["L1.school.yellow.completeness"].fraction("share") == Fraction(4, 5)
    assert rulebook["L2.town.small"].number("below") == 5
    assert rulebook["L3.weights"].fraction("responsible") == Fraction(1, 2)
    assert [rulebook[f"S{level}"].number("days") for level in (1, 2, 3, 4)] == [30, 15, 7, 3]
    assert [rulebook["D.plan"].number(name) for name in ("S1", "S2", "S3", "S4_hours")] == [10, 5, 3, 24]
    assert rulebook["YZ.cv"].fraction("junior") == Fraction(9, 20)
