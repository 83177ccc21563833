"""The figures of the analysis of rectification, for page, charts and workbook alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from forms.meaning import parse_quarter, quarter_before, quarter_bounds, quarter_of
from scorecards.rectification_figures import Age, Closure, OnSite, Return, Spread, ages, closures, on_site, returns
from scorecards.rectification_figures import stage_days as days_of_stages
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.store.db import Database, ReadSession
from server.store.reading import analysis as store
from server.store.units import Unit
from server.web.render import SignedPage

QUARTERS: Final = 8
MOST: Final = 10
KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Named:
    """Something that came back, with the words for it and the address of its findings."""

    name: str
    code: str
    entry: Return


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that the page shows of one subtree and quarter."""

    quarter: int
    quarters: list[int]
    unit: Unit | None
    closures: list[Closure]
    ages: list[Age]
    stages: list[Spread]
    items: list[Named]
    schools: list[Named]
    on_site: list[OnSite]

    @property
    def current(self) -> Closure:
        """The chosen quarter's findings."""
        found = next((row for row in self.closures if row.quarter == self.quarter), None)
        return found or Closure(self.quarter, 0, 0, 0, 0)

    @property
    def verified(self) -> tuple[int, int]:
        """(verified on site, closed) of the quarter."""
        return sum(row.on_site for row in self.on_site), sum(row.closed for row in self.on_site)


class _Kept:
    """The newest analyses of each database: a page and its five charts count a hundred thousand findings once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: WeakKeyDictionary[Database, dict[Hashable, Analysis]] = WeakKeyDictionary()

    def get(self, database: Database, key: Hashable) -> Analysis | None:
        with self._lock:
            return self._found.get(database, {}).get(key)

    def put(self, database: Database, key: Hashable, built: Analysis) -> None:
        with self._lock:
            kept = self._found.setdefault(database, {})
            kept[key] = built
            while len(kept) > KEPT:
                del kept[next(iter(kept))]


_kept: Final = _Kept()


def build(page: SignedPage, session: ReadSession, *, unit: str, quarter: str) -> Analysis:
    """The analysis of what the reader may see. Raises Problem: not_found, quarter.invalid, auth.forbidden."""
    paths, today = require_anywhere(page.viewer, "finding.see"), page.context.today()
    chosen = _quarter(quarter, today)
    key = (paths, unit, chosen, page.language, today, store.newest_event(session))
    found = _kept.get(page.context.database, key)
    if found is None:
        found = _build(page, session, paths, unit, chosen, today)
        _kept.put(page.context.database, key, found)
    return found


def _build(
    page: SignedPage, session: ReadSession, paths: Sequence[str], unit: str, chosen: int, today: dt.date
) -> Analysis:
    place = store.unit_in_reach(session, paths, unit) if unit else None
    if unit and place is None:
        raise Problem("not_found")
    # A year of returns before the chosen quarter, and eight quarters of closure.
    quarters = [quarter_before(quarter_of(today), number) for number in range(QUARTERS)]
    start, end = quarter_bounds(chosen)
    year = quarter_bounds(quarter_before(chosen, 3))[0]
    since = min(quarter_bounds(quarters[-1])[0], year)
    rows = store.matters(session, paths, unit, since)
    moves, began = store.moves(session, paths, unit, start, end)
    lately = [row for row in rows if year <= row.found_on <= end]
    by_item, by_unit = returns(lately, lambda row: row.item)[:MOST], returns(lately, lambda row: row.unit)[:MOST]
    return Analysis(
        chosen,
        quarters,
        place,
        [row for row in closures(rows, today) if row.quarter >= min(quarters[-1], chosen)][-QUARTERS:],
        ages(rows, today),
        days_of_stages(moves, began, start, end),
        _items(page, session, paths, by_item),
        _schools(page, session, by_unit),
        on_site(rows, start, end),
    )


def _quarter(text: str, today: dt.date) -> int:
    try:
        return parse_quarter(text) if text.strip() else quarter_of(today)
    except ValueError:
        raise Problem("quarter.invalid", text=text[:20]) from None


def _items(page: SignedPage, session: ReadSession, paths: Sequence[str], rows: Sequence[Return]) -> list[Named]:
    titles = store.item_titles(session, paths, [str(row.key) for row in rows])
    return [Named(page.name(*titles.get(str(row.key), (str(row.key), ""))), str(row.key), row) for row in rows]


def _schools(page: SignedPage, session: ReadSession, rows: Sequence[Return]) -> list[Named]:
    names = store.unit_names(session, [int(str(row.key)) for row in rows])
    found = []
    for row in rows:
        code, name, name_en = names[int(str(row.key))]
        found.append(Named(page.name(name, name_en), code, row))
    return found
