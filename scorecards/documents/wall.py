"""The wall sheet: a school's open rectifications on A4, to hang up where everybody concerned sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.meaning import Light
from scorecards.documents.feedback import SEVERITIES
from scorecards.documents.model import chinese_day
from scorecards.documents.press import typeset
from scorecards.documents.qr import qr_svg
from scorecards.palette import LOOKS

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("整改公示牌", "Open rectifications"),
    "as_of": ("截至{day}", "As of {day}"),
    "count": ("未办结 {open} 项，其中逾期 {late} 项", "{open} open, {late} overdue"),
    "number": ("序号", "No."),
    "finding": ("问题", "Finding"),
    "ask": ("整改要求", "What is asked"),
    "responsible": ("责任人", "Responsible"),
    "due": ("期限", "Due"),
    "state": ("进度", "Stage"),
    "done": ("完成", "Done"),
    "left": ("还有{days}个工作日", "{days} working days left"),
    "today": ("今天到期", "due today"),
    "late": ("逾期{days}个工作日", "{days} working days late"),
    "none": ("没有未办结的整改事项。", "No rectification is open."),
    "scan": ("登录后查看和办理", "Sign in to see and act"),
    "page": ("第 {page} 页 共 {pages} 页", "Page {page} of {pages}"),
}


@dataclass(frozen=True, slots=True)
class WallLine:
    """One open rectification. ``days_left`` are working days, below zero once overdue, None before a limit runs."""

    code: str
    title: str
    severity: int
    due: dt.date | None = None
    days_left: int | None = None
    ask: str = ""
    responsible: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class WallSheet:
    """A school's open rectifications on a day. ``link`` is where the QR code leads."""

    school: str
    as_of: dt.date
    lines: tuple[WallLine, ...] = ()
    issuer: str = ""
    link: str = ""


def render_wall_sheet(sheet: WallSheet, *, language: str = "zh") -> bytes:
    """The sheet as PDF (A4, landscape)."""
    return typeset("wall", wall(sheet, language), on=sheet.as_of)


def wall(sheet: WallSheet, language: str) -> dict[str, Any]:
    """What the sheet's template prints: overdue ones first, then by due day."""
    code = "en" if language == "en" else "zh"
    said = {key: pair[code == "en"] for key, pair in TEXTS.items()}
    late = sum(1 for line in sheet.lines if line.days_left is not None and line.days_left < 0)
    lines = sorted(sheet.lines, key=lambda line: (line.due or dt.date.max, -line.severity, line.code))
    return {
        "language": code,
        "words": said,
        "school": sheet.school,
        "issuer": sheet.issuer,
        "as_of": said["as_of"].format(day=_day(sheet.as_of, code)),
        "count": said["count"].format(open=len(sheet.lines), late=late),
        "qr": qr_svg(sheet.link) if sheet.link else "",
        "lines": [_line(line, code, said) for line in lines],
    }


def _day(day: dt.date | None, code: str) -> str:
    if day is None:
        return ""
    return day.isoformat() if code == "en" else chinese_day(day)


def _line(line: WallLine, code: str, said: Mapping[str, str]) -> dict[str, str]:
    left = line.days_left
    if left is None:
        words, light = "", Light.GREY
    elif left < 0:
        words, light = said["late"].format(days=-left), Light.RED
    else:
        words = said["left"].format(days=left) if left else said["today"]
        light = Light.YELLOW if left <= 3 else Light.GREEN
    look = LOOKS[light]
    return {
        "code": line.code,
        "title": line.title,
        "severity": SEVERITIES[code][line.severity],
        "ask": line.ask,
        "responsible": line.responsible,
        "due": _day(line.due, code),
        "left": words,
        "state": line.state,
        "fill": look.fill,
        "ink": look.ink,
        "symbol": look.symbol,
    }
