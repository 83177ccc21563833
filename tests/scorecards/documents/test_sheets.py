"""The feedback sheet and the wall sheet say what they were given, and no more."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from forms.meaning import Light
from scorecards.documents.feedback import FeedbackFinding, FeedbackSheet, render_feedback
from scorecards.documents.wall import WallLine, WallSheet, render_wall_sheet

Pages = Callable[[bytes], list[str]]


@pytest.fixture
def sheet() -> FeedbackSheet:
    finding = FeedbackFinding("F03", "消防通道畅通", "通道堆放课桌椅23套。", 3, 3, 7, Light.RED, 2)
    return FeedbackSheet(
        form="责任督学经常性督导",
        school="青石区实验小学",
        school_code="S012",
        visited_on=dt.date(2026, 11, 22),
        inspectors=("艾督学", "博督学"),
        counts={Light.RED: 2, Light.YELLOW: 5, Light.GREEN: 44},
        findings=(finding,),
        attitude="部分认可",
        reservation="已报教研室备案",
        receipt="uuid:1",
        link="https://liangpai.example/submissions/uuid:1",
    )


@pytest.fixture
def wall() -> WallSheet:
    day = dt.date(2026, 11, 22)
    lines = (
        WallLine("A-1", "后到期", 2, dt.date(2026, 12, 1), 6, "要求甲", "校长李某", "整改中"),
        WallLine("A-2", "已逾期", 3, dt.date(2026, 11, 18), -2),
        WallLine("A-3", "未定期限", 1),
    )
    return WallSheet("青石区实验小学", day, lines, "督导室", "https://liangpai.example/school")


def test_the_feedback_sheet_is_one_page_with_counts_findings_and_reservation(
    sheet: FeedbackSheet, pages_of: Pages
) -> None:
    (text,) = pages_of(render_feedback(sheet))
    for words in (
        "青石区实验小学",
        "2026年11月22日",
        "艾督学、博督学",
        "44",
        "S3严重",
        "7个工作日",
        "R3督导室督办",
        "照片2张",
    ):
        assert words in text
    for words in ("部分认可", "已报教研室备案", "督学签名", "校方代表签名", "不是评定结论"):
        assert words in text


def test_in_english_nothing_of_the_frame_is_chinese(sheet: FeedbackSheet, pages_of: Pages) -> None:
    plain = replace(sheet, form="F01", school="School", inspectors=("A",), findings=(), attitude="", reservation="")
    (text,) = pages_of(render_feedback(plain, language="en"))
    assert not [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
    assert "Nofindingisproposed" in text


def test_the_code_leads_to_the_visit(sheet: FeedbackSheet) -> None:
    document = pypdfium2.PdfDocument(io.BytesIO(render_feedback(sheet)))
    try:
        (code,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil().convert("L"))
    finally:
        document.close()
    assert code.text == sheet.link


def test_hostile_words_stay_words(
    sheet: FeedbackSheet, hostile: str, pages_of: Pages, squeeze: Callable[[str], str]
) -> None:
    attacked = replace(
        sheet, school=hostile, reservation=hostile, findings=(replace(sheet.findings[0], title=hostile, fact=hostile),)
    )
    assert "".join(pages_of(render_feedback(attacked))).count(squeeze(hostile)) == 4


def test_a_long_list_of_findings_goes_on_to_a_second_page_with_its_heading(
    sheet: FeedbackSheet, pages_of: Pages
) -> None:
    pages = pages_of(render_feedback(replace(sheet, findings=sheet.findings * 25)))
    assert len(pages) == 2 and all("现场情况" in page for page in pages)


def test_same_sheet_same_bytes(sheet: FeedbackSheet, wall: WallSheet) -> None:
    assert render_feedback(sheet) == render_feedback(sheet)
    assert render_wall_sheet(wall) == render_wall_sheet(wall)


def test_the_wall_sheet_begins_with_what_is_overdue(wall: WallSheet, pages_of: Pages) -> None:
    (text,) = pages_of(render_wall_sheet(wall))
    assert text.index("已逾期") < text.index("后到期") < text.index("未定期限")
    assert "未办结3项，其中逾期1项" in text and "逾期2个工作日" in text and "还有6个工作日" in text
    assert "要求甲" in text and "校长李某" in text


def test_an_empty_wall_sheet_says_so(wall: WallSheet, pages_of: Pages) -> None:
    (text,) = pages_of(render_wall_sheet(replace(wall, lines=())))
    assert "没有未办结的整改事项" in text
    (text,) = pages_of(render_wall_sheet(replace(wall, lines=()), language="en"))
    assert "Norectificationisopen" in text


def test_a_drawn_signature_is_shown(sheet: FeedbackSheet) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "black").save(picture, "PNG")
    inside = base64.b64encode(picture.getvalue()).decode()
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100" viewBox="0 0 300 100">'
        f'<image width="300" height="100" href="data:image/png;base64,{inside}"/></svg>'
    )

    def darkness(signatures: tuple[str, str]) -> int:
        document = pypdfium2.PdfDocument(io.BytesIO(render_feedback(replace(sheet, signatures=signatures))))
        try:
            return sum(document[0].render(scale=1).to_pil().convert("L").histogram()[:64])
        finally:
            document.close()

    assert darkness((drawn, "")) > darkness(("", "")) + 4000
