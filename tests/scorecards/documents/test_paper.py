"""Any checklist prints as a paper form from its workbook: every question, every condition in words, nothing missing."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pypdfium2
import pytest
import zxingcpp
from matplotlib.ft2font import FT2Font

from forms.markdown import read_markdown
from forms.outline import Outline, read_outline
from forms.shipped import shipped_checklists, shipped_workbook
from forms.xlsx_write import write_xlsx
from scorecards.documents.conditions import Conditions, short_code
from scorecards.documents.paper import SILENT, PaperUnit, paper, render_paper
from scorecards.documents.press import GETA
from scorecards.fonts import font_path

DAY = dt.date(2026, 11, 22)
Pages = Callable[[bytes], list[str]]


def outline_of(name: str) -> Outline:
    return read_outline(shipped_workbook(name), f"{name}.xlsx")


def own(survey: str, choices: str = "", language: str = "中文 (zh)") -> Outline:
    """A checklist of one's own from Markdown rows: type | name | label | relevant."""
    text = f"## survey\n\n| type | name | label::{language} | relevant |\n| --- | --- | --- | --- |\n{survey}\n"
    if choices:
        text += f"\n## choices\n\n| list_name | name | label::{language} |\n| --- | --- | --- |\n{choices}\n"
    text += "\n## settings\n\n| form_id | version |\n| --- | --- |\n| own | 1 |\n"
    return read_outline(write_xlsx(read_markdown(text)), "own.xlsx")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", shipped_checklists())
def test_every_shipped_checklist_prints_every_question(
    name: str, language: str, pages_of: Pages, squeeze: Callable[[str], str]
) -> None:
    outline = outline_of(name)
    pages = pages_of(render_paper(outline, on=DAY, language=language, unit=PaperUnit("S012", "青石区实验小学")))
    text = "".join(pages)
    assert 2 <= len(pages) <= 8
    for question in outline.root.questions():
        silent = question.type in SILENT or question.companion_of or question.name == outline.unit_item
        if silent or question.type == "note":
            continue
        assert squeeze(short_code(question.name, outline.form_id)) in text, question.name
        assert squeeze(question.labels.get(language) or question.labels["zh"]) in text, question.name
    assert GETA not in text and "□" not in text and "�" not in text
    assert all("S012" in page for page in pages)
    if language == "zh":
        assert not re.search(r"Onlyif|Note,photo|Code|Question", text)
    else:
        assert "仅当" not in text and "编号" not in text


@pytest.mark.parametrize("name", shipped_checklists())
def test_no_glyph_is_missing(name: str) -> None:
    known = set(FT2Font(str(font_path())).get_charmap())
    said = repr(paper(outline_of(name), language="zh", unit=None))
    assert not [letter for letter in set(said) if ord(letter) not in known and letter not in "\n"]


def test_each_page_carries_a_code_that_can_be_read_and_its_number(pages_of: Pages) -> None:
    pdf = render_paper(outline_of("f01"), on=DAY, unit=PaperUnit("S012", "实验小学"))
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        images = [page.render(scale=2).to_pil().convert("L") for page in document]
    finally:
        document.close()
    version = outline_of("f01").version
    for number, (image, text) in enumerate(zip(images, pages_of(pdf), strict=True), 1):
        (code,) = zxingcpp.read_barcodes(image)
        assert code.text == f"liangpai:f01:{version}:S012"
        assert f"第{number}页共{len(images)}页" in text


def test_same_workbook_same_bytes() -> None:
    assert render_paper(outline_of("f02"), on=DAY) == render_paper(outline_of("f02"), on=DAY)


def test_boxes_are_numbered_as_the_keying_screens_keys() -> None:
    sections = paper(outline_of("f01"), language="zh", unit=None)["sections"]
    rows = [row for section in sections for part in section["parts"] for row in part.get("rows", ())]
    first = next(row for row in rows if row["kind"] == "ask" and row["code"] == "A01")
    assert [(choice["key"], choice["label"]) for choice in first["choices"]] == [
        ("1", "是"),
        ("2", "部分"),
        ("3", "否"),
        ("4", "不适用"),
    ]
    assert first["needed"] and not first["photo"]
    assert next(row for row in rows if row["kind"] == "ask" and row["code"] == "F01")["photo"] == "photo_needed"


@pytest.mark.parametrize(
    ("relevant", "zh", "en"),
    [
        ("${a} = '1'", "仅当A 选“甲”时填写", "Only if A is “甲”"),
        ("'1' = ${a}", "仅当A 选“甲”时填写", "Only if A is “甲”"),
        ("${a} = '1' or ${a} = '2'", "仅当A 选“甲”或“乙”时填写", "Only if A is “甲” or “乙”"),
        ("${a} != '1'", "仅当A 不是“甲”时填写", "Only if A is not “甲”"),
        ("${n} != ''", "仅当N 已填写时填写", "Only if N is filled in"),
        ("selected(${a}, '2')", "仅当A 选“乙”时填写", "Only if A is “乙”"),
        ("not(${a} = '1')", "仅当并非（A 选“甲”）时填写", "Only if not (A is “甲”)"),
        ("${n} > 3 and ${m} <= 2.5", "仅当N大于3，且M不大于2.5时填写", "Only if N is above 3 and M is at most 2.5"),
        ("3 < ${n}", "仅当N大于3时填写", "Only if N is above 3"),
        (
            "${n} > 0 and (${a} = '1' or ${m} > 1)",
            "仅当N大于0，且（A 选“甲”，或M大于1）时填写",
            "Only if N is above 0 and (A is “甲” or M is above 1)",
        ),
        ("number(selected-at(${n}, 3)) > 200", "", ""),
        ("${missing} = '1'", "", ""),
        ("this is no expression (", "", ""),
    ],
)
def test_a_condition_is_said_as_people_would_say_it(relevant: str, zh: str, en: str) -> None:
    survey = "| select_one l | a | 选 | |\n| integer | n | 数 | |\n| integer | m | 另 | |"
    outline = own(survey, "| l | 1 | 甲 |\n| l | 2 | 乙 |")
    assert Conditions(outline, "zh").only_if(relevant) == zh
    assert Conditions(outline, "en").only_if(relevant) == en


def test_what_everybody_knows_is_not_said_again() -> None:
    outline = own("| select_one l | a | 选 | |\n| integer | n | 数 | |", "| l | 1 | 甲 |")
    conditions = Conditions(outline, "zh")
    assert conditions.only_if("${a} = '1'", given="${a} = '1'") == ""
    assert conditions.only_if("${a} = '1' and (${n} > 1)", given="${a} = '1'") == "仅当N大于1时填写"


def test_hostile_labels_are_printed_and_not_obeyed(
    hostile: str, pages_of: Pages, squeeze: Callable[[str], str]
) -> None:
    safe = hostile.replace("|", "").replace("\\ ", "")  # Markdown reads a backslash itself
    text = "".join(pages_of(render_paper(own(f"| text | a | {safe} | |"), on=DAY)))
    assert squeeze(safe) in text


def test_nested_groups_repeats_and_loose_questions_keep_their_order(pages_of: Pages) -> None:
    survey = "\n".join(
        (
            "| text | a | 甲题 | |",
            "| begin_group | g | 一组 | |",
            "| begin_group | h | 内组 | ${a} != '' |",
            "| text | b | 乙题 | |",
            "| end_group |  |  | |",
            "| begin_repeat | r | 一条 | |",
            "| text | c | 丙题 | |",
            "| end_repeat |  |  | |",
            "| text | d | 丁题 | |",
            "| end_group |  |  | |",
            "| text | e | 戊题 | |",
        )
    )
    (text,) = pages_of(render_paper(own(survey), on=DAY))
    order = ["甲题", "一组", "内组", "仅当A已填写时填写", "乙题", "一条", "第1条", "第3条", "丙题", "丁题", "戊题"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_a_picture_that_an_answer_names_is_not_printed() -> None:
    outline = read_outline(shipped_workbook("f12"), "f12.xlsx")
    assert [question.name for question in outline.root.questions() if question.picture] == ["f12_old_shown"]
    assert "检查时的照片" not in str(paper(outline, language="zh", unit=None))
