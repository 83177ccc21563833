"""The states of a rectification, F0 to F10 of closed-loop D-2, and groups of them that steps share."""

from __future__ import annotations

from typing import Final

from scorecards.lifecycle.table import StateSpec, Words


def _state(name: str, code: str, zh: str, en: str, waits_for: str = "", closing: bool = False) -> StateSpec:
    return StateSpec(name, code, Words(zh, en), closing, waits_for)


STATES: Final = {
    state.name: state
    for state in (
        _state("proposed", "F0", "待确认", "Proposed", "office"),
        _state("open", "F0", "已立项", "Open", "inspector"),
        _state("feedback", "F1", "初步反馈", "Initial opinion given", "school"),
        _state("stated", "F2", "申辩待复", "Statement to be answered", "office"),
        _state("ready", "F3", "待发文", "Notice to be issued", "office"),
        _state("noticed", "F3", "已发文", "Notice issued", "school"),
        _state("advised", "R1", "已建议", "Advice given", "school"),
        _state("transferred", "R4", "部门协商", "With the department", "department"),
        _state("answered", "R4", "部门已答复", "Department has answered", "office"),
        _state("planned", "F4", "方案待审", "Plan submitted", "inspector"),
        _state("rectifying", "F5", "整改中", "Being rectified", "school"),
        _state("evidence", "F6", "待复查", "Evidence submitted", "office"),
        _state("rechecking", "F7", "复查中", "Being re-checked", "inspector"),
        _state("verified", "F7", "复查通过", "Verified", "office"),
        _state("false", "U3", "虚假整改", "False evidence", "office"),
        _state("watching", "F9", "已销号观察", "Closed, under watch", "inspector"),
        _state("reopened", "F10", "反弹重开", "Reopened", "office"),
        _state("closed", "F8", "已销号", "Closed", closing=True),
        _state("archived", "F9", "已归档", "Archived", closing=True),
        _state("withdrawn", "F2", "已撤销", "Withdrawn", closing=True),
        _state("merged", "F0", "已合并", "Merged", closing=True),
    )
}

# The limit set by notice or advice runs, and the unit has not yet reported.
UNDER_WAY: Final = ("noticed", "advised", "planned", "rectifying")
# Somebody is reminded, urged and supervised: the school, or the department that has not answered.
CHASED: Final = (*UNDER_WAY, "transferred")
# Advice is urged only; what follows an advice not taken is a notice.
SUPERVISED: Final = ("noticed", "planned", "rectifying", "transferred")
# Before the notice.
EARLY: Final = ("open", "feedback", "stated", "ready")
WITHDRAWABLE: Final = ("open", "feedback", "ready", *UNDER_WAY, "transferred", "answered", "evidence", "reopened")
