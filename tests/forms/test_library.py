"""The shipped library keeps its promise: twelve checklists, 420 items, and a form for every requirement."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest

from forms.catalogue import Catalogue
from forms.check import CheckedForm, check
from forms.definition import FormDefinition, Item
from forms.expand import expand
from forms.meaning import Light, Measure
from forms.shipped import shipped_catalogue
from forms.twins import twin
from forms.workbook import Workbook, read_markdown

# Items per section, as the supervision office's list of checklists has them: 420 in all.
SECTIONS = {
    "f01": "a8 b7 c6 d8 e7 f10 g6 h7",
    "f02": "a5 b8 c6 d9 e6",
    "f03": "a6 b8 c7 d7 e6 f5 g4 h4",
    "f04": "a8 b5 c6 d7 e4 f4",
    "f05": "a13 b9 c8 d5 e3",
    "f06": "a9 b6 c8 d3 e3",
    "f07": "a5 b8 c7 d7 e4",
    "f08": "a5 b4 c5 d6 e3 f4",
    "f09": "a7 b6 c5 d4 e3 f4",
    "f10": "a7 b9 c7 d5",
    "f11": "a5 b4 c5 d6 e5 f6 g6 h3",
    "f12": "a6 b8 c4 d6",
}
RETURNS = ("return_school_year", "return_department_quarter", "return_department_year")
FORMS = (*SECTIONS, *RETURNS)
ITEM = re.compile(r"f\d\d_[a-z]\d\d")
ZH, EN = "label::中文 (zh)", "label::English (en)"
CHINESE = re.compile("[\u4e00-\u9fff]")

# The lists whose answers are lights everywhere: yes-partly-no, leads and confirmed cases, four levels.
LIT_LISTS = {
    "ynp": {"1": Light.GREEN, "2": Light.YELLOW, "3": Light.RED, "9": Light.NA},
    "vio": {"0": Light.GREEN, "1": Light.GREY, "2": Light.RED},
    "lvl4": {"1": Light.GREEN, "2": Light.GREEN, "3": Light.YELLOW, "4": Light.RED},
}
# What turns a school red by itself, by the numbers of the veto list V1-V9.
VETOES = {
    "f03_h04": 1, "f07_e03": 1, "f11_g03": 2, "f01_e03": 3, "f02_d01": 3, "f04_e01": 3, "f01_e02": 4, "f02_d02": 4,
    "f02_d03": 4, "f02_d08": 4, "f08_c05": 4, "f01_b04": 5, "f01_b05": 5, "f12_b04": 6, "f09_a02": 7, "f06_c06": 8,
    "f11_f03": 8, "f01_h04": 9,
}  # fmt: skip
PART_OF_WHOLE = {
    "f03_c03": "f03_c02", "f05_a03": "f05_a02", "f05_a07": "f05_a05", "f05_a08": "f05_a04", "f05_b06": "f05_b02",
    "f06_a03": "f06_a02", "f06_c02": "f06_c01", "f06_c04": "f06_c03", "f07_b04": "f07_b02", "f11_b02": "f11_b01",
    "f12_a03": "f12_a02",
}  # fmt: skip


def _read(form_id: str, suffix: str) -> bytes:
    return (resources.files("forms") / "library" / f"{form_id}{suffix}").read_bytes()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.fixture(scope="module")
def checked(catalogue: Catalogue) -> dict[str, CheckedForm]:
    """Every shipped workbook as publishing sees it, from the .xlsx that an office would upload."""
    return {name: check(_read(name, ".xlsx"), filename=f"{name}.xlsx", catalogue=catalogue) for name in FORMS}


@pytest.fixture(scope="module")
def authored() -> dict[str, Workbook]:
    return {name: read_markdown(_read(name, ".md").decode()) for name in FORMS}


def _definition(checked: Mapping[str, CheckedForm], name: str) -> FormDefinition:
    definition = checked[name].definition
    assert definition is not None, [found.en for found in checked[name].problems]
    return definition


def _items(checked: Mapping[str, CheckedForm]) -> dict[str, Item]:
    found = {}
    for name in FORMS:
        found |= {item.name: item for item in _definition(checked, name).items if item.role == "item"}
    return found


def _column(authored: Mapping[str, Workbook], column: str) -> dict[str, str]:
    """A column of the checklists' survey sheets by question, where it is filled in."""
    return {
        row["name"]: row[column]
        for name in SECTIONS
        for row in authored[name].sheet("survey")
        if row["name"] and row[column]
    }


@pytest.mark.parametrize("name", FORMS)
def test_the_workbook_is_what_its_markdown_twin_says(name: str) -> None:
    assert _read(name, ".xlsx") == twin(_read(name, ".md").decode())


@pytest.mark.parametrize("name", FORMS)
def test_publishing_finds_no_error_and_no_warning(name: str, checked: dict[str, CheckedForm]) -> None:
    assert [f"{found.place()} {found.en}" for found in checked[name].problems] == []
    assert checked[name].xform


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("java"), reason="ODK Validate needs Java")
@pytest.mark.parametrize("name", FORMS)
def test_the_engine_inside_odk_collect_reads_the_form(
    name: str, checked: dict[str, CheckedForm], tmp_path: Path
) -> None:
    xform = tmp_path / f"{name}.xml"
    xform.write_text(checked[name].xform or "", encoding="utf-8")
    jar = resources.files("pyxform") / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    command = ["java", "-Djava.awt.headless=true", "-jar", str(jar), str(xform)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0 and "Xform is valid" in ran.stdout + ran.stderr, ran.stderr


def test_the_twelve_checklists_hold_420_items_numbered_without_a_gap(authored: dict[str, Workbook]) -> None:
    total = 0
    for form_id, sections in SECTIONS.items():
        expected = [
            f"{form_id}_{section[0]}{number:02d}"
            for section in sections.split()
            for number in range(1, int(section[1:]) + 1)
        ]
        names = [row["name"] for row in authored[form_id].sheet("survey") if ITEM.fullmatch(row["name"])]
        assert names == expected
        total += len(names)
    assert total == 420


@pytest.mark.parametrize("name", FORMS)
def test_every_question_and_every_answer_speaks_chinese_and_english(name: str, authored: dict[str, Workbook]) -> None:
    survey = [row for row in authored[name].sheet("survey") if not row["type"].startswith("end_")]
    for row in [*survey, *authored[name].sheet("choices")]:
        assert CHINESE.search(row[ZH]), row["name"]
        assert row[EN] and not CHINESE.search(row[EN]), row["name"]
        for column in ("hint", "constraint_message"):
            assert bool(row[f"{column}::中文 (zh)"]) == bool(row[f"{column}::English (en)"]), row["name"]
    assert len({row[EN] for row in survey}) == len({(row["name"], row[EN]) for row in survey}) or name in RETURNS


def test_the_answers_that_carry_lights_carry_the_same_everywhere(checked: dict[str, CheckedForm]) -> None:
    seen = set()
    for name in FORMS:
        for list_name, lights in LIT_LISTS.items():
            if choices := _definition(checked, name).choices.get(list_name):
                assert {choice.name: choice.light for choice in choices} == lights
                seen.add(list_name)
    assert seen == set(LIT_LISTS)


def test_every_answer_with_a_light_that_feeds_an_indicator_lights_it(checked: dict[str, CheckedForm]) -> None:
    for item in _items(checked).values():
        if item.list_name in LIT_LISTS and item.meanings:
            assert {meaning.measure for meaning in item.meanings} == {Measure.LIGHT}, item.name


def test_every_requirement_of_the_five_documents_and_every_figure_has_a_form(
    checked: dict[str, CheckedForm], catalogue: Catalogue
) -> None:
    items = _items(checked)
    fed = {meaning.indicator for item in items.values() for meaning in item.meanings}
    for code, indicator in catalogue.indicators.items():
        asked = set(re.findall(r"\$\{(\w+)\}", f"{indicator.numerator} {indicator.denominator}"))
        assert asked <= items.keys(), (code, asked - items.keys())
        if asked:
            fed.add(code)
    sources: dict[str, bool] = {}
    for code, indicator in catalogue.indicators.items():
        of_a_document = indicator.source in ("NX", "SM", "ZZ", "SW", "JY")
        if indicator.rule != "none" and (of_a_document or indicator.kind in ("A", "L")):
            sources[indicator.requirement] = sources.get(indicator.requirement, False) or code in fed
    assert len(sources) >= 247
    assert sorted(requirement for requirement, has in sources.items() if not has) == []


def test_no_amount_is_counted_twice(checked: dict[str, CheckedForm], catalogue: Catalogue) -> None:
    """An indicator that the catalogue computes from answers gets no number from the items as well."""
    for item in _items(checked).values():
        for meaning in item.meanings:
            indicator = catalogue.indicators[meaning.indicator]
            computed = bool(indicator.numerator or indicator.denominator)
            assert meaning.measure is Measure.LIGHT or not computed, (item.name, meaning.indicator)


def test_reported_states_are_not_summed_over_visits(checked: dict[str, CheckedForm], catalogue: Catalogue) -> None:
    """``count`` is for cases and times, which add up over a period; a state such as a head count is a value."""
    for item in _items(checked).values():
        for meaning in item.meanings:
            if meaning.measure is Measure.COUNT:
                rule = catalogue.indicators[meaning.indicator].rule
                assert rule in ("zero", "frequency", "items") or meaning.indicator == "ZZ-44", item.name


def test_a_numerator_never_stands_without_its_denominator(checked: dict[str, CheckedForm]) -> None:
    for name in FORMS:
        parts: dict[str, set[Measure]] = {}
        for item in _definition(checked, name).items:
            for meaning in item.meanings:
                parts.setdefault(meaning.indicator, set()).add(meaning.measure)
        for code, measures in parts.items():
            assert (Measure.NUMERATOR in measures) == (Measure.DENOMINATOR in measures), (name, code)


def test_the_red_lines_are_vetoes_and_only_they(checked: dict[str, CheckedForm]) -> None:
    items = _items(checked)
    assert {name: item.veto for name, item in items.items() if item.veto} == VETOES
    assert set(VETOES.values()) == set(range(1, 10))
    assert all(items[name].severity >= 3 for name in VETOES)


def test_what_a_school_cannot_put_right_goes_to_a_department(authored: dict[str, Workbook]) -> None:
    routes = _column(authored, "route")
    assert set(routes.values()) == {"R4"}
    assert {"f01_f10", "f03_g04", "f05_b06", "f05_d04", "f09_e01"} & routes.keys() == {
        "f01_f10", "f03_g04", "f05_d04", "f09_e01",
    }  # fmt: skip


def test_severity_and_days_come_together(checked: dict[str, CheckedForm]) -> None:
    for item in _items(checked).values():
        assert (item.severity > 0) == (item.days > 0), item.name


def test_the_village_version_is_marked(authored: dict[str, Workbook]) -> None:
    short = _column(authored, "short")
    assert set(short.values()) == {"yes"}
    assert len(short) == 32 and {"f01_a01", "f03_d01", "f11_d03"} <= short.keys()


def test_mechanisms_are_never_taken_for_indicators(authored: dict[str, Workbook]) -> None:
    assert not [
        name for name, codes in _column(authored, "indicator").items() if "M-" in f" {codes}".replace("SM-", "")
    ]
    about = _column(authored, "about")
    assert about["f01_a05"] == "JF-01 ZZ-34 M-44" and "M-26" in about["f12_b01"]


def test_a_part_is_never_larger_than_its_whole(authored: dict[str, Workbook]) -> None:
    constraints = _column(authored, "constraint")
    for part, whole in PART_OF_WHOLE.items():
        assert f". <= ${{{whole}}}" in constraints[part]
    for form_id in RETURNS:
        for row in authored[form_id].sheet("survey"):
            if "ratio" not in row["type"] and row["type"] in ("integer", "decimal"):
                assert row["constraint"].startswith(". >= 0"), row["name"]


def test_numbers_have_bounds_and_the_bounds_are_explained(authored: dict[str, Workbook]) -> None:
    for name in FORMS:
        for row in authored[name].sheet("survey"):
            if row["type"] in ("integer", "decimal"):
                assert row["constraint"], row["name"]
            if row["constraint"]:
                assert row["constraint_message::中文 (zh)"] and row["constraint_message::English (en)"], row["name"]


def _xpath(expression: str, answers: Mapping[str, object]) -> object:
    """The value of one of our own calculations, by reading its XPath as Python."""
    text = re.sub(r"pulldata\('principals', '(\w+)', 'stage', \$\{hd_a07\}\)", r"_['\1']", expression)
    text = re.sub(r"\$\{(\w+)\}", r"_['\1']", text)
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text).replace(" div ", " / ").replace("if(", "iif(")
    return eval(text, {"_": answers, "iif": lambda test, a, b: a if test else b, "int": int})


@pytest.mark.parametrize(("principals", "quota"), [(9, 0), (10, 1), (19, 1), (20, 2), (137, 13)])
def test_the_quota_of_excellent_principals_is_a_tenth_rounded_down(
    principals: int, quota: int, authored: dict[str, Workbook]
) -> None:
    calculation = _column(authored, "calculation")["f07_d01_quota"]
    assert _xpath(calculation, {"n": principals}) == quota


@pytest.mark.parametrize(("used", "grade", "over"), [(0, "1", 0), (1, "1", 1), (1, "2", 0), (2, "2", 1)])
def test_one_excellent_grade_too_many_is_noticed(
    used: int, grade: str, over: int, authored: dict[str, Workbook]
) -> None:
    calculation = _column(authored, "calculation")["f07_d03"]
    assert _xpath(calculation, {"f07_d02": used, "f07_d01": grade, "f07_d01_quota": 1}) == over


@pytest.mark.parametrize(
    ("last", "this", "triggered"), [("3", "3", 1), ("1", "4", 1), ("3", "2", 0), ("1", "3", 0), ("", "3", 0)]
)
def test_not_competent_or_twice_basically_competent_triggers_a_measure(
    last: str, this: str, triggered: int, authored: dict[str, Workbook]
) -> None:
    calculation = _column(authored, "calculation")["f07_d06"]
    assert _xpath(calculation, {"f07_d05": last, "f07_d01": this}) == triggered


@pytest.mark.parametrize(("pupils", "rooms"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2)])
def test_one_resource_room_for_every_five_pupils(pupils: int, rooms: int, authored: dict[str, Workbook]) -> None:
    assert _xpath(_column(authored, "calculation")["f09_b02"], {"f09_a01": pupils}) == rooms


def test_every_lesson_and_every_finding_is_an_entry_of_its_own(checked: dict[str, CheckedForm]) -> None:
    lessons = [item for item in _definition(checked, "f08").items if ITEM.fullmatch(item.name)]
    assert len(lessons) == 27 and {item.repeat for item in lessons} == {"/data/f08_lesson"}
    for item in _definition(checked, "f12").items:
        if ITEM.fullmatch(item.name):
            assert bool(item.repeat) == item.name.startswith("f12_b"), item.name


def test_a_conflict_of_interest_ends_every_checklist(authored: dict[str, Workbook]) -> None:
    for form_id in SECTIONS:
        named = {row["name"]: row["relevant"] for row in expand(authored[form_id]).workbook.sheet("survey")}
        outer = [name for name in named if re.fullmatch(rf"{form_id}_([a-z]|lesson|finding)", name)]
        assert outer
        inner = {"f08": {f"f08_{letter}" for letter in "abcdef"}, "f12": {"f12_b"}}.get(form_id, set())
        assert all("${hd_a11} = '1'" in named[name] for name in outer if name not in inner)


def test_special_education_asks_for_no_name_and_no_photo_of_a_pupil(authored: dict[str, Workbook]) -> None:
    kinds = {row["type"].split()[0] for row in authored["f09"].sheet("survey")}
    assert kinds == {"begin_group", "end_group", "select_one", "integer", "calculate", "note"}


def test_no_grade_of_a_principal_lights_anything(checked: dict[str, CheckedForm]) -> None:
    items = _items(checked)
    personal = [items[f"f07_c{number:02d}"] for number in (1, 2, 4, 5, 6)] + [items["f07_d01"], items["f07_d05"]]
    assert [item.name for item in personal if item.meanings] == []


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_says_whose_it_is_and_of_when(name: str, checked: dict[str, CheckedForm]) -> None:
    definition = _definition(checked, name)
    assert (definition.unit_item, definition.date_item) == ("unit", "reported_on")
    assert [item.name for item in definition.items[:3]] == ["unit", "period", "reported_on"]
    assert definition.media == ("units.csv",)


def test_principals_quota_travels_as_an_attachment(checked: dict[str, CheckedForm]) -> None:
    assert "principals.csv" in _definition(checked, "f07").media


def test_kinds_and_cadences_are_those_the_plan_knows(checked: dict[str, CheckedForm]) -> None:
    kinds = {name: _definition(checked, name).kind for name in FORMS}
    assert kinds["f01"] == "regular" and kinds["f12"] == "recheck"
    assert {kinds[f"f{number:02d}"] for number in range(2, 12)} == {"thematic"}
    assert {kinds[name] for name in RETURNS} == {"school_return", "department_return"}
    cadences = {_definition(checked, name).cadence for name in FORMS}
    assert cadences <= {"monthly", "quarterly", "term2", "term1", "year2", "year1", "event"}
