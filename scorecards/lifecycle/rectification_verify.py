"""Verification, closing, look-back and relapse of a rectification (F7 to F10)."""

from __future__ import annotations

from typing import Final

from scorecards.lifecycle import rectification_fields as f
from scorecards.lifecycle.build import CLOCK, INSPECTORS, OFFICE, asks, choices, step, within
from scorecards.lifecycle.rectification_work import RECHECK_DAYS
from scorecards.lifecycle.table import FieldKind

_HELD: Final = choices(held=("未反弹", "It holds"), relapsed=("已反弹", "It has relapsed"))

CHECKING: Final = (
    step(
        "return_evidence",
        "evidence",
        "rectifying",
        INSPECTORS,
        "退回补充",
        "Return the evidence",
        f.REASON,
        basis="条例 22",
    ),
    step(
        "assign_recheck",
        ("evidence", "rechecking"),
        "rechecking",
        OFFICE,
        "指派复查",
        "Assign the re-check",
        asks("checker", FieldKind.USER, "复查人", "Who re-checks"),
        f.SECOND,
        f.SAME_REASON,
        guards=("candidate_independent", "candidate_not_finder"),
        document="recheck",
        basis="条例 22;D-2 F7",
    ),
    step(
        "recheck",
        ("advised", "evidence", "rechecking"),
        "verified",
        INSPECTORS,
        "复查",
        "Re-check",
        asks("verdict", FieldKind.CHOICE, "复查结论", "Verdict", choices=f.VERDICTS),
        f.METHOD,
        f.NOTE_IF_ANY,
        f.PHOTOS_IF_ANY,
        f.FILES_IF_ANY,
        f.SECOND,
        f.SAME_REASON,
        guards=("checker_independent", "assigned_checker", "checker_not_finder", "on_site", "verdict_explained"),
        also=("rectifying", "false"),
        due=within(3, "D.close.days"),
        basis="条例 22;D-2 F7",
    ),
    step(
        "return_recheck",
        "verified",
        "evidence",
        OFFICE,
        "退回重新复查",
        "Ask for another re-check",
        f.REASON,
        due=RECHECK_DAYS,
        basis="条例 9",
    ),
)

CLOSING: Final = (
    step(
        "close",
        "verified",
        "closed",
        OFFICE,
        "销号",
        "Close",
        f.NOTE_IF_ANY,
        guards=("passed_recheck",),
        also=("watching",),
        document="close",
        basis="SM-32;ZZ-08;D-2 F8",
    ),
    step(
        "look_back",
        "watching",
        "archived",
        INSPECTORS,
        "回头看",
        "Look back",
        asks("result", FieldKind.CHOICE, "回访结果", "Result", choices=_HELD),
        f.METHOD,
        f.NOTE,
        f.PHOTOS_IF_ANY,
        guards=("checker_independent", "on_site"),
        also=("reopened",),
        basis="D-2 F9",
    ),
    step(
        "relapse",
        ("closed", "watching", "archived"),
        "reopened",
        INSPECTORS | CLOCK,
        "反弹重开",
        "Reopen",
        f.NOTE,
        f.SEVERITY,
        guards=("checker_independent", "within_relapse"),
        due=within(5, "D.notice.days"),
        basis="D-2 F10;S.relapse",
    ),
    step(
        "archive",
        "closed",
        "archived",
        CLOCK,
        "归档",
        "Archive",
        guards=("relapse_over",),
        basis="D-2 F9",
    ),
)
