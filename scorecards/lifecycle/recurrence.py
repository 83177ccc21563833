"""Does a new finding repeat an old one? Open ones are not doubled, closed ones are reopened (closed-loop D-2, F10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scorecards.lifecycle.dates import months_after
from scorecards.lifecycle.facts import MOST_SEVERE

MONTHS: Final = 12  # L1.school.red.relapse.months
_NEVER_THERE: Final = frozenset({"withdrawn", "merged"})


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that exists. ``unit`` is the unit inspected, ``item`` the checklist's item, ``repeat_index`` its
    instance (0 outside repeats). ``closed_on`` is None while it is open; ``reopened`` counts its relapses."""

    code: str
    unit: int
    item: str
    repeat_index: int
    severity: int
    state: str
    found_on: dt.date
    closed_on: dt.date | None = None
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What an inspector has now found."""

    unit: int
    item: str
    repeat_index: int
    severity: int
    found_on: dt.date


class What(StrEnum):
    """What becomes of something found."""

    NEW = "new"  # a finding of its own
    OPEN = "open"  # it is already being rectified: noted there, not doubled
    RELAPSE = "relapse"  # it was closed within the months before: that finding reopens


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict: ``code`` is the finding concerned ("" for NEW), ``severity`` what it now is (1-4), ``relapses`` how
    often it has then relapsed."""

    what: What
    code: str
    severity: int
    relapses: int = 0


def match(seen: Seen, known: Iterable[Known], *, months: int = MONTHS, levels: int = 1) -> Match:
    """What a find means, given the unit's findings.

    Instances of a repeat are different things (a room, a lesson) that carry no name: they are neither doubled nor
    reopened by number. A closed finding counts until the same day ``months`` later, that day included; what was found
    before it was closed is no relapse of it. Withdrawn and merged findings were never there.
    """
    if seen.repeat_index:
        return Match(What.NEW, "", seen.severity)
    same = [
        old
        for old in known
        if (old.unit, old.item, old.repeat_index) == (seen.unit, seen.item, 0) and old.state not in _NEVER_THERE
    ]
    still_open = [old for old in same if old.closed_on is None or seen.found_on <= old.closed_on]
    if still_open:
        first = min(still_open, key=lambda old: (old.found_on, old.code))
        return Match(What.OPEN, first.code, max(first.severity, seen.severity), first.reopened)
    closed = [
        (old.closed_on, old)
        for old in same
        if old.closed_on is not None and seen.found_on <= months_after(old.closed_on, months)
    ]
    if not closed:
        return Match(What.NEW, "", seen.severity)
    _, last = max(closed, key=lambda pair: (pair[0], pair[1].code))
    severity = min(max(last.severity + levels, seen.severity), MOST_SEVERE)
    return Match(What.RELAPSE, last.code, severity, last.reopened + 1)
