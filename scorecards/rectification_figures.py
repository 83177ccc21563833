"""How rectification goes: closed in time or late, how old what is open is, days in each stage, what comes back, and how
much was verified on site. Whole numbers only; shares are two of them.

Pure: rows and the day are arguments. A matter that was withdrawn, merged or never confirmed counts nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from forms.meaning import quarter_of

UNCOUNTED: Final = frozenset({"proposed", "withdrawn", "merged"})
SERIOUS: Final = 3
# The upper ends of the ages of what is open, in calendar days since it was told; the last bucket has none.
AGES: Final = (7, 15, 30, 60, 90)
# The stages of a rectification by the states that belong to them (closed-loop D-2); watching is no work.
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "opinion": ("open", "feedback", "stated", "ready"),
    "plan": ("noticed", "advised", "planned"),
    "work": ("rectifying", "false", "reopened"),
    "department": ("transferred", "answered"),
    "check": ("evidence", "rechecking", "verified"),
}
_STAGE_OF: Final = {state: stage for stage, states in STAGES.items() for state in states}
Key = TypeVar("Key", bound=Hashable)


class Matter(NamedTuple):
    """A finding as these figures see it: days are dates, None where it has not come to that."""

    finding: int
    unit: int
    item: str
    severity: int
    state: str
    found_on: dt.date
    told_on: dt.date | None
    due_on: dt.date
    handed_on: dt.date | None
    closed_on: dt.date | None
    reopened: int
    on_site: bool


class Move(NamedTuple):
    """A step that led from one state to another on a day."""

    finding: int
    number: int
    before: str
    after: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class Closure:
    """The findings of a quarter, each in exactly one of four: closed having handed in by the limit or later, open and
    overdue, open within the limit (or with none told yet)."""

    quarter: int
    in_time: int
    late: int
    overdue: int
    running: int

    @property
    def found(self) -> int:
        return self.in_time + self.late + self.overdue + self.running

    @property
    def closed(self) -> int:
        return self.in_time + self.late


@dataclass(frozen=True, slots=True)
class Age:
    """How many findings have been open for ``first`` to ``last`` days (None: any longer), and of these S3 and S4."""

    first: int
    last: int | None
    count: int
    serious: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Calendar days that a stage took: how often it ended, the days together, the middle one, the most.

    ``middle`` is the lower median; nine tenths of the stages took ``most_took`` days or less.
    """

    stage: str
    count: int
    total: int
    middle: int
    most_took: int
    longest: int


@dataclass(frozen=True, slots=True)
class Return:
    """What came back: findings, how many of them came back, and how often together."""

    key: Hashable
    found: int
    came_back: int
    times: int


@dataclass(frozen=True, slots=True)
class OnSite:
    """Of the findings of a severity that were closed, how many were verified on site."""

    severity: int
    closed: int
    on_site: int


def counts(matter: Matter) -> bool:
    """Does a matter count at all?"""
    return matter.state not in UNCOUNTED


def is_overdue(matter: Matter, today: dt.date) -> bool:
    """Overdue as the lights count it: told, open, and nothing handed in by the limit."""
    if matter.closed_on is not None or matter.told_on is None or matter.told_on > today:
        return False
    return matter.due_on < (matter.handed_on or today)


def closures(matters: Iterable[Matter], today: dt.date) -> list[Closure]:
    """How the findings of each quarter stand, the oldest quarter first."""
    tallies: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for matter in matters:
        if counts(matter):
            tallies[quarter_of(matter.found_on)][_standing(matter, today)] += 1
    return [Closure(quarter, *tallies[quarter]) for quarter in sorted(tallies)]


def _standing(matter: Matter, today: dt.date) -> int:
    """0 closed in time, 1 closed late, 2 overdue, 3 running."""
    if matter.closed_on is not None:
        return 0 if (matter.handed_on or matter.closed_on) <= matter.due_on else 1
    return 2 if is_overdue(matter, today) else 3


def ages(matters: Iterable[Matter], today: dt.date) -> list[Age]:
    """The open findings by the days since they were told (found, where nobody was told yet)."""
    tallies = [[0, 0] for _ in range(len(AGES) + 1)]
    for matter in matters:
        if matter.closed_on is not None or not counts(matter):
            continue
        days = (today - (matter.told_on or matter.found_on)).days
        place = next((number for number, most in enumerate(AGES) if days <= most), len(AGES))
        tallies[place][0] += 1
        tallies[place][1] += matter.severity >= SERIOUS
    firsts = (0, *(most + 1 for most in AGES))
    return [Age(first, last, *tally) for first, last, tally in zip(firsts, (*AGES, None), tallies, strict=True)]


def stage_days(moves: Iterable[Move], began: Mapping[int, dt.date], first: dt.date, last: dt.date) -> list[Spread]:
    """The days of the stages that ended from ``first`` to ``last``, in the order of STAGES.

    A stage lasts from the day on which a matter came into one of its states to the day on which it left them for
    another stage. ``began`` gives the day on which a matter without earlier moves came to be (its confirmation).
    """
    taken: dict[str, list[int]] = defaultdict(list)
    entered: dict[int, tuple[str, dt.date]] = {}
    for move in sorted(moves, key=lambda move: (move.finding, move.number)):
        stage, since = entered.get(move.finding, (_STAGE_OF.get(move.before, ""), began.get(move.finding, move.day)))
        following = _STAGE_OF.get(move.after, "")
        if following == stage:
            entered[move.finding] = (stage, since)
            continue
        if stage and first <= move.day <= last:
            taken[stage].append(max(0, (move.day - since).days))
        entered[move.finding] = (following, move.day)
    return [_spread(stage, sorted(taken[stage])) for stage in STAGES if stage in taken]


def _spread(stage: str, days: Sequence[int]) -> Spread:
    last = len(days) - 1
    return Spread(stage, len(days), sum(days), days[last // 2], days[-(-9 * len(days) // 10) - 1], days[-1])


def returns(matters: Iterable[Matter], key: Callable[[Matter], Key]) -> list[Return]:
    """What came back, by any key: the most often first, then the larger share, then the key."""
    tallies: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for matter in matters:
        if counts(matter):
            tally = tallies[key(matter)]
            tally[0] += 1
            tally[1] += matter.reopened > 0
            tally[2] += matter.reopened
    found = [Return(name, *tally) for name, tally in tallies.items() if tally[1]]
    return sorted(found, key=lambda entry: (-entry.times, -entry.came_back, entry.found, str(entry.key)))


def on_site(matters: Iterable[Matter], first: dt.date, last: dt.date) -> list[OnSite]:
    """How much of what was closed from ``first`` to ``last`` was verified on site, by severity, the gravest first."""
    tallies: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for matter in matters:
        if counts(matter) and matter.closed_on is not None and first <= matter.closed_on <= last:
            tallies[matter.severity][0] += 1
            tallies[matter.severity][1] += matter.on_site
    return [OnSite(severity, *tallies[severity]) for severity in sorted(tallies, reverse=True)]
