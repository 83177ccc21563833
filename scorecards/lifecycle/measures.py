"""Measures that follow from lights and from rectifications left undone: formal talk, circular, proposals of
accountability, and the incentives commendation and exemption (closed-loop D-2, Q1 to Q5).

The software proposes, with the rule and the data behind it. A measure becomes real only when a person of the leading
group attaches a decision; what touches a person, money or posts is referred to the authorised body, whose decision is
recorded (M-05). Nothing here is taken by the clock except the end of an exemption. Review and appeal do not suspend.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from scorecards.lifecycle.build import impartially
from scorecards.lifecycle.engine import Case, Effect, Guard, Lifecycle, Outcome, Refusal, Request, Terms
from scorecards.lifecycle.measure_steps import APPEALING, EXECUTING, PROPOSING, STANDING_STATES, STATES
from scorecards.lifecycle.rectification_checks import impartial
from scorecards.lifecycle.rectification_guards import not_acknowledged, number, own_unit, typed
from scorecards.lifecycle.table import Duration, Limit, Table, Words

KINDS: Final[Mapping[str, Words]] = {
    "interview": Words("约谈", "Formal talk"),
    "circular": Words("督导通报", "Circular"),
    "resource": Words("资源调整建议", "Proposal to adjust resources"),
    "inspection_order": Words("责令检查建议", "Proposal to order a self-examination"),
    "organisational": Words("组织处理建议", "Proposal of organisational handling"),
    "disciplinary": Words("处分建议", "Proposal of disciplinary sanction"),
    "veto_advice": Words("一票否决建议", "Proposal of a veto"),
    "commend": Words("表扬", "Commendation"),
    "exempt": Words("免检", "Exemption"),
}
INCENTIVES: Final = frozenset({"commend", "exempt"})
DIRECT: Final = frozenset({"interview", "circular"}) | INCENTIVES  # the leading group's own
REFERRED: Final = frozenset(KINDS) - DIRECT  # the authorised body's
PERSONAL: Final = frozenset({"inspection_order", "organisational", "disciplinary", "veto_advice"})

TABLE: Final = Table(
    "measures",
    Words("问责与激励", "Measures"),
    STATES,
    tuple(impartially(step) for step in (*PROPOSING, *EXECUTING, *APPEALING)),
    "proposed",
)

# Facts that only steps write (see ``facts.KEPT``); days as ISO 8601 texts.
KEPT: Final[Mapping[str, Any]] = {
    "heard": False,  # the person or unit concerned has been heard, or waived it
    "body": "",  # the authorised body
    "decision": "",  # number of the decision
    "decided_on": "",
    "served_on": "",
    "acknowledged": False,
    "held": False,  # the talk, with its written record and filing
    "until": "",  # an exemption's last day
    "visits": 0,  # visits a term while exempt
    "appeals": 0,  # 1 review, 2 appeal
    "review_on": "",  # the day of the decision on review
    "corrects": False,  # withdrawn or changed: cards that show the measure are corrected visibly
}


def measure_facts(
    *,
    kind: str,
    rule: str = "",
    data: str = "",
    responsible: frozenset[int] = frozenset(),
    earlier: frozenset[str] = frozenset(),
    turn_due: dt.date | None = None,
    **kept: Any,
) -> dict[str, Any]:
    """The facts of a measure for ``Case.facts``.

    kind: one of ``KINDS``. rule, data: the rule that proposes it and what it rests on (a finding, past lights).
    responsible: the unit concerned and those above it at which its people may hold their role. earlier: the kinds taken
    before in the same matter. turn_due: what ``Taken.due`` last gave. kept: what steps changed (``KEPT``).
    Raises KeyError for an unknown kind or a name that no step writes.
    """
    unknown = kept.keys() - KEPT.keys()
    if unknown or kind not in KINDS:
        raise KeyError(f"unknown kind {kind} or facts {sorted(unknown)}")
    given: dict[str, Any] = {"kind": kind, "rule": rule, "data": data, "earlier": earlier}
    given |= {"responsible": responsible, "involved": responsible}
    return {**given, "turn_due": turn_due, **KEPT, **kept}


def is_personal(kind: str) -> bool:
    """Does a kind concern a person, so that its names are visible to few and each look is logged?"""
    return kind in PERSONAL


def founded(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A proposal carries its rule and its data (M-40)."""
    if case.facts["rule"] and case.facts["data"]:
        return None
    return Refusal(
        "M-40", "建议须附触发的规则和数据。", "A proposal carries the rule that triggered it and the data behind it."
    )


def direct_kind(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """What is not the leading group's own is referred."""
    if case.facts["kind"] in DIRECT:
        return None
    return Refusal(
        "Q3",
        "该措施须由有权机关决定，请移交问责建议。",
        "The authorised body decides on this measure: refer the proposal to it.",
    )


def referred_kind(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Talks, circulars and incentives are not referred."""
    if case.facts["kind"] in REFERRED:
        return None
    return Refusal("Q3", "该措施由领导小组直接决定，无需移交。", "The leading group decides on this measure itself.")


def in_order(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """The rung before was taken, or a reason says why not (M-25)."""
    rung = _rung(case.facts["kind"], terms)
    taken = max((_rung(kind, terms) for kind in case.facts["earlier"]), default=0)
    if rung <= taken + 1 or typed(request, "reason"):
        return None
    return Refusal(
        "M-25",
        "尚未采取前一级措施；越级须填写理由。",
        "The measure before this one has not been taken: to skip it, give the reason.",
    )


def _rung(kind: str, terms: Terms) -> int:
    """The rung of a kind on the rulebook's ladder; incentives stand on none."""
    return 0 if kind in INCENTIVES else terms.number(f"Q.ladder.{kind}")


def exempt_within_law(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """An exempt school is still visited as often as the law says, and not exempt for ever."""
    if case.facts["kind"] != "exempt":
        return None
    least = terms.number("R.green_four.visits_per_term")
    if number(request, "visits") < least:
        return Refusal(
            "R.green_four",
            f"免检期间每学期到校督导不得少于{least}次（教育督导条例第十四条）。",
            f"An exempt school is still visited at least {least} times a term.",
        )
    if not typed(request, "until") or dt.date.fromisoformat(typed(request, "until")) <= request.today:
        return Refusal("R.green_four", "请填写今后的免检截止日期。", "Enter a later day on which the exemption ends.")
    return None


def person_heard(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """No decision about a person before that person could speak (M-05)."""
    if case.facts["kind"] not in PERSONAL or case.facts["heard"]:
        return None
    return Refusal(
        "M-05",
        "涉及个人的措施须先听取陈述申辩并记录。",
        "Before a decision about a person, that person's statement or its waiver is recorded.",
    )


def decided_by_now(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A decision recorded was taken today or before."""
    return _not_later(request, "decided_on")


def served_by_now(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A decision was served today or before."""
    return _not_later(request, "served_on")


def _not_later(request: Request, name: str) -> Refusal | None:
    if dt.date.fromisoformat(typed(request, name)) <= request.today:
        return None
    return Refusal(f"field.{name}", "日期不能晚于今天。", "The date lies in the future.")


def is_interview(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Only talks are announced and held."""
    if case.facts["kind"] == "interview":
        return None
    return Refusal("Q1", "这不是约谈。", "This measure is no formal talk.")


def not_held(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A talk is held once."""
    return Refusal("step.once", "已经约谈。", "The talk has been held.") if case.facts["held"] else None


def talk_ahead(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A talk is announced before it is held."""
    if dt.date.fromisoformat(typed(request, "held_on")) >= request.today:
        return None
    return Refusal("D.interview", "约谈日期已过。", "The date of the talk is in the past.")


def carried_out(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """A talk closes with its written record and filing, any other measure once it is served (M-38)."""
    if case.facts["kind"] == "interview":
        if case.facts["held"]:
            return None
        return Refusal(
            "M-38",
            "约谈须有书面记录并备案才能办结。",
            "A talk is closed only with its written record and filing.",
        )
    if case.facts["served_on"]:
        return None
    return Refusal("Q4", "决定尚未送达，不能办结。", "The decision has not been served yet.")


def exemption_over(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """An exemption ends after its last day."""
    until = case.facts["until"]
    if case.facts["kind"] == "exempt" and until and request.today > dt.date.fromisoformat(until):
        return None
    return Refusal("R.green_four", "免检未到期。", "The exemption has not ended.")


def concerned(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """The unit concerned asks, or the office enters what a person handed in."""
    if "office" in request.actor.roles:
        return None
    return own_unit(case, request, terms)


def not_an_incentive(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Nobody appeals against a commendation."""
    if case.facts["kind"] not in INCENTIVES:
        return None
    return Refusal("Q5", "激励措施无需复核。", "There is no review of an incentive.")


def appeal_in_time(case: Case, request: Request, terms: Terms) -> Refusal | None:
    """Review within 30 calendar days of service, then one appeal within 15 of the decision on it."""
    stage = case.facts["appeals"]
    if stage >= 2:
        return Refusal("D.appeal", "已经复核和申诉，决定为终局。", "Review and appeal are over: the decision is final.")
    start = case.facts["review_on"] if stage else case.facts["served_on"]
    days = terms.number("D.appeal.appeal_calendar_days" if stage else "D.appeal.review_calendar_days")
    if not start or request.today <= dt.date.fromisoformat(start) + dt.timedelta(days=days):
        return None
    return Refusal("D.appeal", f"{days}日的申请期限已过。", f"The time limit of {days} days has passed.")


GUARDS: Final[Mapping[str, Guard]] = {
    guard.__name__: guard
    for guard in (
        impartial,
        founded,
        direct_kind,
        referred_kind,
        in_order,
        exempt_within_law,
        person_heard,
        decided_by_now,
        served_by_now,
        own_unit,
        not_acknowledged,
        is_interview,
        not_held,
        talk_ahead,
        carried_out,
        exemption_over,
        concerned,
        not_an_incentive,
        appeal_in_time,
    )
}


def _decide(case: Case, request: Request, terms: Terms) -> Outcome:
    changes = {"decision": typed(request, "number"), "decided_on": request.today.isoformat(), "acknowledged": False}
    if case.facts["kind"] == "exempt":
        changes |= {"until": typed(request, "until"), "visits": number(request, "visits")}
    return Outcome(changes, document="circular" if case.facts["kind"] == "circular" else "")


def _record_decision(case: Case, request: Request, terms: Terms) -> Outcome:
    names = {"body": "body", "number": "decision", "decided_on": "decided_on"}
    return Outcome({fact: typed(request, name) for name, fact in names.items()} | {"acknowledged": False})


def _appeal(case: Case, request: Request, terms: Terms) -> Outcome:
    """The first is a review, the second an appeal, which takes longer."""
    longer = Duration(60, Limit.DAYS, "D.appeal.handling_calendar_days") if case.facts["appeals"] else None
    return Outcome({"appeals": case.facts["appeals"] + 1}, due=longer)


def _reviewed(corrects: bool) -> Effect:
    def effect(case: Case, request: Request, terms: Terms) -> Outcome:
        return Outcome({"review_on": request.today.isoformat(), "acknowledged": False, "corrects": corrects})

    return effect


EFFECTS: Final[Mapping[str, Effect]] = {
    "decide": _decide,
    "hear": lambda case, request, terms: Outcome({"heard": True}),
    "refer": lambda case, request, terms: Outcome({"body": typed(request, "body")}),
    "record_decision": _record_decision,
    "serve": lambda case, request, terms: Outcome({"served_on": typed(request, "served_on")}),
    "acknowledge": lambda case, request, terms: Outcome({"acknowledged": True}),
    "notify": lambda case, request, terms: Outcome(
        {"acknowledged": False}, due=dt.date.fromisoformat(typed(request, "held_on"))
    ),
    "hold": lambda case, request, terms: Outcome({"held": True}),
    "appeal": _appeal,
    "uphold": _reviewed(False),
    "change": _reviewed(True),
    "withdraw": lambda case, request, terms: Outcome({"corrects": True}),
}
STANDING: Final = frozenset(
    {
        "impartial",
        "founded",
        "direct_kind",
        "referred_kind",
        "person_heard",
        "own_unit",
        "not_acknowledged",
        "is_interview",
        "not_held",
        "carried_out",
        "exemption_over",
        "concerned",
        "not_an_incentive",
        "appeal_in_time",
    }
)
LIFECYCLE: Final = Lifecycle(TABLE, GUARDS, EFFECTS, STANDING)

__all__ = [
    "DIRECT",
    "INCENTIVES",
    "KEPT",
    "KINDS",
    "LIFECYCLE",
    "PERSONAL",
    "REFERRED",
    "STANDING_STATES",
    "TABLE",
    "is_personal",
    "measure_facts",
]
