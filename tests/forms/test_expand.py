"""The common header and footer and the evidence behind a bad answer are added by us, not typed by the author."""

from __future__ import annotations

import pytest
from lxml import etree

from forms.check import check
from forms.shipped import shipped_workbook
from forms.workbook import write_xlsx

ZH, EN = "label::中文 (zh)", "label::English (en)"
LISTS = {"ynp": {"1": "green", "2": "yellow", "3": "red", "9": "na"}, "vio": {"0": "green", "1": "grey", "2": "red"},
         "yn": {"1": "", "0": ""}}  # fmt: skip


def sheets(*rows: dict[str, str], **settings: str) -> dict[str, list[dict[str, str]]]:
    choices = [
        {"list_name": name, "name": value, ZH: value, EN: value, "light": light}
        for name, answers in LISTS.items()
        for value, light in answers.items()
    ]
    own = {"form_id": "t", "version": "1", "default_language": "中文 (zh)", "kind": "thematic", **settings}
    return {"survey": [{ZH: "题", EN: "Item", **row} for row in rows], "choices": choices, "settings": [own]}


@pytest.mark.parametrize(
    ("kind", "severity", "relevant", "required"),
    [
        ("select_one ynp", "S1", None, None),
        ("select_one ynp", "S2", "${q} = '2' or ${q} = '3'", ""),
        ("select_one ynp", "S3", "${q} = '2' or ${q} = '3'", "yes"),
        ("select_one vio", "S4", "${q} = '1' or ${q} = '2'", "yes"),
        ("select_multiple ynp", "S2", "selected(${q}, '2') or selected(${q}, '3')", ""),
        ("select_one yn", "S4", None, None),
        ("integer", "S4", None, None),
        ("select_one ynp", "", None, None),
    ],
)
def test_a_note_and_a_photo_follow_a_bad_answer_of_s2_and_above(kind, severity, relevant, required, checked) -> None:
    result = checked(sheets({"type": kind, "name": "q", "severity": severity}))
    assert result.problems == []
    rows = {row["name"]: row for row in result.expanded.sheet("survey")}
    assert ("q_nt" in rows, "q_ev" in rows) == ((True, True) if relevant else (False, False))
    if relevant:
        assert (rows["q_nt"]["type"], rows["q_nt"]["relevant"]) == ("text", relevant)
        assert (rows["q_ev"]["type"], rows["q_ev"]["relevant"]) == ("image", relevant)
        assert rows["q_ev"]["parameters"] == "max-pixels=1280"
        assert rows["q_ev"]["required"] == required
        roles = {i.name: (i.role, i.companion_of) for i in result.definition.items}
        assert roles["q_nt"] == ("note_companion", "q") and roles["q_ev"] == ("photo_companion", "q")


def test_header_and_footer_have_their_sixteen_and_fourteen_items(checked) -> None:
    result = checked(sheets({"type": "text", "name": "q"}))
    names = {i.name: i for i in result.definition.items}
    assert {f"hd_a{n:02}" for n in range(1, 17)} <= set(names)
    # ft_a02 and ft_a10 open and close the repeat; the photo question stands three times.
    footer = {f"ft_a{n:02}" for n in range(1, 15)} - {"ft_a02", "ft_a05", "ft_a10"}
    assert footer | {"ft_a05_1", "ft_a05_2", "ft_a05_3"} <= set(names)
    assert names["ft_a04"].repeat == "/data/ft_a/findings" and names["ft_a04"].role == "footer"
    assert names["hd_a06"].role == "header" and names["hd_a06"].list_name == "schools.csv"
    assert names["q"].role == "item"
    assert set(result.definition.media) == {"schools.csv", "indicators.csv"}


def test_nothing_is_asked_after_a_conflict_of_interest(checked) -> None:
    rows = (
        {"type": "begin_group", "name": "g", "relevant": "1 = 1"},
        {"type": "text", "name": "q"},
        {"type": "end_group"},
        {"type": "text", "name": "r"},
        {"type": "calculate", "name": "c", "calculation": "1"},
    )
    found = {row["name"]: row["relevant"] for row in checked(sheets(*rows)).expanded.sheet("survey")}
    gate = "${hd_a11} = '1'"
    assert found["g"] == f"{gate} and (1 = 1)" and found["r"] == gate
    assert found["q"] == "" and found["c"] == ""
    assert found["hd_b"] == gate and found["ft_a"] == gate and found["hd_a"] == ""


@pytest.mark.parametrize(("kind", "header", "added"), [
    ("regular", "", True), ("thematic", "", True), ("recheck", "", True), ("regular", "no", False),
    ("school_return", "", False), ("department_return", "", False), ("survey", "", False), ("survey", "yes", True),
])  # fmt: skip
def test_only_full_checklists_get_header_and_footer(kind, header, added, checked) -> None:
    result = checked(sheets({"type": "text", "name": "q"}, kind=kind, header=header, unit_item="q", date_item="q"))
    names = {row["name"] for row in result.expanded.sheet("survey")}
    assert ("hd_a11" in names, "ft_a13" in names) == (added, added)


def canonical(xform: str) -> bytes:
    return etree.tostring(etree.fromstring(xform.encode()), method="c14n")


@pytest.mark.parametrize("form_id", ["f01", "f12"])
def test_an_expanded_workbook_can_be_published_again_as_it_is(form_id: str) -> None:
    once = check(shipped_workbook(form_id))
    again = check(write_xlsx(once.expanded.renumbered()), filename=f"{form_id}.xlsx")
    assert again.problems == []
    assert canonical(again.xform) == canonical(once.xform)


def test_an_authors_one_language_gets_the_header_in_that_language(checked) -> None:
    form = {
        "survey": [{"type": "text", "name": "q", "label": "题"}],
        "settings": [{"form_id": "t", "version": "1", "kind": "regular"}],
    }
    result = checked(form)
    assert result.problems == []
    rows = {row["name"]: row["label"] for row in result.expanded.sheet("survey")}
    assert rows["hd_a06"].startswith("学校")


def test_photos_of_a_checklist_get_a_size(checked) -> None:
    result = checked(sheets({"type": "image", "name": "p"}))
    assert result.problems == []
    assert 'orx:max-pixels="1280"' in result.xform
