"""What the steps of rectification ask for, where several steps ask the same."""

from __future__ import annotations

from typing import Final

from scorecards.lifecycle.build import asks, choices
from scorecards.lifecycle.table import FieldKind, FieldSpec

SEVERITIES: Final = choices(
    _1=("S1 轻微", "S1 minor"),
    _2=("S2 一般", "S2 ordinary"),
    _3=("S3 严重", "S3 serious"),
    _4=("S4 重大", "S4 major"),
)
ROUTES: Final = choices(
    _1=("R1 向学校提建议", "R1 advice to the school"),
    _2=("R2 向学校发整改通知书", "R2 notice to the school"),
    _3=("R3 督导室发文督办", "R3 the office issues and supervises"),
    _4=("R4 转责任部门协商", "R4 consultation of a department"),
)
METHODS: Final = choices(
    site=("现场", "On site"), papers=("材料", "By documents"), phone=("电话+照片", "By telephone and photo")
)
VERDICTS: Final = choices(
    done=("完成", "Completed"),
    mostly=("基本完成", "Mostly completed"),
    undone=("未完成", "Not completed"),
    false=("虚假整改", "False evidence"),
)

REASON: Final = asks("reason", FieldKind.TEXT, "理由", "Reason")
REASON_IF_CHANGED: Final = asks(
    "reason",
    FieldKind.TEXT,
    "理由",
    "Reason",
    required=False,
    hint=("改变严重度、处置路线或天数时必填", "Needed where severity, route or days are changed"),
)
NOTE: Final = asks("note", FieldKind.TEXT, "说明", "Note")
NOTE_IF_ANY: Final = asks("note", FieldKind.TEXT, "说明", "Note", required=False)
FILES_IF_ANY: Final = asks("files", FieldKind.FILES, "附件", "Files", required=False)
PHOTOS_IF_ANY: Final = asks("photos", FieldKind.PHOTOS, "照片", "Photos", required=False)
DECISION: Final = asks("decision", FieldKind.FILES, "决定文件", "Decision document")
SEVERITY: Final = asks("severity", FieldKind.CHOICE, "严重度", "Severity", required=False, choices=SEVERITIES)
ROUTE: Final = asks("route", FieldKind.CHOICE, "处置路线", "Route", required=False, choices=ROUTES)
NEW_ROUTE: Final = asks("route", FieldKind.CHOICE, "改为处置路线", "New route", choices=ROUTES)
DEPARTMENT_UNIT: Final = asks("department", FieldKind.UNIT, "责任部门", "Responsible department", required=False)
DAYS: Final = asks(
    "days",
    FieldKind.NUMBER,
    "整改天数",
    "Days to rectify",
    required=False,
    hint=("不填则按题目或严重度的默认天数", "Empty: the default of the item or of its severity"),
)
REQUIREMENT: Final = asks("requirement", FieldKind.TEXT, "整改要求", "What is to be done")
RESPONSIBLE: Final = asks(
    "responsible",
    FieldKind.PERSON,
    "第一责任人",
    "Person responsible",
    hint=("默认校长", "The principal unless somebody else is named"),
)
SUPERVISOR: Final = asks(
    "supervisor", FieldKind.PERSON, "主管科室督促责任人", "Who sees to it in the section in charge", required=False
)
SECOND: Final = asks(
    "second",
    FieldKind.PERSON,
    "同行复查人",
    "Second person",
    required=False,
    hint=("原督学参加复查时须双人，或写明理由", "Two persons, or a reason, where the original inspector takes part"),
)
SAME_REASON: Final = asks(
    "same_reason", FieldKind.TEXT, "由原督学复查的理由", "Why the original inspector re-checks", required=False
)
METHOD: Final = asks("method", FieldKind.CHOICE, "核验方式", "How it was verified", choices=METHODS)
COPIES: Final = asks("copies", FieldKind.LINE, "抄送主管部门", "Copy to the department in charge", required=False)


def named(spec: FieldSpec, zh: str, en: str) -> FieldSpec:
    """The same field under other words."""
    return asks(spec.name, spec.kind, zh, en, required=spec.required, choices=spec.choices)
