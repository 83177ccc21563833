"""What steps of rectification change: facts, and limits or states that depend on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from scorecards.deadlines import add_calendar_days, add_working_days, working_days_between
from scorecards.lifecycle.engine import Case, Effect, Outcome, Request, Terms
from scorecards.lifecycle.facts import MOST_SEVERE
from scorecards.lifecycle.rectification_guards import number, typed, usual_days
from scorecards.lifecycle.table import Duration, Limit

FROM_SCRATCH: Final[Mapping[str, Any]] = {
    "acknowledged": False,
    "level": 0,
    "chase_by": "",
    "plan_returns": 0,
    "evidence_returns": 0,
    "extensions": 0,
    "extension_asked": 0,
    "verdict": "",
    "checked_by": 0,
    "checker_id": 0,
    "answer": "",
    "answer_due": "",
}


def _confirm(case: Case, request: Request, terms: Terms) -> Outcome:
    severity = number(request, "severity") or case.facts["severity"]
    changes = {"severity": severity, "route": number(request, "route") or case.facts["route"]}
    return Outcome(changes | _department(case, request) | _handling(severity, request, terms))


def _handling(severity: int, request: Request, terms: Terms) -> dict[str, Any]:
    """An S4 is dealt with at once: the school reports its handling within hours, whatever else the order of steps."""
    if severity != MOST_SEVERE:
        return {}
    return {"handling_by": (request.at + dt.timedelta(hours=terms.number("S4.hours"))).isoformat()}


def _department(case: Case, request: Request) -> dict[str, Any]:
    return {"department_id": number(request, "department") or case.facts["department_id"]}


def _reroute(case: Case, request: Request, terms: Terms) -> Outcome:
    route = {"route": number(request, "route"), "heard": ""}
    return Outcome(dict(FROM_SCRATCH) | route | _department(case, request))


def _new_letter(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"acknowledged": False})


def _acknowledge(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"acknowledged": True})


def _heard(how: str) -> Effect:
    return lambda case, request, terms: Outcome({"heard": how})


def _accept_statement(case: Case, request: Request, terms: Terms) -> Outcome:
    changes: dict[str, Any] = {"heard": "answered"}
    result = typed(request, "result")
    if result == "lower":
        changes |= {"severity": number(request, "severity"), "days": 0}
    if number(request, "days"):
        changes["days"] = number(request, "days")
    return Outcome(changes, state="withdrawn" if result == "withdraw" else "")


def _issue(case: Case, request: Request, terms: Terms) -> Outcome:
    """The limit begins; the office's own letter on route R3."""
    days = number(request, "days") or usual_days(case, terms)
    unit = Limit.DAYS if case.facts["severity"] == MOST_SEVERE else Limit.WORKING_DAYS
    changes = dict(FROM_SCRATCH) | {"days": days, "term_days": days}
    return Outcome(changes, term=Duration(days, unit), document="opinion" if case.facts["route"] == 3 else "")


def _advise(case: Case, request: Request, terms: Terms) -> Outcome:
    outcome = _issue(case, request, terms)
    return Outcome(outcome.changes, term=outcome.term)


def _transfer(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome(dict(FROM_SCRATCH) | _department(case, request))


def _answer(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"answer": typed(request, "answer"), "answer_due": typed(request, "done_on")})


def _return_answer(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"answer": "", "answer_due": "", "acknowledged": False, "level": 0, "chase_by": ""})


def _accept_answer(case: Case, request: Request, terms: Terms) -> Outcome:
    """The department's own date becomes the limit."""
    day = dt.date.fromisoformat(case.facts["answer_due"])
    days = working_days_between(request.today, day, terms.calendar)
    return Outcome({"term_days": days, "level": 0, "chase_by": ""}, term=day)


def _return_plan(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"plan_returns": case.facts["plan_returns"] + 1})


def _report_handling(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"handling_by": ""})


def _ask_extension(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"extensions": case.facts["extensions"] + 1, "extension_asked": number(request, "days")})


def _grant_extension(case: Case, request: Request, terms: Terms) -> Outcome:
    """The days count from the limit as it stood; what was urged meanwhile falls."""
    start, days = case.facts["term_on"], number(request, "days")
    severe = case.facts["severity"] == MOST_SEVERE
    later = add_calendar_days(start, days) if severe else add_working_days(start, days, terms.calendar)
    return Outcome({"extension_asked": 0, "level": 0, "chase_by": ""}, term=later.due)


def _refuse_extension(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"extension_asked": 0})


def _submit_evidence(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"extension_asked": 0, "handling_by": "", "verdict": "", "checked_by": 0, "checker_id": 0})


def _sent_back(case: Case, request: Request, terms: Terms) -> tuple[dict[str, Any], Duration | None]:
    """What was not enough goes on under the old limit. If that passed while others examined it, the first time a
    short new one begins: nobody is late for the time of others, and nobody gains time twice."""
    returns, term = case.facts["evidence_returns"], case.facts["term_on"]
    short = Duration(5, setting="D.urge.days") if term and term < request.today and not returns else None
    return {"evidence_returns": returns + 1, "checker_id": 0}, short


def _return_evidence(case: Case, request: Request, terms: Terms) -> Outcome:
    changes, term = _sent_back(case, request, terms)
    return Outcome(changes, term=term)


def _assign(case: Case, request: Request, terms: Terms) -> Outcome:
    """The limit of the re-check began with the evidence."""
    return Outcome({"checker_id": number(request, "checker")}, due=case.facts["turn_due"])


def _recheck(case: Case, request: Request, terms: Terms) -> Outcome:
    """False evidence escalates by itself, to the red level, with its letter (U3)."""
    verdict = typed(request, "verdict")
    changes: dict[str, Any] = {"verdict": verdict, "checked_by": request.actor.person_id, "checker_id": 0}
    if verdict == "false":
        changes |= {"level": 3, "false_evidence": True} | _chase(request, terms, "D.escalate")
        return Outcome(changes, state="false", due=Duration(5, setting="D.escalate.days"), document="supervise")
    if verdict == "undone":
        more, term = _sent_back(case, request, terms)
        return Outcome(changes | more, state="rectifying", term=term)
    return Outcome(changes)


def _return_recheck(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"verdict": "", "checked_by": 0})


def _close(case: Case, request: Request, terms: Terms) -> Outcome:
    """S3 and S4 stay under watch until somebody has looked back."""
    if case.facts["severity"] < terms.number("D.watch.severity"):
        return Outcome()
    return Outcome(state="watching", due=Duration(90, Limit.DAYS, "D.watch.calendar_days"))


def _look_back(case: Case, request: Request, terms: Terms) -> Outcome:
    return _relapse(case, request, terms) if typed(request, "result") == "relapsed" else Outcome()


def _relapse(case: Case, request: Request, terms: Terms) -> Outcome:
    """One severity more (or what was now found, if worse), counted. From R2 on a notice follows; the item's own days
    give way to stricter ones."""
    more = case.facts["severity"] + terms.number("S.relapse.levels")
    severity = min(max(more, number(request, "severity")), MOST_SEVERE)
    days = min(case.facts["days"], terms.number(f"S{severity}.days"))
    changes = dict(FROM_SCRATCH) | {
        "severity": severity,
        "route": max(case.facts["route"], 2),
        "days": days,
        "reopened": case.facts["reopened"] + 1,
    }
    return Outcome(
        changes | _handling(severity, request, terms), state="reopened", due=Duration(5, setting="D.notice.days")
    )


def _chase(request: Request, terms: Terms, rule: str) -> dict[str, Any]:
    by = add_working_days(request.today, terms.number(f"{rule}.days"), terms.calendar).due
    return {"chase_by": by.isoformat()}


def _remind(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"level": max(case.facts["level"], 1)})


def _urge(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"level": 2} | _chase(request, terms, "D.urge"))


def _supervise(case: Case, request: Request, terms: Terms) -> Outcome:
    return Outcome({"level": 3} | _chase(request, terms, "D.escalate"))


def _skip(case: Case, request: Request, terms: Terms) -> Outcome:
    red = number(request, "level") == 3
    outcome = (_supervise if red else _urge)(case, request, terms)
    return Outcome(outcome.changes, document="supervise" if red else "urge")


def _renew_limit(case: Case, request: Request, terms: Terms) -> Outcome:
    days = number(request, "days")
    unit = Limit.DAYS if case.facts["severity"] == MOST_SEVERE else Limit.WORKING_DAYS
    changes = {"verdict": "", "checked_by": 0, "acknowledged": False}
    return Outcome(changes, term=Duration(days, unit) if days else None)


EFFECTS: Final[Mapping[str, Effect]] = {
    "confirm": _confirm,
    "reroute": _reroute,
    "give_feedback": _new_letter,
    "acknowledge": _acknowledge,
    "agree": _heard("agreed"),
    "lapse": _heard("lapsed"),
    "accept_statement": _accept_statement,
    "reject_statement": _heard("answered"),
    "issue_notice": _issue,
    "give_advice": _advise,
    "transfer": _transfer,
    "answer_consultation": _answer,
    "return_consultation": _return_answer,
    "accept_answer": _accept_answer,
    "return_plan": _return_plan,
    "report_handling": _report_handling,
    "ask_extension": _ask_extension,
    "grant_extension": _grant_extension,
    "refuse_extension": _refuse_extension,
    "submit_evidence": _submit_evidence,
    "return_evidence": _return_evidence,
    "assign_recheck": _assign,
    "recheck": _recheck,
    "return_recheck": _return_recheck,
    "close": _close,
    "look_back": _look_back,
    "relapse": _relapse,
    "remind": _remind,
    "urge": _urge,
    "supervise": _supervise,
    "skip": _skip,
    "renew_limit": _renew_limit,
}
