"""The rulebook's numbers as lifecycles name them: ``D.plan.returns`` is parameter ``returns`` of rule ``D.plan``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from forms.rulebook import Rulebook

# What the shipped rulebook says, for a rulebook that lacks a row. A test compares the two.
DEFAULTS: Final[Mapping[str, int]] = {
    "S1.days": 30,
    "S2.days": 15,
    "S3.days": 7,
    "S4.days": 3,
    "S.long.days": 90,
    "S.relapse.levels": 1,
    "R4.reply_days": 10,
    "R.green_four.visits_per_term": 2,
    "S4.hours": 24,
    "D.review.days": 3,
    "D.preliminary.days": 10,
    "D.statement.days": 5,
    "D.notice.days": 5,
    "D.plan.S1": 10,
    "D.plan.S2": 5,
    "D.plan.S3": 3,
    "D.plan.S4_hours": 24,
    "D.plan.returns": 2,
    "D.extension.times": 1,
    "D.extension.share": 50,
    "D.recheck.days": 10,
    "D.recheck.sample": 20,
    "D.recheck.onsite": 3,
    "D.close.days": 3,
    "D.watch.calendar_days": 90,
    "D.watch.severity": 3,
    "D.urge.overdue_day": 1,
    "D.urge.days": 5,
    "D.escalate.overdue_day": 6,
    "D.escalate.days": 5,
    "D.interview.days": 10,
    "D.circular.days": 15,
    "D.appeal.review_calendar_days": 30,
    "D.appeal.decision_calendar_days": 30,
    "D.appeal.appeal_calendar_days": 15,
    "D.appeal.handling_calendar_days": 60,
    "L1.school.red.relapse.months": 12,
    "Q.ladder.interview": 1,
    "Q.ladder.circular": 2,
    "Q.ladder.resource": 3,
    "Q.ladder.inspection_order": 3,
    "Q.ladder.organisational": 3,
    "Q.ladder.disciplinary": 3,
    "Q.ladder.veto_advice": 3,
}
_SEVERITIES: Final = re.compile(r"S[1-4](,S[1-4])*")


def settings_of(rulebook: Rulebook) -> dict[str, int]:
    """Every whole number of a rulebook by ``rule.parameter``.

    ``50%`` is 50; ``S3,S4`` is 3, the lowest severity named. Other texts are left out.
    """
    found = {}
    for rule in rulebook.rules.values():
        for name, text in rule.parameters.items():
            number = _whole(text.replace(" ", ""))
            if number is not None:
                found[f"{rule.id}.{name}"] = number
    return found


def _whole(text: str) -> int | None:
    if _SEVERITIES.fullmatch(text):
        return min(int(part[1:]) for part in text.split(","))
    digits = text.removesuffix("%")
    return int(digits) if digits.isascii() and digits.isdigit() else None
