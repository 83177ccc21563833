"""The rules that may refuse a step of rectification before it is verified; each refusal names its rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from scorecards.deadlines import add_working_days, working_days_between
from scorecards.lifecycle.engine import Case, Guard, Refusal, Request, Terms
from scorecards.lifecycle.facts import DEPARTMENT_ROUTE, MOST_SEVERE


def typed(request: Request, name: str) -> str:
    """A field as typed, without the space around it."""
    return request.fields.get(name, "").strip()


def number(request: Request, name: str) -> int:
    """A whole number typed, 0 where none is."""
    text = typed(request, name)
    return int(text) if text.isascii() and text.isdigit() else 0


def days_overdue(case: Case, request: Request, terms: Terms) -> int:
    """Working days past the matter's limit; natural days for S4, which waits for no working day."""
    term: dt.date | None = case.facts["term_on"]
    if term is None:
        return 0
    if case.facts["severity"] == MOST_SEVERE:
        return max((request.today - term).days, 0)
    return working_days_between(term, request.today, terms.calendar)


def usual_days(case: Case, terms: Terms) -> int:
    """The limit of a finding in days: its item's own, else its severity's (S.item_days)."""
    return int(case.facts["days"]) or terms.number(f"S{case.facts['severity']}.days")


def changed_with_reason(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Severity and route may differ from the proposal, with a reason; a department's matter names the department."""
    for name in ("severity", "route"):
        if number(request, name) not in (0, case.facts[name]) and not typed(request, "reason"):
            return Refusal(
                "confirm.reason",
                "改变了严重度或处置路线，请写明理由。",
                "Severity or route differs from the proposal: give the reason.",
            )
    return None


def other_route(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A change of route changes it; towards a department it names the department."""
    route = number(request, "route")
    if route == case.facts["route"] and number(request, "department") in (0, case.facts["department_id"]):
        return Refusal("route.same", "处置路线没有改变。", "The route is the same as before.")
    return _department(case, request) if route == DEPARTMENT_ROUTE else None


def department_named(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A consultation names the department that is responsible."""
    return _department(case, request)


def _department(case: Case, request: Request) -> Refusal | None:
    if case.facts["department_id"] or number(request, "department"):
        return None
    return Refusal("R4", "请选择责任部门。", "Choose the responsible department.")


def not_consultation(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """What a department must rectify is not put to the school."""
    if case.facts["route"] != DEPARTMENT_ROUTE:
        return None
    return Refusal(
        "R4",
        "该问题转责任部门办理，不向学校反馈；请发协商意见。",
        "A department is responsible for this finding: consult the department instead.",
    )


def notice_route(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Notices go to schools on routes R2 and R3."""
    if case.facts["route"] in (2, 3):
        return None
    return Refusal(
        f"R{case.facts['route']}",
        "处置路线为R1或R4的问题不发整改通知书；R1提出建议，R4发协商意见。",
        "No notice is issued on routes R1 and R4: give advice (R1) or consult the department (R4).",
    )


def advice_route(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Advice without a notice is for route R1."""
    if case.facts["route"] == 1:
        return None
    return Refusal(
        "R1",
        "只有R1小问题可以只提建议；其他问题请按程序发文。",
        "Only small findings (R1) are settled by advice: the others need the written procedure.",
    )


def consultation_route(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Consultation is for route R4."""
    if case.facts["route"] == DEPARTMENT_ROUTE:
        return None
    return Refusal(
        "R4",
        "处置路线不是R4；如需转部门，请先改变处置路线。",
        "The route is not R4: change the route first if a department is responsible.",
    )


def own_unit(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Only the unit that must rectify acts for it."""
    if request.actor.unit_ids & case.facts["responsible"]:
        return None
    return Refusal(
        "step.unit",
        "只有整改单位的人员可以办理这一步。",
        "Only the unit that must rectify may take this step.",
    )


def not_acknowledged(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A letter is acknowledged once."""
    if not case.facts["acknowledged"]:
        return None
    return Refusal("step.once", "已经签收。", "Receipt has been acknowledged already.")


def statement_in_time(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """The school states within its limit; silence then means no objection."""
    if case.facts["turn_due"] is None or request.today <= case.facts["turn_due"]:
        return None
    return Refusal(
        "D.statement",
        "申辩期限已过，视为无异议。",
        "The time for a statement is over; silence counts as no objection.",
    )


def statement_over(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Nobody takes silence for consent before the limit is over."""
    if case.facts["turn_due"] is not None and request.today > case.facts["turn_due"]:
        return None
    return Refusal(
        "D.statement",
        "申辩期限未过，不能视为无异议。",
        "The time for a statement is not over yet.",
    )


def heard(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """The law's order: initial opinion, then the school's statement or its lapse, then the notice."""
    if case.facts["heard"] or case.facts["reopened"]:
        return None
    return Refusal(
        "law.hearing",
        "须先送达初步督导意见并听取申辩（或申辩期满），才能发文（教育督导条例第二十条、第二十一条）。",
        "The initial opinion and the school's statement (or the lapse of its time) come before the notice.",
    )


def result_complete(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """An accepted statement says what changes: a lower severity, or other days."""
    result, severity = typed(request, "result"), number(request, "severity")
    if result == "lower" and not 0 < severity < case.facts["severity"]:
        return Refusal("statement.severity", "请选择更低的严重度。", "Choose a lower severity.")
    if result == "limit" and not number(request, "days"):
        return Refusal("statement.days", "请填写调整后的整改天数。", "Enter the new number of days.")
    return _days_in_range(request, terms)


def days_with_reason(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Other days than the usual ones need a reason, and are 1 to 90 (S.long)."""
    days = number(request, "days")
    if days and days != usual_days(case, terms) and not typed(request, "reason"):
        return Refusal(
            "S.item_days",
            "整改天数与默认天数不同，请写明理由。",
            "The days differ from the usual ones: give the reason.",
        )
    return _days_in_range(request, terms)


def _days_in_range(request: Request, terms: Terms) -> Refusal | None:
    most = terms.number("S.long.days")
    if not typed(request, "days") or 1 <= number(request, "days") <= most:
        return None
    return Refusal("S.long", f"整改天数须在1至{most}之间。", f"The days to rectify lie between 1 and {most}.")


def answer_complete(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Who takes a matter on says by when; a stage lasts at most 90 days, and a long one needs interim measures."""
    if typed(request, "answer") != "take_on":
        return None
    if not typed(request, "done_on"):
        return Refusal("R4", "承办须填写承诺办结日期。", "Say by when it will be done.")
    day, most = dt.date.fromisoformat(typed(request, "done_on")), terms.number("S.long.days")
    if not request.today <= day <= add_working_days(request.today, most, terms.calendar).due:
        return Refusal(
            "S.long",
            f"办结日期须在今天至{most}个工作日内；更长的事项请分阶段。",
            f"The date lies between today and {most} working days from now: longer matters go in stages.",
        )
    long = add_working_days(request.today, terms.number("S1.days"), terms.calendar).due
    if day > long and not typed(request, "interim"):
        return Refusal("S.long", "长周期事项须写明临时措施。", "A long matter needs interim measures.")
    return None


def taken_on(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Only an answer that takes the matter on can be accepted."""
    if case.facts["answer"] == "take_on":
        return None
    return Refusal(
        "R4",
        "部门未承办：请退回重新答复，或改变处置路线。",
        "The department has declined: return its answer, or change the route.",
    )


def plan_in_term(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A plan ends within the limit while that still runs, and never in the past."""
    day, term = dt.date.fromisoformat(typed(request, "done_on")), case.facts["term_on"]
    if day < request.today:
        return Refusal("D.plan", "计划完成日期已过。", "The planned completion is in the past.")
    if term is not None and request.today <= term < day:
        return Refusal(
            "D.plan",
            f"计划完成日期不能晚于整改期限{term:%Y-%m-%d}；确有困难请申请延期。",
            f"The plan must end by the limit, {term:%Y-%m-%d}; ask for an extension if that cannot be done.",
        )
    return None


def interim_for_danger(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A plan for an S4 says what was done at once."""
    if case.facts["severity"] != MOST_SEVERE or typed(request, "interim"):
        return None
    return Refusal("S4", "S4问题须写明已采取的临时措施。", "A plan for an S4 must say what was done at once.")


def plan_returns_left(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A plan is sent back at most twice."""
    most = terms.number("D.plan.returns")
    if case.facts["plan_returns"] < most:
        return None
    return Refusal(
        "D.plan",
        f"方案最多退回{most}次，请当面商定后认可。",
        f"A plan is sent back at most {most} times: settle it in person and accept it.",
    )


def handling_asked(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """The handling of an S4 is reported once."""
    if case.facts["handling_by"]:
        return None
    return Refusal("S4", "没有待报的处置情况。", "No report of the handling is outstanding.")


GUARDS: Final[Mapping[str, Guard]] = {
    guard.__name__: guard
    for guard in (
        changed_with_reason,
        other_route,
        department_named,
        not_consultation,
        notice_route,
        advice_route,
        consultation_route,
        own_unit,
        not_acknowledged,
        statement_in_time,
        statement_over,
        heard,
        result_complete,
        days_with_reason,
        answer_complete,
        taken_on,
        plan_in_term,
        interim_for_danger,
        plan_returns_left,
        handling_asked,
    )
}
STANDING: Final = frozenset(
    {
        "not_consultation",
        "notice_route",
        "advice_route",
        "consultation_route",
        "own_unit",
        "not_acknowledged",
        "statement_in_time",
        "statement_over",
        "heard",
        "taken_on",
        "plan_returns_left",
        "handling_asked",
    }
)
