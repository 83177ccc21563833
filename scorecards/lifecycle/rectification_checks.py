"""The rules of rectification about extensions, chasing, re-checks, closing and relapse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scorecards.lifecycle.dates import months_after
from scorecards.lifecycle.engine import Case, Guard, Refusal, Request, Terms
from scorecards.lifecycle.facts import ON_SITE, PASSING
from scorecards.lifecycle.rectification_guards import days_overdue, number, typed


def extension_left(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """An extension is asked for once."""
    most = terms.number("D.extension.times")
    if case.facts["extensions"] < most and not case.facts["extension_asked"]:
        return None
    return Refusal("D.extension", f"延期最多申请{most}次。", f"An extension may be asked for at most {most} time(s).")


def extension_before_due(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Whoever is late cannot ask any more."""
    term = case.facts["term_on"]
    if term is not None and request.today <= term:
        return None
    return Refusal(
        "D.extension",
        "整改期限已过，不能再申请延期。",
        "The limit has passed: it cannot be extended any more.",
    )


def extension_at_most_half(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """At most half of the original limit."""
    days, share = number(request, "days"), terms.number("D.extension.share")
    most = case.facts["term_days"] * share // 100
    if 1 <= days <= most:
        return None
    return Refusal(
        "D.extension",
        f"延期须为1至{most}天（不超过原期限的{share}%）。",
        f"An extension lasts 1 to {most} days (at most {share} % of the original limit).",
    )


def extension_asked(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Only what was asked for is decided."""
    if case.facts["extension_asked"]:
        return None
    return Refusal("D.extension", "没有待批的延期申请。", "No extension is waiting for a decision.")


def granted_at_most_asked(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Not more days are granted than were asked for."""
    most = case.facts["extension_asked"]
    if 1 <= number(request, "days") <= most:
        return None
    return Refusal(
        "D.extension", f"批准天数须为1至申请的{most}天。", f"Grant between 1 and the {most} days that were asked for."
    )


def something_shown(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A report comes with at least one photo or file."""
    if request.files.get("photos", 0) + request.files.get("files", 0):
        return None
    return Refusal(
        "evidence.missing", "请至少附一张照片或一份文件作为证据。", "Add at least one photo or file as evidence."
    )


def not_yet_urged(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Urging comes once, then supervision."""
    if case.facts["level"] < 2:
        return None
    return Refusal("D.urge", "已经催办；下一步是督办。", "It has been urged already; supervised handling comes next.")


def overdue_to_urge(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Urging begins on the first overdue day."""
    return _overdue(case, request, terms, "D.urge")


def not_yet_supervised(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Supervision comes once, then measures."""
    if case.facts["level"] < 3:
        return None
    return Refusal("D.escalate", "已经督办；下一步是约谈建议。", "It is supervised already; a formal talk comes next.")


def beyond_advice(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Advice that is not followed leads to a notice, not to supervision."""
    if case.facts["route"] != 1:
        return None
    return Refusal(
        "R1",
        "R1建议未落实的，请改变处置路线，按程序发整改通知书。",
        "Advice that is not followed leads to a notice: change the route.",
    )


def urged_first(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A person goes level by level, or skips one with a reason; the clock goes by the days alone."""
    if request.actor.is_system or case.facts["level"] >= 2:
        return None
    return Refusal(
        "U2", "尚未催办；越级督办请用“越级”并写明理由。", "It has not been urged yet: to skip a level, say why."
    )


def overdue_to_supervise(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Supervision begins on the sixth overdue day."""
    return _overdue(case, request, terms, "D.escalate")


def _overdue(case: Case, request: Request, terms: Terms, rule: str) -> Refusal | None:
    first = terms.number(f"{rule}.overdue_day")
    if days_overdue(case, request, terms) >= first:
        return None
    return Refusal(
        rule,
        f"逾期满{first}日才能进行；提前升级请用“越级”并写明理由。",
        f"This begins on overdue day {first}: to act earlier, skip a level and say why.",
    )


def upwards(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A level is skipped upwards only."""
    if number(request, "level") > case.facts["level"]:
        return None
    return Refusal("U1-U3", "只能升到更高一级。", "Only a higher level can be chosen.")


def renewed_within(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A new limit after false evidence is no longer than the first one's default."""
    most = terms.number(f"S{case.facts['severity']}.days")
    if not typed(request, "days") or 1 <= number(request, "days") <= most:
        return None
    return Refusal("D.escalate", f"重新限期须为1至{most}天。", f"The new limit lies between 1 and {most} days.")


def impartial(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Nobody decides on the supervision's side about the unit to which they belong."""
    if not request.actor.unit_ids & case.facts["involved"]:
        return None
    return Refusal(
        "step.impartial",
        "您属于整改单位，不能代表督导方办理本单位的事项。",
        "You belong to the unit concerned: somebody else decides for the supervision's side.",
    )


def candidate_independent(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Nobody of the rectifying unit is asked to re-check it."""
    return None if not case.facts["candidate_units"] & case.facts["involved"] else _NOT_INDEPENDENT


def checker_independent(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Nobody of the rectifying unit verifies its own work (invariant 1)."""
    return None if not request.actor.unit_ids & case.facts["involved"] else _NOT_INDEPENDENT


_NOT_INDEPENDENT: Final = Refusal(
    "recheck.independent",
    "整改单位的人员不能复查本单位的整改。",
    "Nobody of the rectifying unit may verify its rectification.",
)


def candidate_not_finder(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """As a rule somebody else than who found it is asked; else two persons or a reason."""
    return _not_finder(case, request, number(request, "checker"))


def checker_not_finder(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """As a rule somebody else than who found it re-checks; else two persons or a reason."""
    return _not_finder(case, request, request.actor.person_id)


def _not_finder(case: Case, request: Request, person: int) -> Refusal | None:
    allowed = typed(request, "second") or typed(request, "same_reason")
    if person != case.facts["finder_id"] or allowed:
        return None
    return Refusal(
        "recheck.other_inspector",
        "原则上由其他督学复查；原督学参加时须双人或写明理由。",
        "Somebody else than the original inspector re-checks; otherwise two persons, or a reason, are needed.",
    )


def assigned_checker(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A re-check that is assigned is made by whoever it is assigned to."""
    if case.facts["checker_id"] in (0, request.actor.person_id):
        return None
    return Refusal(
        "recheck.assigned",
        "该问题已指派他人复查；如需换人，请督导室重新指派。",
        "This re-check is assigned to somebody else: the office can assign it anew.",
    )


def on_site(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """S3, S4, whatever was drawn, and what nobody reported on are seen on site."""
    severe = case.facts["severity"] >= terms.number("D.recheck.onsite")
    needed = severe or case.facts["drawn_on_site"] or case.state == "advised"
    if not needed or typed(request, "method") == ON_SITE:
        return None
    return Refusal(
        "D.recheck",
        "该问题必须现场复查（S3、S4、抽中的和没有书面报告的）。",
        "This finding must be re-checked on site (S3, S4, drawn, or without a written report).",
    )


def verdict_explained(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Any verdict but "completed" says what is missing."""
    if typed(request, "verdict") == "done" or typed(request, "note"):
        return None
    return Refusal("recheck.note", "请说明尚未完成或不实之处。", "Say what is not completed, or what was not true.")


def passed_recheck(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """No close without a passed re-check by a person (invariant 1)."""
    if case.facts["verdict"] in PASSING and case.facts["checked_by"]:
        return None
    return Refusal(
        "recheck.passed",
        "没有复查通过记录，不能销号。",
        "Without a passed re-check it cannot be closed.",
    )


def no_false_evidence(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Once false evidence was found, only a passed re-check ends the matter."""
    if not case.facts["false_evidence"]:
        return None
    return Refusal(
        "evidence.false",
        "查实虚假整改的问题不能撤销，只能整改、复查通过后销号。",
        "After false evidence a finding cannot be withdrawn: only a passed re-check ends it.",
    )


def within_relapse(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A relapse reopens what was closed within the last twelve months."""
    if not _relapse_over(case, request, terms):
        return None
    months = terms.number("L1.school.red.relapse.months")
    return Refusal(
        "S.relapse",
        f"销号已超过{months}个月，请作为新问题立项。",
        f"It was closed more than {months} months ago: open a new finding.",
    )


def relapse_over(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A closed finding is archived when it can no longer be reopened."""
    if _relapse_over(case, request, terms):
        return None
    return Refusal("S.relapse", "反弹观察期未满，不能归档。", "It may still be reopened: it cannot be archived yet.")


def _relapse_over(case: Case, request: Request, terms: Terms) -> bool:
    closed = case.facts["closed_on"]
    return closed is not None and request.today > months_after(closed, terms.number("L1.school.red.relapse.months"))


GUARDS: Final[Mapping[str, Guard]] = {
    guard.__name__: guard
    for guard in (
        extension_left,
        extension_before_due,
        extension_at_most_half,
        extension_asked,
        granted_at_most_asked,
        something_shown,
        not_yet_urged,
        overdue_to_urge,
        not_yet_supervised,
        beyond_advice,
        urged_first,
        overdue_to_supervise,
        upwards,
        renewed_within,
        impartial,
        candidate_independent,
        candidate_not_finder,
        checker_independent,
        checker_not_finder,
        assigned_checker,
        on_site,
        verdict_explained,
        passed_recheck,
        no_false_evidence,
        within_relapse,
        relapse_over,
    )
}
STANDING: Final = frozenset(
    {
        "extension_left",
        "extension_before_due",
        "extension_asked",
        "not_yet_urged",
        "overdue_to_urge",
        "not_yet_supervised",
        "beyond_advice",
        "urged_first",
        "overdue_to_supervise",
        "impartial",
        "checker_independent",
        "assigned_checker",
        "passed_recheck",
        "no_false_evidence",
        "within_relapse",
        "relapse_over",
    }
)
