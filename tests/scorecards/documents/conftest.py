"""What the documents' tests share: a notice with everything in it, and reading a PDF as its reader does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
import pytest

from scorecards.documents.model import FindingLine, Notice

HOSTILE = '#import "@preview/x:1.0.0": * \\ {{ 7*7 }} {% for a in b %} <w:p> $x$ #panic() @a *b* _c_ `d` {_{ ]]> &amp;'


def read(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def squeezed(text: str) -> str:
    """A text without what setting adds: blanks, line ends, invisible break points, and the hyphens between which PDFium
    cannot tell (at the end of a line it reads U+0002)."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in "\u200b\x02-")


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def pages_of() -> Callable[[bytes], list[str]]:
    return lambda pdf: [squeezed(page) for page in read(pdf)]


@pytest.fixture
def squeeze() -> Callable[[str], str]:
    return squeezed


@pytest.fixture
def line() -> FindingLine:
    return FindingLine(
        code="S012-f01_f03-261115",
        title="消防通道被杂物堵塞",
        fact="教学楼东侧疏散通道堆放课桌椅23套。",
        ask="立即清理，建立每周巡查记录。",
        severity=3,
        limit="7个工作日",
        due=dt.date(2026, 12, 1),
        responsible="校长",
        found_on=dt.date(2026, 11, 15),
        progress="已清理",
        method="现场",
        outcome="完成",
    )


@pytest.fixture
def notice(line: FindingLine) -> Notice:
    return Notice(
        number="青教督改〔2026〕12号",
        issuer="青石区人民政府教育督导委员会办公室",
        unit="青石区实验小学",
        issued_on=dt.date(2026, 11, 22),
        findings=(line, replace(line, code="S012-f01_b01-261115", title="收费公示栏未更新", severity=2)),
        responsible="校长李某",
        urging="区教育局安全科",
        reply_by=dt.date(2026, 12, 5),
        related="青教督改〔2026〕7号",
        reason="连续两季度红牌",
        copies=("区教育局基础教育科",),
        contact="王老师",
        time="11月28日上午9:00",
        place="三楼会议室",
        chair="督导室主任",
        attendees="责任督学",
        recorder="赵某",
        record="双方核对了事实。",
        promise="两周内完成整改。",
        measure="责令检查",
        authority="区教育局党委",
        evidence=("现场照片6张",),
    )
