"""Publishing says what is wrong in a checklist, where, in Chinese and English; a plain XLSForm passes as it is."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pytest

from forms.catalogue import Catalogue, Indicator
from forms.compile import compile_form
from forms.meaning import Light, Measure
from forms.problem_texts import TEXTS
from forms.sheets import make_workbook
from forms.shipped import shipped_checklists, shipped_workbook
from forms.workbook import write_xlsx

ZH, EN = "label::中文 (zh)", "label::English (en)"
Sheets = dict[str, list[dict[str, str]]]


def item(name: str, kind: str = "select_one ynp", **cells: str) -> dict[str, str]:
    return {"type": kind, "name": name, ZH: f"题{name}", EN: f"Item {name}", **cells}


def checklist(*items: Mapping[str, str], settings: Mapping[str, str] | None = None) -> Sheets:
    words = {"green": "是", "yellow": "部分", "red": "否", "na": "不适用"}
    choices = [
        {"list_name": "ynp", "name": str(n), ZH: zh, EN: light, "light": light}
        for n, (light, zh) in enumerate(words.items(), 1)
    ]
    own = {"form_id": "t01", "version": "1", "default_language": "中文 (zh)", "kind": "regular", **(settings or {})}
    return {"survey": [dict(row) for row in items], "choices": choices, "settings": [own]}


def catalogue(*codes: str, **changes: str) -> Catalogue:
    return Catalogue("1", {code: Indicator(code, code, {"zh": code}, "JY", **changes) for code in codes})  # type: ignore[arg-type]


def codes(problems: Sequence[object]) -> list[str]:
    return [found.code for found in problems]  # type: ignore[attr-defined]


def test_a_good_checklist_is_defined_with_its_meaning(checked) -> None:
    row = item(
        "a", indicator="JY-1, JY-2", measure="light", severity="S3", days="7", route="R2", veto="V5", required="yes"
    )
    sheets = checklist(item("sec", "begin_group"), row, {"type": "end_group"})
    result = checked(sheets, catalogue=catalogue("JY-1", "JY-2"))
    assert result.problems == [] and result.definition is not None
    found = next(i for i in result.definition.items if i.name == "a")
    assert (found.path, found.section, found.type, found.list_name) == ("/data/sec/a", "sec", "select_one", "ynp")
    assert [(m.indicator, m.measure) for m in found.meanings] == [("JY-1", Measure.LIGHT), ("JY-2", Measure.LIGHT)]
    assert (found.severity, found.days, found.route, found.veto, found.required) == (3, 7, 2, 5, True)
    assert [choice.light for choice in result.definition.choices["ynp"]] == [
        Light.GREEN, Light.YELLOW, Light.RED, Light.NA,
    ]  # fmt: skip
    assert (result.definition.unit_item, result.definition.date_item) == ("hd_a06", "hd_a01")
    assert type(result.definition).from_json(result.definition.to_json()) == result.definition


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"indicator": "XX-1", "measure": "light"}, "survey.indicator_unknown", "indicator"),
        ({"indicator": "JY-1", "measure": "lights"}, "survey.measure", "measure"),
        ({"indicator": "JY-1", "measure": "light light"}, "survey.measure_number", "measure"),
        ({"measure": "light"}, "survey.measure_number", "measure"),
        ({"type": "select_one nowhere"}, "survey.list_unknown", "type"),
        ({"severity": "S5"}, "survey.severity", "severity"),
        ({"route": "R0"}, "survey.route", "route"),
        ({"veto": "V10"}, "survey.veto", "veto"),
        ({"days": "91"}, "survey.days", "days"),
        ({"days": "0"}, "survey.days", "days"),
        ({"days": "soon"}, "survey.days", "days"),
        ({"type": "text", "indicator": "JY-1", "measure": "light"}, "survey.measure_light_type", "measure"),
        ({"type": "text", "indicator": "JY-1", "measure": "count"}, "survey.measure_number_type", "measure"),
        ({"type": "note", "indicator": "JY-1", "measure": "light"}, "survey.measure_nowhere", "indicator"),
        ({"type": "integer", "indicator": "JY-1", "measure": "numerator"}, "survey.ratio_half", "measure"),
        ({"type": "integer", "indicator": "JY-1", "measure": "denominator"}, "survey.ratio_half", "measure"),
    ],
)
def test_each_wrong_cell_of_the_survey_is_named_with_row_and_column(cells, code, column, checked) -> None:
    result = checked(checklist(item("a"), {**item("b"), **cells}), catalogue=catalogue("JY-1", rule="ratio"))
    found = next(found for found in result.problems if found.code == code)
    assert (found.sheet, found.row, found.column, found.level) == ("survey", 3, column, "error")
    assert result.definition is None and result.xform is None


def test_the_catalogue_may_give_the_other_half_of_a_ratio(checked) -> None:
    half = checklist(item("a", "integer", indicator="JY-1", measure="numerator"))
    assert checked(half, catalogue=catalogue("JY-1", rule="ratio", denominator="teachers")).problems == []


def test_a_choice_without_a_light_is_named_where_a_light_is_measured(checked) -> None:
    sheets = checklist(item("a", indicator="JY-1", measure="light"))
    del sheets["choices"][2]["light"]
    problems = checked(sheets).problems
    assert [(f.code, f.sheet, f.row, f.column) for f in problems] == [("choices.light_missing", "choices", 4, "light")]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"kind": "monthly"}, "settings.kind"),
        ({"version": ""}, "settings.version_missing"),
        ({"form_id": ""}, "settings.form_id_missing"),
        ({"header": "maybe"}, "settings.header"),
        ({"unit_item": "nobody"}, "settings.item_unknown"),
        ({"header": "no"}, "settings.item_missing"),
    ],
)
def test_wrong_settings_are_named(settings, code, checked) -> None:
    result = checked(checklist(item("a"), settings=settings))
    assert code in codes(result.problems) and result.definition is None


def test_wrong_lights_and_repeated_choices_and_names_are_named(checked) -> None:
    sheets = checklist(item("a"), item("a", "text"))
    sheets["choices"] += [{**sheets["choices"][0], "light": "blue"}]
    found = codes(checked(sheets).problems)
    assert {"choices.light_word", "choices.name_repeated", "survey.name_repeated"} <= set(found)


def test_a_name_used_again_with_another_meaning_is_told(checked) -> None:
    one = checklist(item("a", severity="S1"))
    two = checklist(item("a", severity="S4"))
    previous = checked(one).definition
    result = checked(two, previous=previous)
    assert [(f.code, f.level, f.row) for f in result.problems] == [("survey.meaning_changed", "warning", 2)]
    assert "S1 → S4" in result.problems[0].zh and "S1 → S4" in result.problems[0].en
    assert result.definition is not None


def test_a_plain_xlsform_passes_without_any_extra_column(checked) -> None:
    sheets = {
        "survey": [{"type": "select one yn", "name": "a", "label": "A"}, {"type": "int", "name": "b", "label": "B"}],
        "choices": [{"list name": "yn", "name": "1", "label": "Yes"}],
        "settings": [{"form_id": "plain", "version": "3", "form_title": "Plain"}],
    }
    result = checked(sheets)
    assert result.problems == [] and result.definition is not None
    assert result.definition.kind == "survey"
    assert [(i.name, i.type) for i in result.definition.items] == [("a", "select_one"), ("b", "integer")]


def test_a_plain_xlsform_without_settings_takes_its_name_from_the_file(checked) -> None:
    result = checked({"survey": [{"type": "text", "name": "a", "label": "A"}]}, filename="visit 2.xlsx")
    assert result.definition is not None and result.definition.form_id == "visit_2"
    assert sorted(codes(result.problems)) == ["settings.form_id_from_file", "settings.version_advised"]


@pytest.mark.parametrize(
    ("row", "row_number", "column"),
    [
        ({"type": "text", "name": "1 b", "label": "B"}, 3, "name"),
        ({"type": "txet", "name": "b", "label": "B"}, 3, ""),
        ({"type": "text", "name": "b", "label": "B", "relevant": "${gone} = 1"}, 3, "relevant"),
        ({"type": "begin_group", "name": "b", "label": "B"}, 3, ""),
    ],
)
def test_what_pyxform_refuses_is_told_in_two_languages_with_its_row(row, row_number, column, checked) -> None:
    result = checked({"survey": [{"type": "text", "name": "a", "label": "A"}, row], "settings": [{"form_id": "f"}]})
    found = next(found for found in result.problems if found.code == "xlsform.error")
    assert result.definition is None
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.zh)
    assert found.row == row_number
    assert found.column == column


def test_a_crash_inside_pyxform_is_a_problem_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(**_: object) -> None:
        raise TypeError("'select_one x' object is not subscriptable")

    monkeypatch.setattr("forms.compile.convert", crash)
    workbook = make_workbook({"survey": [{"type": "text", "name": "a"}, {"type": "select_one x", "name": "b"}]})
    xform, problems = compile_form(workbook)
    assert xform is None
    assert [(f.code, f.sheet, f.row) for f in problems] == [("xlsform.crash", "survey", 3)]


MALFORMED: list[Sheets] = [
    {"survey": [{"name": "a"}]},
    {"survey": [{"type": "text"}]},
    {"survey": [{"type": "end_group"}]},
    {"survey": [{"type": "begin_repeat"}]},
    {"survey": [{"type": "range", "name": "a", "label": "A", "parameters": "start=x end==3"}]},
    {"survey": [{"type": "select_one", "name": "a", "label": "A"}]},
    {"survey": [{"type": "select_one a b c", "name": "a", "label": "A"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A", "bind::": "x", "control::y": "z"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A", "label::": "B", "media::image::x::y": "p"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A", "bind": "x"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A", "bind": "x", "bind::relevant": "1"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A", "label::English (en)": "B", "hint::a::b::c": "p"}]},
    {"survey": [{"type": "calculate", "name": "a", "calculation": "${a}"}]},
    {"survey": [{"type": "text", "name": "a", "label": "${"}]},
    {"survey": [{"type": "audit", "name": "x"}]},
    {"survey": [{"type": "osm x", "name": "a", "label": "A"}], "osm": [{"list_name": "x"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "choices": [{"list_name": "x"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "choices": [{"name": "x"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "choices": [{"label::a": "x", "label": "b"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "settings": [{"name": "1 2", "form_id": "a b"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "settings": [{"public_key": "x", "instance_name": "${"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "entities": [{"x": "y"}]},
    {"survey": [{"type": "text", "name": "a", "label": "A"}], "entities": [{"list_name": "x y"}]},
    {"survey": [{"type": "select_one_from_file x", "name": "a", "label": "A"}]},
    {"survey": [{"type": "select_one_external x", "name": "a", "label": "A", "choice_filter": "1"}]},
    {"survey": [{"type": "begin loop over x", "name": "a", "label": "A"}, {"type": "end loop"}]},
    {"survey": [{"type": "begin_group", "name": "a", "appearance": "table-list"}, {"type": "end_group"}]},
]


@pytest.mark.parametrize("sheets", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_form_never_raises(sheets: Sheets, checked) -> None:
    result = checked(sheets, filename="m.xlsx")
    assert result.problems or result.definition is not None
    assert all(found.zh and found.en and found.code in TEXTS for found in result.problems)


@pytest.mark.parametrize("form_id", shipped_checklists())
def test_a_shipped_checklist_is_checked_without_errors_in_under_a_second_and_a_half(form_id: str, checked) -> None:
    from forms.check import check

    started = time.process_time()
    result = check(shipped_workbook(form_id), filename=f"{form_id}.xlsx")
    assert time.process_time() - started < 1.5
    assert [found for found in result.problems if found.code.startswith("xlsform")] == []
    assert result.definition is not None


def test_our_columns_stay_out_of_the_xform(checked) -> None:
    result = checked(checklist(item("a", indicator="JY-1", measure="light")))
    assert result.xform is not None
    for word in ("<light>", "JY-1", "indicator>"):
        assert word not in result.xform


def test_pyxform_counts_rows_as_the_workbook_does(checked) -> None:
    from forms.check import check
    from forms.sheets import Row, Sheet, Workbook

    rows = (Row(2, {"type": "text", "name": "a", "label": "A"}), Row(9, {"type": "text", "name": "1 b", "label": "B"}))
    data = write_xlsx(Workbook({"survey": Sheet("survey", ("type", "name", "label"), rows)}))
    found = next(found for found in check(data, filename="f.xlsx").problems if found.code == "xlsform.error")
    assert (found.row, found.column) == (9, "name")


def test_rows_keep_their_numbers_though_rows_between_are_empty(checked) -> None:
    from forms.check import check
    from forms.sheets import Row, Sheet, Workbook

    rows = (
        Row(2, {"type": "text", "name": "a", "label": "A"}),
        Row(9, {"type": "select_one no", "name": "b", "label": "B"}),
    )
    data = write_xlsx(Workbook({"survey": Sheet("survey", ("type", "name", "label"), rows)}))
    found = next(found for found in check(data, filename="f.xlsx").problems if found.code == "survey.list_unknown")
    assert found.row == 9
