"""A workbook of KoboToolbox's form builder is taken as it is: its columns ignored, its groups written out."""

from __future__ import annotations

CHOICES = [
    {"list_name": "likert", "name": "1", "label": "Good", "$autovalue": "1", "$kuid": "c1"},
    {"list_name": "likert", "name": "2", "label": "Bad", "$autovalue": "2", "$kuid": "c2"},
    {"list_name": "assets", "name": "car", "label": "Car", "$autovalue": "car", "$kuid": "c3"},
    {"list_name": "assets", "name": "tv", "label": "TV", "$autovalue": "tv", "$kuid": "c4"},
]
SETTINGS = [{"form_id": "k", "version": "1", "style": "theme-grid"}]


def form(*rows: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    return {"survey": list(rows), "choices": CHOICES, "settings": SETTINGS}


def expanded(result) -> list[tuple[str, str]]:
    return [(row["type"], row["name"]) for row in result.expanded.sheet("survey")]


def test_kobos_own_columns_never_reach_the_form(checked) -> None:
    row = {"type": "text", "name": "a", "label": "A", "$kuid": "x1", "$autoname": "a", "kobo--locking-profile": "p",
           "_isRepeat": "false", "$xpath": "a"}  # fmt: skip
    result = checked(form(row, {"type": "integer", "$autoname": "b", "label": "B", "$kuid": "x2"}))
    assert result.problems == []
    assert [item.name for item in result.definition.items] == ["a", "b"]
    assert "kuid" not in result.xform and "autovalue" not in result.xform


def test_a_score_group_becomes_selects_under_a_header(checked) -> None:
    result = checked(
        form(
            {
                "type": "begin_score",
                "name": "s",
                "label": "Rate",
                "kobo--score-choices": "likert",
                "required": "true",
                "relevant": "1 = 1",
            },
            {"type": "score__row", "name": "s1", "label": "Food", "indicator": "A-1", "measure": "count"},
            {"type": "score__row", "name": "s2", "label": "Water", "appearance": "own"},
            {"type": "end_score"},
        )
    )
    assert result.problems == []
    assert expanded(result) == [
        ("begin_group", "s"), ("select_one likert", "s_header"), ("select_one likert", "s1"),
        ("select_one likert", "s2"), ("end_group", ""),
    ]  # fmt: skip
    rows = {row["name"]: row for row in result.expanded.sheet("survey")}
    assert (rows["s"]["appearance"], rows["s"]["relevant"]) == ("field-list", "1 = 1")
    assert rows["s_header"]["appearance"] == "label" and rows["s_header"]["required"] == ""
    assert (rows["s1"]["appearance"], rows["s1"]["required"]) == ("list-nolabel", "true")
    assert rows["s2"]["appearance"] == "own"
    assert [i.path for i in result.definition.items] == ["/data/s/s_header", "/data/s/s1", "/data/s/s2"]


def test_a_rank_group_becomes_selects_that_exclude_each_other(checked) -> None:
    result = checked(
        form(
            {
                "type": "begin_rank",
                "name": "r",
                "label": "Rank",
                "kobo--rank-items": "likert",
                "kobo--rank-constraint-message": "Not twice",
            },
            {"type": "rank__level", "name": "r1", "label": "1st"},
            {"type": "rank__level", "name": "r2", "label": "2nd"},
            {"type": "rank__level", "name": "r3", "label": "3rd"},
            {"type": "end_rank"},
        )
    )
    assert result.problems == []
    assert [name for _, name in expanded(result)] == ["r", "r_label", "r1", "r2", "r3", ""]
    rows = {row["name"]: row for row in result.expanded.sheet("survey")}
    assert rows["r1"]["constraint"] == "" and rows["r2"]["constraint"] == "${r2} != ${r1}"
    assert rows["r3"]["constraint"] == "${r3} != ${r1} and ${r3} != ${r2}"
    assert {rows[name]["constraint_message"] for name in ("r1", "r2", "r3")} == {"Not twice"}


def test_a_matrix_becomes_a_group_per_row_as_kobo_names_them(checked) -> None:
    result = checked(
        form(
            {"type": "begin_kobomatrix", "name": "m", "label": "Items", "kobo--matrix_list": "assets"},
            {"type": "select_one likert", "name": "have", "label": "Have?", "required": "true"},
            {"type": "integer", "name": "n", "label": "How many", "relevant": "${have} = '1'", "appearance": "w1"},
            {"type": "end_kobomatrix"},
        )
    )
    assert result.problems == []
    names = [name for _, name in expanded(result) if name]
    assert names == [
        "m_header", "m_header_note", "m_header_have", "m_header_n",
        "m_car", "m_car_note", "m_car_have", "m_car_n", "m_tv", "m_tv_note", "m_tv_have", "m_tv_n",
    ]  # fmt: skip
    rows = {row["name"]: row for row in result.expanded.sheet("survey")}
    assert rows["m_tv_n"]["relevant"] == "${m_tv_have} = '1'"
    assert rows["m_car"]["appearance"] == "w4" and rows["m_car_n"]["appearance"] == "w1 no-label"
    assert rows["m_header_have"]["label"] == "**Have?**" and rows["m_car_note"]["label"] == "##### Car"


def test_what_is_wrong_in_a_kobo_group_is_named(checked) -> None:
    result = checked(
        form(
            {"type": "begin_score", "name": "s", "label": "Rate", "kobo--score-choices": "nowhere"},
            {"type": "text", "name": "x", "label": "X"},
        )
    )
    found = {(problem.code, problem.row) for problem in result.problems}
    assert {("kobo.list_missing", 2), ("kobo.row_type", 3), ("kobo.unclosed", 2)} <= found
