"""What the visits measure: each school's hidden quality, which drifts, and problems that appear, stay and are fixed."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass, field

from server.demo.places import School

SEVERITY_SHIFT = {0: 0.0, 1: 0.35, 2: 0.0, 3: -0.9, 4: -2.6}
BASE = -4.22  # log odds of a new problem of S2 at an average school
RED_SHARE = 0.33
COMES_BACK = 0.004  # chance that a visit finds again what was put right before
NOTHING_MADE = 0.6  # chance that what nobody made a finding of is gone at the next visit
# Planted among every thirteen schools: shift of the quality, share mended in time, trend a quarter.
PERIOD = 13
KINDS = {
    4: (-3.1, 0.72, 0.2),  # very weak, mends late
    9: (-1.7, 0.84, 0.45),  # weak, improves after findings
    11: (0.3, 0.88, -0.75),  # slides
}


@dataclass(slots=True)
class Problem:
    """Something wrong at a school. ``word`` is the light of its answer; ``known`` once somebody works on a finding of
    it, and ``fixed_on`` then the day from which no visit sees it any more, None while nobody has put it right."""

    item: str
    word: str
    since: dt.date
    planted: bool = False
    known: bool = False
    fixed_on: dt.date | None = None


@dataclass(slots=True)
class SchoolState:
    """A school's hidden state: ``quality`` 0 is average, larger is better; ``care`` the share mended in time,
    ``trend`` what a quarter adds to the quality."""

    school: School
    quality: float
    sides: dict[str, float] = field(default_factory=dict)
    care: float = 0.9
    trend: float = 0.0
    problems: dict[str, Problem] = field(default_factory=dict)
    mended: set[str] = field(default_factory=set)

    def side(self, dimension: str, random_: random.Random) -> float:
        """Quality in one dimension."""
        if dimension not in self.sides:
            self.sides[dimension] = random_.gauss(0, 0.5)
        return self.quality + self.sides[dimension]

    def works_on(self, item: str, fixed_on: dt.date | None) -> None:
        """The school knows of a problem and will have put it right by a day; None while it does not."""
        problem = self.problems.get(item)
        if problem is not None:
            problem.known, problem.fixed_on = True, fixed_on


@dataclass(slots=True)
class District:
    """All schools' states."""

    states: dict[str, SchoolState]

    def next_quarter(self, random_: random.Random) -> None:
        """Supervision helps where it looks, a few schools slide, and the rest is drift."""
        for state in self.states.values():
            state.quality += state.trend + random_.gauss(0.03, 0.15)


def begin(schools: list[School], random_: random.Random) -> District:
    """The district before the first visit: towns differ, villages struggle more, a few schools are planted weak."""
    towns = {code: random_.gauss(0, 0.3) for code in sorted({school.town for school in schools})}
    states = {}
    for index, school in enumerate(schools):
        quality = random_.gauss(0.35, 0.55) + towns[school.town] - (0.2 if school.enrolment < 150 else 0)
        shift, care, trend = KINDS.get(index % PERIOD, (0.0, random_.uniform(0.9, 0.985), 0.0))
        state = SchoolState(school, quality + shift, care=care, trend=trend)
        states[school.code] = state
    return District(states)


def chance(quality: float, severity: int, inspector: float) -> float:
    """Probability that a visit finds a new problem in one item; ``inspector`` is this inspector's severity."""
    odds = BASE - 1.25 * quality + SEVERITY_SHIFT[severity] + inspector
    return 1 / (1 + math.exp(-odds))


def meet(
    state: SchoolState,
    item: str,
    dimension: str,
    severity: int,
    words: set[str],
    inspector: float,
    day: dt.date,
    random_: random.Random,
) -> str:
    """The light's word that this visit finds in an item, among those that its choices offer."""
    problem = state.problems.get(item)
    if problem is not None:
        if problem.fixed_on is not None and problem.fixed_on <= day:
            del state.problems[item]
            state.mended.add(item)
        elif not problem.known and not problem.planted and random_.random() < NOTHING_MADE:
            del state.problems[item]
        elif problem.word in words:
            return problem.word
    odds = chance(state.side(dimension, random_), severity, inspector)
    if item in state.mended:
        odds = min(odds, COMES_BACK)
    violation = "grey" in words and "yellow" not in words
    if violation:
        odds *= 0.3
    if random_.random() >= odds or not words & {"red", "yellow"}:
        return "green"
    if violation and random_.random() < 0.7:
        return "grey"
    word = "red" if "yellow" not in words or random_.random() < RED_SHARE else "yellow"
    state.problems[item] = Problem(item, word, day)
    return word
