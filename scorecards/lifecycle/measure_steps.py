"""The states and steps of measures, Q1 to Q5 of closed-loop D-2, and of incentives."""

from __future__ import annotations

from typing import Final

from scorecards.lifecycle.build import CLOCK, LEADING, OFFICE, RECTIFIERS, asks, choices, step, within
from scorecards.lifecycle.rectification_fields import DECISION, FILES_IF_ANY, NOTE_IF_ANY, REASON, named
from scorecards.lifecycle.table import FieldKind, Limit, StateSpec, Words

# What was decided and is not yet over; execution goes on during review and appeal.
STANDING_STATES: Final = ("decided", "notified", "held", "appealed", "upheld", "changed")


def _state(name: str, code: str, zh: str, en: str, waits_for: str = "", closing: bool = False) -> StateSpec:
    return StateSpec(name, code, Words(zh, en), closing, waits_for)


STATES: Final = {
    state.name: state
    for state in (
        _state("proposed", "Q", "待决定", "Proposed", "leading"),
        _state("referred", "Q3", "已移交有权机关", "Referred to the authorised body", "leading"),
        _state("decided", "Q4", "已决定", "Decided", "office"),
        _state("notified", "Q1", "已通知约谈", "Talk announced", "office"),
        _state("held", "Q1", "已约谈", "Talk held", "office"),
        _state("appealed", "Q5", "复核或申诉中", "Under review or appeal", "leading"),
        _state("upheld", "Q5", "维持", "Upheld", "office"),
        _state("changed", "Q5", "变更", "Changed", "office"),
        _state("closed", "Q4", "办结", "Closed", closing=True),
        _state("withdrawn", "Q5", "已撤销", "Withdrawn", closing=True),
        _state("rejected", "Q3", "未采纳", "Rejected", closing=True),
    )
}

_BODY: Final = asks("body", FieldKind.LINE, "有权机关", "Authorised body")
_NUMBER: Final = asks("number", FieldKind.LINE, "决定文号", "Number of the decision")
_SKIPPING: Final = asks(
    "reason",
    FieldKind.TEXT,
    "越级理由",
    "Reason for skipping",
    required=False,
    hint=("未经前一级措施直接采取时必填", "Needed where the measure before was not taken"),
)
_HEARD: Final = choices(stated=("已陈述申辩", "A statement was made"), waived=("放弃陈述", "The right was waived"))

PROPOSING: Final = (
    step(
        "decide",
        "proposed",
        "decided",
        LEADING,
        "决定采取",
        "Decide",
        _NUMBER,
        DECISION,
        _SKIPPING,
        asks("visits", FieldKind.NUMBER, "免检期每学期到校次数", "Visits a term while exempt", required=False),
        asks("until", FieldKind.DATE, "免检至", "Exempt until", required=False),
        NOTE_IF_ANY,
        guards=("founded", "direct_kind", "in_order", "exempt_within_law"),
        due=within(10, "D.interview.days"),
        basis="NX-51;ZZ-08;R.green_four；条例 14、25",
    ),
    step(
        "hear",
        ("proposed", "referred"),
        "",
        OFFICE,
        "记录陈述申辩",
        "Record the statement",
        asks("result", FieldKind.CHOICE, "陈述情况", "Statement", choices=_HEARD),
        asks("text", FieldKind.TEXT, "陈述申辩内容", "What was stated"),
        FILES_IF_ANY,
        basis="M-05",
    ),
    step(
        "refer",
        "proposed",
        "referred",
        LEADING,
        "移交问责建议",
        "Refer to the authorised body",
        _BODY,
        asks("text", FieldKind.TEXT, "建议内容", "What is proposed"),
        _SKIPPING,
        named(FILES_IF_ANY, "证据材料", "Evidence"),
        guards=("founded", "referred_kind", "in_order"),
        document="proposal",
        basis="SW-26;SW-41；条例 12",
    ),
    step(
        "record_decision",
        "referred",
        "decided",
        LEADING,
        "登记有权机关决定",
        "Record the authorised body's decision",
        _BODY,
        _NUMBER,
        asks("decided_on", FieldKind.DATE, "决定日期", "Date of the decision"),
        DECISION,
        guards=("person_heard", "decided_by_now"),
        basis="D-2 Q4；教育督导问责办法",
    ),
    step(
        "reject",
        ("proposed", "referred"),
        "rejected",
        LEADING,
        "不予采纳",
        "Reject",
        REASON,
        FILES_IF_ANY,
        basis="D-2 Q3",
    ),
)

EXECUTING: Final = (
    step(
        "serve",
        ("decided", "upheld", "changed"),
        "",
        OFFICE,
        "送达决定",
        "Serve the decision",
        asks("served_on", FieldKind.DATE, "送达日期", "Served on"),
        FILES_IF_ANY,
        guards=("served_by_now",),
        basis="D-2 Q4",
    ),
    step(
        "acknowledge",
        ("decided", "notified", "upheld", "changed"),
        "",
        RECTIFIERS,
        "签收",
        "Acknowledge receipt",
        guards=("own_unit", "not_acknowledged"),
        basis="D-2 Q4",
    ),
    step(
        "notify",
        ("decided", "upheld", "changed"),
        "notified",
        OFFICE,
        "发约谈通知",
        "Announce the talk",
        asks("held_on", FieldKind.DATE, "约谈日期", "Date of the talk"),
        asks("place", FieldKind.LINE, "地点", "Place"),
        asks("subject", FieldKind.TEXT, "约谈事由", "Subject"),
        guards=("is_interview", "not_held", "talk_ahead"),
        document="interview",
        basis="NX-51;ZZ-08",
    ),
    step(
        "hold",
        "notified",
        "held",
        OFFICE | LEADING,
        "记录约谈",
        "Record the talk",
        asks("record", FieldKind.FILES, "书面记录", "Written record"),
        asks("commitment", FieldKind.TEXT, "整改承诺", "What was promised"),
        asks("filed_with", FieldKind.LINE, "备案对象", "Filed with"),
        guards=("is_interview",),
        document="record",
        basis="NX-51;ZZ-08;M-38",
    ),
    step(
        "close",
        ("decided", "held", "upheld", "changed"),
        "closed",
        OFFICE,
        "办结",
        "Close",
        NOTE_IF_ANY,
        guards=("carried_out",),
        basis="D-2 Q1–Q4;M-38",
    ),
    step(
        "expire",
        "decided",
        "closed",
        CLOCK,
        "免检到期",
        "The exemption ends",
        guards=("exemption_over",),
        basis="R.green_four",
    ),
)

APPEALING: Final = (
    step(
        "appeal",
        ("decided", "notified", "held", "closed", "upheld", "changed"),
        "appealed",
        RECTIFIERS | OFFICE,
        "申请复核或申诉",
        "Ask for review or appeal",
        asks("text", FieldKind.TEXT, "理由", "Grounds"),
        FILES_IF_ANY,
        guards=("concerned", "not_an_incentive", "appeal_in_time"),
        due=within(30, "D.appeal.decision_calendar_days", Limit.DAYS),
        basis="教育督导问责办法；D.appeal",
    ),
    step(
        "uphold",
        "appealed",
        "upheld",
        LEADING,
        "维持",
        "Uphold",
        _BODY,
        REASON,
        DECISION,
        basis="教育督导问责办法；D.appeal",
    ),
    step(
        "change",
        "appealed",
        "changed",
        LEADING,
        "变更",
        "Change",
        _BODY,
        REASON,
        DECISION,
        basis="教育督导问责办法；D.appeal",
    ),
    step(
        "withdraw",
        (*STANDING_STATES, "closed"),
        "withdrawn",
        LEADING,
        "撤销",
        "Withdraw",
        REASON,
        DECISION,
        basis="教育督导问责办法；D.appeal",
        danger=True,
    ),
)
