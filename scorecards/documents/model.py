"""What a notice says, as values: the same for Word, for PDF and for a bureau's own template.

Every text is plain text from people and never markup; dates are days in the district's time zone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# The tags of a template: Chinese names for authors who write Chinese, English ones for programs. Both always work.
TAGS: Final[Mapping[str, str]] = {
    "number": "文号",
    "issuer": "发文机关",
    "unit": "单位",
    "issued_on": "日期",
    "responsible": "责任人",
    "urging": "督促部门",
    "basis": "依据",
    "reply_by": "答复期限",
    "related": "原文号",
    "reason": "事由",
    "copies": "抄送",
    "contact": "联系人",
    "time": "时间",
    "place": "地点",
    "chair": "约谈人",
    "attendees": "参加人",
    "recorder": "记录人",
    "record": "谈话内容",
    "promise": "整改承诺",
    "measure": "措施",
    "authority": "有权机关",
    "evidence": "证据材料",
    "findings": "问题清单",
}
LINE_TAGS: Final[Mapping[str, str]] = {
    "index": "序号",
    "code": "编号",
    "title": "问题",
    "fact": "事实",
    "ask": "要求",
    "limit": "期限",
    "due": "到期日",
    "severity": "严重度",
    "responsible": "责任人",
    "found_on": "发现日期",
    "progress": "整改情况",
    "method": "复查方式",
    "outcome": "结论",
}
SEVERITIES: Final = ("", "S1 轻微", "S2 一般", "S3 严重", "S4 重大")


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding of a notice. ``severity`` 1-4; ``limit`` is the limit in words, ``due`` its last day."""

    code: str
    title: str
    fact: str = ""
    ask: str = ""
    severity: int = 0
    limit: str = ""
    due: dt.date | None = None
    responsible: str = ""
    found_on: dt.date | None = None
    progress: str = ""
    method: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to ``unit`` by ``issuer``. Whatever is empty is left out, together with the sentence that needs it.

    ``responsible`` is the unit's first responsible person (the principal), ``urging`` the department that urges,
    ``basis`` the clauses it rests on, ``related`` the number of the document it follows, ``measure`` and ``authority``
    what is proposed to whom.
    """

    number: str
    issuer: str
    unit: str
    issued_on: dt.date
    findings: tuple[FindingLine, ...] = ()
    responsible: str = ""
    urging: str = ""
    basis: tuple[str, ...] = ()
    reply_by: dt.date | None = None
    related: str = ""
    reason: str = ""
    copies: tuple[str, ...] = ()
    contact: str = ""
    time: str = ""
    place: str = ""
    chair: str = ""
    attendees: str = ""
    recorder: str = ""
    record: str = ""
    promise: str = ""
    measure: str = ""
    authority: str = ""
    evidence: tuple[str, ...] = ()


def chinese_day(day: dt.date | None) -> str:
    """A day as official documents write it: ``2026年12月1日``; "" for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def line_values(line: FindingLine, index: int) -> dict[str, str]:
    """A finding's texts by their English tag."""
    return {
        "index": str(index),
        "code": line.code,
        "title": line.title,
        "fact": line.fact,
        "ask": line.ask,
        "limit": line.limit,
        "due": chinese_day(line.due),
        "severity": SEVERITIES[line.severity] if 0 <= line.severity < len(SEVERITIES) else "",
        "responsible": line.responsible,
        "found_on": chinese_day(line.found_on),
        "progress": line.progress,
        "method": line.method,
        "outcome": line.outcome,
    }


def values(notice: Notice, default_basis: tuple[str, ...] = ()) -> dict[str, str]:
    """A notice's texts by their English tag, without its findings."""
    plain = {name: getattr(notice, name) for name in TAGS if name != "findings"}
    return {
        # The wording ends the sentence: a value that brings its own full stop is not given two.
        **{name: text.strip().rstrip("。") for name, text in plain.items() if isinstance(text, str)},
        "issued_on": chinese_day(notice.issued_on),
        "reply_by": chinese_day(notice.reply_by),
        "basis": "、".join(notice.basis or default_basis),
        "copies": "，".join(notice.copies),
        "evidence": "；".join(notice.evidence),
    }
