"""The feedback sheet of one visit (现场反馈单): what inspector and school look at together before anybody leaves.

It counts answers and lists what is proposed; it is no verdict and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.meaning import Light
from scorecards.documents.model import chinese_day
from scorecards.documents.press import typeset
from scorecards.documents.qr import qr_svg
from scorecards.palette import LOOKS, READING_ORDER, word

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("现场反馈单", "Feedback on the spot"),
    "school": ("学校", "School"),
    "form": ("检查单", "Checklist"),
    "date": ("到访日期", "Date of visit"),
    "inspectors": ("督学", "Inspector"),
    "counts": ("本次检查答题情况", "Answers of this visit"),
    "not_a_verdict": (
        "以上只是本次到校逐项记录的计数，不是评定结论；等级按季度由系统依规则汇总并经审核后公布。",
        "These are counts of what was recorded on this visit, not a verdict: lights are computed by rule each quarter, "
        "reviewed and then published.",
    ),
    "findings": ("拟提出的问题（共 {count} 条）", "Findings proposed ({count})"),
    "none": ("本次没有拟提出的问题。", "No finding is proposed."),
    "proposed": (
        "所列问题由督导室审核后以正式文书通知；学校可在规定期限内陈述、申辩。限期从正式通知送达起算。",
        "The office reviews these findings and notifies them formally; the school may state its case within the limit. "
        "Time limits begin with the formal notice.",
    ),
    "number": ("序号", "No."),
    "finding": ("问题", "Finding"),
    "fact": ("现场情况", "What was seen"),
    "severity": ("严重度", "Severity"),
    "route": ("处置", "Route"),
    "limit": ("建议期限", "Limit"),
    "days": ("{days}个工作日", "{days} working days"),
    "natural_days": ("{days}天", "{days} days"),
    "red": ("检查结果：不符合要求", "Answer: not met"),
    "yellow": ("检查结果：部分符合要求", "Answer: partly met"),
    "photos": ("照片{count}张", "{count} photos"),
    "highlight": ("亮点", "Good practice"),
    "attitude": ("校方意见", "The school's view"),
    "reservation": ("校方保留意见", "The school's statement"),
    "signed_inspector": ("督学签名", "Inspector"),
    "signed_school": ("校方代表签名", "For the school"),
    "day": ("日期", "Date"),
    "scan": ("登录后查看本次记录和照片", "Sign in to see the record and its photos"),
    "receipt": ("记录编号 {receipt}", "Record {receipt}"),
    "page": ("第 {page} 页 共 {pages} 页", "Page {page} of {pages}"),
}
SEVERITIES: Final = {
    "zh": ("", "S1 轻微", "S2 一般", "S3 严重", "S4 重大"),
    "en": ("", "S1 minor", "S2 ordinary", "S3 serious", "S4 major"),
}
ROUTES: Final = {
    "zh": ("", "R1 当场建议", "R2 整改通知", "R3 督导室督办", "R4 转部门"),
    "en": ("", "R1 advice", "R2 notice", "R3 office supervises", "R4 department"),
}


@dataclass(frozen=True, slots=True)
class FeedbackFinding:
    """One proposed finding. ``severity`` and ``route`` 1-4; ``days`` working days, natural days for S4."""

    item: str
    title: str
    fact: str
    severity: int
    route: int
    days: int
    light: Light
    photos: int = 0


@dataclass(frozen=True, slots=True)
class FeedbackSheet:
    """One visit. ``counts`` are its answers by light; ``signatures`` SVG documents, "" for a line to sign on."""

    form: str
    school: str
    school_code: str
    visited_on: dt.date
    inspectors: tuple[str, ...]
    counts: Mapping[Light, int]
    findings: tuple[FeedbackFinding, ...] = ()
    highlight: str = ""
    attitude: str = ""
    reservation: str = ""
    signatures: tuple[str, str] = ("", "")
    receipt: str = ""
    link: str = ""
    issuer: str = ""


def render_feedback(sheet: FeedbackSheet, *, language: str = "zh") -> bytes:
    """The sheet as PDF (A4)."""
    return typeset("feedback", feedback(sheet, language), on=sheet.visited_on)


def feedback(sheet: FeedbackSheet, language: str) -> dict[str, Any]:
    """What the sheet's template prints."""
    code = "en" if language == "en" else "zh"
    said = {key: pair[code == "en"] for key, pair in TEXTS.items()}
    comma = ", " if code == "en" else "、"
    said["findings"] = said["findings"].format(count=len(sheet.findings))
    return {
        "language": code,
        "words": said,
        "issuer": sheet.issuer,
        "form": sheet.form,
        "school": sheet.school,
        "school_code": sheet.school_code,
        "date": sheet.visited_on.isoformat() if code == "en" else chinese_day(sheet.visited_on),
        "inspectors": comma.join(sheet.inspectors),
        "counts": [
            {"word": word(light, code), "count": sheet.counts.get(light, 0), **_look(light)} for light in READING_ORDER
        ],
        "findings": [_finding(finding, code, said) for finding in sheet.findings],
        "highlight": sheet.highlight,
        "attitude": sheet.attitude,
        "reservation": sheet.reservation,
        "signatures": list(sheet.signatures),
        "receipt": said["receipt"].format(receipt=sheet.receipt) if sheet.receipt else "",
        "qr": qr_svg(sheet.link) if sheet.link else "",
    }


def _look(light: Light) -> dict[str, str]:
    look = LOOKS[light]
    return {"fill": look.fill, "ink": look.ink, "symbol": look.symbol}


def _finding(finding: FeedbackFinding, code: str, said: Mapping[str, str]) -> dict[str, Any]:
    days = said["natural_days" if finding.severity == 4 else "days"].format(days=finding.days)
    return {
        "item": finding.item,
        "title": finding.title,
        # Where the inspector wrote nothing, the answer itself is what was seen.
        "fact": finding.fact or said["yellow" if finding.light is Light.YELLOW else "red"],
        "severity": SEVERITIES[code][finding.severity],
        "route": ROUTES[code][finding.route],
        "days": days,
        "photos": said["photos"].format(count=finding.photos) if finding.photos else "",
        **_look(finding.light),
    }
