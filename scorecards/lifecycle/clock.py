"""What is due by the calendar: reminders, urging, supervised handling, proposals of measures, lapses, overdue turns.

Pure: the moment, the day and the calendar are arguments, and asking twice gives the same answer. Each action has a key
that never changes, so that a store which writes key and effect in one transaction does each exactly once.

- Nothing happens on a day that is not worked, S4 excepted: danger waits for no working day. What a free day or a
  standstill held back is made good on the next working day, and of several levels then due only the highest is taken.
- Nothing happens after closing but the look-back of the watch period and the archiving.
- The clock takes steps that need no judgement. Measures it only proposes, and only measures on units, never on persons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from forms.rulebook import Rulebook
from scorecards.deadlines import DEFAULT_CALENDAR, WorkCalendar, add_working_days, working_days_between
from scorecards.lifecycle.dates import months_after
from scorecards.lifecycle.facts import MOST_SEVERE
from scorecards.lifecycle.rectification_states import CHASED, STATES
from scorecards.lifecycle.settings import DEFAULTS, settings_of

# The measures that rules name by their clause (``measure=Q2,Q3``). Q3 is the one that concerns a unit.
MEASURE_OF_CLAUSE: Final[Mapping[str, str]] = {"Q1": "interview", "Q2": "circular", "Q3": "resource"}
LOOK_BACK_SOON: Final = 30  # calendar days before the watch period ends
_DAY: Final = dt.timedelta(days=1)
_RULE_OF_TURN: Final[Mapping[str, str]] = {
    "open": "D.preliminary",
    "stated": "D.notice",
    "ready": "D.notice",
    "reopened": "D.notice",
    "noticed": "D.plan",
    "answered": "D.notice",
    "planned": "D.review",
    "evidence": "D.recheck",
    "rechecking": "D.recheck",
    "verified": "D.close",
    "watching": "D.watch",
    "false": "D.escalate",
}


@dataclass(frozen=True, slots=True)
class ClockAction:
    """Something due. ``key`` makes it once; ``kind`` says what it is:

    remind, urge, supervise, lapse, archive, expire: ``action`` is the lifecycle's step to take as the system.
    propose: ``measure`` is the kind of measure to propose, by ``rule``.
    turn, late, handling, extension, look_back, statement, unconfirmed: only a message to ``tell``.
    ``day`` is the day that made it due; ``tell`` are the roles to tell, "school" being the unit that must rectify.
    """

    key: str
    kind: str
    rule: str
    day: dt.date
    tell: tuple[str, ...]
    action: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class ClockRules:
    """The rulebook's numbers for the clock: working days before the limit for reminders, and ``settings``."""

    reminders: tuple[int, ...] = (3, 1)
    settings: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_rulebook(cls, rulebook: Rulebook) -> ClockRules:
        """Raises KeyError or ValueError where ``D.reminder`` is missing or names no whole numbers."""
        days = (int(part) for part in rulebook["D.reminder"].parameters["days"].split(","))
        return cls(tuple(sorted(days, reverse=True)), settings_of(rulebook))

    def number(self, setting: str) -> int:
        """A setting, or what the shipped rulebook says."""
        found = self.settings.get(setting)
        return DEFAULTS[setting] if found is None else found


@dataclass(frozen=True, slots=True)
class Watched:
    """A finding as the clock sees it.

    ``term_from`` and ``term_on``: the day on which its limit began and the last day of it. ``turn_due`` and, for hours,
    ``turn_due_at``: by when whoever's turn it is must act. ``chase_by``: what the last urging or supervision set.
    ``handling_by``: the moment by which the handling of an S4 is to be reported. ``talk_on``, ``circular_on``: the days
    of the talk held and the circular decided about it since its last notice. Advice (``route`` 1) is urged, and then
    the office is told to issue a notice: nothing more follows from advice. ``proposed_on``: the day on which the
    proposal was made.
    """

    code: str
    state: str
    severity: int
    level: int = 0
    term_from: dt.date | None = None
    term_on: dt.date | None = None
    turn_due: dt.date | None = None
    turn_due_at: dt.datetime | None = None
    chase_by: dt.date | None = None
    handling_by: dt.datetime | None = None
    extension_asked: int = 0
    closed_on: dt.date | None = None
    talk_on: dt.date | None = None
    circular_on: dt.date | None = None
    route: int = 2
    proposed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class WatchedMeasure:
    """A measure as the clock sees it: ``turn_due`` as ``Taken.due`` gave it, ``until`` the end of an exemption,
    ``proposed_on`` the day of the proposal."""

    code: str
    kind: str
    state: str
    proposed_on: dt.date
    turn_due: dt.date | None = None
    until: dt.date | None = None


def finding_actions(
    case: Watched,
    *,
    now: dt.datetime,
    today: dt.date,
    rules: ClockRules,
    calendar: WorkCalendar = DEFAULT_CALENDAR,
) -> tuple[ClockAction, ...]:
    """What is due for a finding at a moment (aware) on a day of the district's time zone."""
    if case.severity != MOST_SEVERE and not calendar.is_working(today):
        return ()
    return tuple(_Finding(case, now, today, rules, calendar).due())


def measure_actions(
    case: WatchedMeasure, *, today: dt.date, rules: ClockRules, calendar: WorkCalendar = DEFAULT_CALENDAR
) -> tuple[ClockAction, ...]:
    """What is due for a measure on a day: proposals nobody decides, talks not held, reviews not decided, exemptions
    that end."""
    if not calendar.is_working(today):
        return ()
    return tuple(_measure(case, today, rules, calendar))


def overdue_days(case: Watched, today: dt.date, calendar: WorkCalendar = DEFAULT_CALENDAR) -> int:
    """Days past a finding's limit: working days, natural ones for S4; 0 where nothing is overdue."""
    if case.term_on is None or case.state not in CHASED:
        return 0
    return _days_between(case, case.term_on, today, calendar)


def _days_between(case: Watched, start: dt.date, end: dt.date, calendar: WorkCalendar) -> int:
    if case.severity == MOST_SEVERE:
        return max((end - start).days, 0)
    return working_days_between(start, end, calendar)


@dataclass(frozen=True, slots=True)
class _Finding:
    case: Watched
    now: dt.datetime
    today: dt.date
    rules: ClockRules
    calendar: WorkCalendar

    def due(self) -> Iterator[ClockAction]:
        state = STATES[self.case.state]
        if state.closing:
            yield from self._archive()
            return
        yield from self._handling()
        if self.case.state == "proposed":
            yield from self._unconfirmed()
        if self.case.state == "feedback":
            yield from self._statement()
        if self.case.state in CHASED and self.case.term_on is not None:
            yield from self._chase(self.case.term_on)
        yield from self._turn()

    def _key(self, name: str, of: dt.date | dt.datetime) -> str:
        return f"{self.case.code}/{name}/{of.isoformat()}"

    def _archive(self) -> Iterator[ClockAction]:
        if self.case.state != "closed" or self.case.closed_on is None:
            return
        last = months_after(self.case.closed_on, self.rules.number("L1.school.red.relapse.months"))
        if self.today > last:
            yield ClockAction(self._key("archive", last), "archive", "S.relapse", last + _DAY, (), "archive")

    def _handling(self) -> Iterator[ClockAction]:
        moment = self.case.handling_by
        if moment is not None and self.now > moment:
            tell = ("school", "inspector", "office", "leading")
            yield ClockAction(self._key("handling", moment), "handling", "S4", self.today, tell)

    def _unconfirmed(self) -> Iterator[ClockAction]:
        """Nobody has looked at a proposal within the term of the review; danger waits one day."""
        since = self.case.proposed_on
        if since is None:
            return
        grave = self.case.severity == MOST_SEVERE
        rule = "S4" if grave else "D.review"
        days = self.rules.number("D.review.days")
        due = since + _DAY if grave else add_working_days(since, days, self.calendar).due
        if self.today > due:
            key = self._key("unconfirmed", since)
            yield ClockAction(key, "unconfirmed", rule, due, ("office", "leading") if grave else ("office",))

    def _statement(self) -> Iterator[ClockAction]:
        """The school is told on the last but one day of its statement; after the last silence is no objection."""
        due = self.case.turn_due
        if due is None:
            return
        if self.today > due:
            yield ClockAction(
                self._key("lapse", due), "lapse", "D.statement", due + _DAY, ("school", "office"), "lapse"
            )
        elif working_days_between(self.today, due, self.calendar) <= 1:
            yield ClockAction(self._key("statement", due), "statement", "D.statement", self.today, ("school",))

    def _chase(self, term: dt.date) -> Iterator[ClockAction]:
        """One level of the ladder, the highest that is due."""
        if self.today <= term:
            yield from self._remind(term)
            return
        days = _days_between(self.case, term, self.today, self.calendar)
        level = self.case.level
        if self.case.route == 1 and days >= self.rules.number("D.escalate.overdue_day"):
            key = self._key("advice", term)  # no notice was issued yet: nothing to supervise
            yield ClockAction(key, "late", "R1", self.today, ("office", "inspector"))
        elif level >= 3:
            yield from self._propose(term)
        elif days >= self.rules.number("D.escalate.overdue_day"):
            yield self._level("supervise", "D.escalate", term, ("school", "inspector", "office", "leading"))
        elif level < 2 and days >= self.rules.number("D.urge.overdue_day"):
            yield self._level("urge", "D.urge", term, ("school", "inspector", "office"))

    def _level(self, action: str, rule: str, term: dt.date, tell: tuple[str, ...]) -> ClockAction:
        """A level of the ladder, due on the first day on which the limit is so much overdue."""
        days = self.rules.number(f"{rule}.overdue_day")
        day = term + days * _DAY
        if self.case.severity != MOST_SEVERE:
            day = add_working_days(term, days, self.calendar).due
        return ClockAction(self._key(action, term), action, rule, day, tell, action)

    def _remind(self, term: dt.date) -> Iterator[ClockAction]:
        left = _days_between(self.case, self.today, term, self.calendar)
        reached = [days for days in self.rules.reminders if left <= days]
        if not reached:
            return
        days = min(reached)
        started = self.case.term_from
        if started is not None and _days_between(self.case, started, term, self.calendar) <= days:
            return  # the limit as a whole is no longer than that: its letter says so already
        key = self._key(f"remind-{days}", term)
        yield ClockAction(key, "remind", "D.reminder", self._before(term, days), ("school",), "remind")
        if self.case.extension_asked and days == min(self.rules.reminders):
            yield ClockAction(self._key("extension", term), "extension", "D.extension", self.today, ("office",))

    def _before(self, term: dt.date, days: int) -> dt.date:
        """The first day on which no more than so many days are left."""
        day = term
        while _days_between(self.case, day - _DAY, term, self.calendar) <= days:
            day -= _DAY
        return day

    def _propose(self, term: dt.date) -> Iterator[ClockAction]:
        """Talk, circular, accountability: each when the one before it has not helped."""
        case, wait = self.case, self.rules.number("D.circular.days")
        if case.talk_on is None:
            if case.chase_by is not None and self.today > case.chase_by:
                yield self._measure("interview", "D.interview", case.chase_by)
        elif case.circular_on is None:
            if working_days_between(case.talk_on, self.today, self.calendar) > wait:
                yield self._measure("circular", "D.circular", case.talk_on)
        elif working_days_between(case.circular_on, self.today, self.calendar) > wait:
            yield self._measure(MEASURE_OF_CLAUSE["Q3"], "D.circular", case.circular_on)

    def _measure(self, kind: str, rule: str, since: dt.date) -> ClockAction:
        key = self._key(f"propose-{kind}", since)
        return ClockAction(key, "propose", rule, self.today, ("office", "leading"), measure=kind)

    def _turn(self) -> Iterator[ClockAction]:
        """Whoever's turn it is has let its own limit pass: the office is told, after a week the leading group too."""
        case, due = self.case, self.case.turn_due
        rule = _RULE_OF_TURN.get(case.state)
        if due is None or rule is None:
            return
        if case.state == "watching" and due - LOOK_BACK_SOON * _DAY <= self.today <= due:
            day = due - LOOK_BACK_SOON * _DAY
            yield ClockAction(self._key("look-back", due), "look_back", rule, day, ("inspector", "office"))
        over = self.now > case.turn_due_at if case.turn_due_at is not None else self.today > due
        if not over:
            return
        if case.state == "false" and case.talk_on is None:
            yield self._measure("interview", "D.interview", due)
        days = _days_between(case, due, self.today, self.calendar)
        late = days >= self.rules.number("D.escalate.overdue_day")
        waits_for = STATES[case.state].waits_for
        tell = dict.fromkeys((waits_for, "office", "leading") if late else (waits_for, "office"))
        kind = "late" if late else "turn"
        yield ClockAction(self._key(f"{kind}-{case.state}", due), kind, rule, self.today, tuple(tell))


def _measure(case: WatchedMeasure, today: dt.date, rules: ClockRules, calendar: WorkCalendar) -> Iterator[ClockAction]:
    def told(name: str, rule: str, since: dt.date, *tell: str) -> ClockAction:
        return ClockAction(f"{case.code}/{name}/{since.isoformat()}", "turn", rule, today, tell)

    due, days = case.turn_due, rules.number("D.interview.days")
    if case.state == "proposed" and working_days_between(case.proposed_on, today, calendar) > days:
        yield told("proposed", "D.interview", case.proposed_on, "leading")
    if case.kind == "exempt" and case.state == "decided" and case.until is not None and today > case.until:
        key = f"{case.code}/expire/{case.until.isoformat()}"
        yield ClockAction(key, "expire", "R.green_four", case.until + _DAY, ("school", "office"), "expire")
    if due is None or today <= due:
        return
    if case.kind == "interview" and case.state in ("decided", "notified"):
        yield told(case.state, "D.interview", due, "office", "leading")
    if case.state == "appealed":
        yield told("appealed", "D.appeal", due, "office", "leading")
