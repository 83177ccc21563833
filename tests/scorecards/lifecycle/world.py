"""A tiny district without a server: people, and a matter that keeps what its steps change as the server does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scorecards.lifecycle.engine import SYSTEM_ACTOR, Actor, Case, Lifecycle, Refusal, Request, Taken, take
from scorecards.lifecycle.facts import CLOSED_STATES, facts
from scorecards.lifecycle.rectification import LIFECYCLE

SCHOOL, OTHER_SCHOOL, DEPARTMENT = 10, 11, 20
FINDER = 2
START = dt.date(2026, 3, 2)  # a Monday


def _person(number: int, *roles: str, units: tuple[int, ...] = ()) -> Actor:
    return Actor(number, frozenset(roles), frozenset(units))


OFFICE = _person(1, "office")
ORIGINAL = _person(FINDER, "inspector")
INSPECTOR = _person(3, "inspector")
PRINCIPAL = _person(4, "school", units=(SCHOOL,))
BUREAU = _person(5, "department", units=(DEPARTMENT,))
LEADER = _person(6, "leading")
ADMINISTRATOR = _person(7, "administrator")
TWO_HATS = _person(8, "inspector", "office", "school", units=(SCHOOL,))  # inspects, and belongs to the school
STRANGER = _person(9, "school", "department", units=(OTHER_SCHOOL,))
PEOPLE = (OFFICE, ORIGINAL, INSPECTOR, PRINCIPAL, BUREAU, LEADER, ADMINISTRATOR, TWO_HATS, STRANGER, SYSTEM_ACTOR)


@dataclass
class Matter:
    """A matter under a lifecycle; ``told`` lists the steps taken."""

    lifecycle: Lifecycle
    state: str
    facts: dict[str, Any]
    today: dt.date = START
    told: list[Taken] = field(default_factory=list)

    def ask(
        self,
        action: str,
        actor: Actor,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, int] | None = None,
    ) -> Taken | Refusal:
        """Judge a step and, if it may be taken, keep what follows."""
        moment = dt.datetime.combine(self.today, dt.time(9), dt.UTC)
        request = Request(action, actor, moment, self.today, fields or {}, files or {})
        answer = take(self.lifecycle, Case(self.state, self.facts), request)
        if isinstance(answer, Taken):
            self.told.append(answer)
            self.state, self.facts = after(self.facts, answer, self.today)
        return answer

    def do(self, action: str, actor: Actor, *given: str, **fields: str) -> Taken:
        """A step that must be allowed; ``given`` are the names of fields with a file each."""
        answer = self.ask(action, actor, fields, dict.fromkeys(given, 1))
        assert isinstance(answer, Taken), answer
        return answer

    def refused(self, action: str, actor: Actor, *given: str, **fields: str) -> str:
        """A step that must be refused: the rule that does."""
        before = (self.state, dict(self.facts))
        answer = self.ask(action, actor, fields, dict.fromkeys(given, 1))
        assert isinstance(answer, Refusal), answer
        assert (self.state, self.facts) == before
        assert answer.zh and answer.en and answer.rule
        return answer.rule

    def wait(self, days: int) -> None:
        self.today += dt.timedelta(days=days)

    @property
    def iso(self) -> str:
        return self.today.isoformat()


def after(known: Mapping[str, Any], taken: Taken, today: dt.date) -> tuple[str, dict[str, Any]]:
    """The state and the facts after a step, kept the way a server keeps them."""
    kept = {**known, **taken.changes}
    if taken.due is not None or taken.after != taken.before:
        kept["turn_due"] = taken.due
    if taken.term is not None:
        kept["term_on"] = taken.term
    if "closed_on" in kept:
        over = taken.after in CLOSED_STATES
        kept["closed_on"] = (kept["closed_on"] or today) if over else None
    if "responsible" in kept and "route" in kept:
        kept["responsible"] = frozenset({kept["department_id"] if kept["route"] == 4 else SCHOOL})
    return taken.after, kept


def finding(severity: int = 2, route: int = 2, state: str = "proposed", **known: Any) -> Matter:
    """A finding at the school, found by ``ORIGINAL``."""
    return Matter(
        LIFECYCLE,
        state,
        facts(
            **{
                "severity": severity,
                "route": route,
                "responsible": frozenset({DEPARTMENT if route == 4 else SCHOOL}),
                "involved": frozenset({SCHOOL, DEPARTMENT}),
                "department_id": DEPARTMENT if route == 4 else 0,
                "finder_id": FINDER,
                **known,
            }
        ),
    )


def noticed(severity: int = 2, route: int = 2) -> Matter:
    """A finding whose notice was issued by the law's order."""
    matter = finding(severity, route)
    matter.do("confirm", OFFICE)
    matter.do("give_feedback", ORIGINAL, opinion="初步意见", delivery="spot")
    matter.do("agree", PRINCIPAL)
    matter.do("issue_notice", OFFICE, requirement="整改", responsible="校长")
    return matter


def rectifying(severity: int = 2, route: int = 2) -> Matter:
    """A finding whose plan was accepted."""
    matter = noticed(severity, route)
    matter.do("submit_plan", PRINCIPAL, measures="换锁", responsible="总务", done_on=matter.iso, interim="封闭")
    matter.do("accept_plan", INSPECTOR)
    return matter


def evidence(severity: int = 2, route: int = 2) -> Matter:
    """A finding whose rectification was reported."""
    matter = rectifying(severity, route)
    matter.do("submit_evidence", PRINCIPAL, "photos", report="已整改")
    return matter


def verified(severity: int = 2, route: int = 2) -> Matter:
    """A finding that passed its re-check on site."""
    matter = evidence(severity, route)
    matter.do("recheck", INSPECTOR, verdict="done", method="site")
    return matter


def closed(severity: int = 2, route: int = 2) -> Matter:
    """A finding that was closed (S3 and S4: under watch)."""
    matter = verified(severity, route)
    matter.do("close", OFFICE)
    return matter
