"""After submissions and reviews: observations and findings follow, then the lights of the units concerned."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy.exc import DBAPIError

from forms.meaning import quarter_of
from server.problems import Problem
from server.services.context import Context
from server.services.lights.score import later_quarters, rescore
from server.services.rectification import follow
from server.store.events import Event, finish, pending
from server.store.forms import project_paths
from server.store.units import units_with_ids

log = logging.getLogger("liangpai.jobs")
BATCH = 2000


def work_off_changes(context: Context) -> int:
    """Work off the pending events; gives how many there were."""
    with context.database.read() as session:
        events = pending(session, BATCH)
        paths = project_paths(session)
    if not events:
        return 0
    failed = _follow(context, events)
    for project_id, quarters in _dirty(context, events, paths).items():
        _rescore(context, project_id, paths[project_id], quarters)
    with context.database.write() as session:
        finish(session, [event.id for event in events if event.id is not None])
        for event, error in failed:
            follow.record_failure(session, event, error, at=context.clock())
    return len(events)


def _follow(context: Context, events: Sequence[Event]) -> list[tuple[Event, str]]:
    """Let observations and findings follow; all at once, or one by one if something is wrong with one of them."""

    try:
        with context.database.write() as session:
            follow.Following(session, context, events, at=context.clock()).run()
        return []
    except Exception as error:
        _again_if_store_is_away(error)
        log.exception("one of %d events failed; each is tried by itself", len(events))
    failed = []
    for event in events:
        try:
            with context.database.write() as session:
                follow.Following(session, context, [event], at=context.clock()).run()
        except Exception as error:
            _again_if_store_is_away(error)
            log.exception("event %s is set aside", event.id)
            failed.append((event, repr(error)))
    return failed


def _again_if_store_is_away(error: Exception) -> None:
    """Raise what has nothing to do with the events: they stay pending and are tried again."""
    if isinstance(error, DBAPIError) or (isinstance(error, Problem) and error.code == "store.unavailable"):
        raise error


def _dirty(context: Context, events: Iterable[Event], paths: dict[int, str]) -> dict[int, dict[int, set[int]]]:
    """The units concerned, by project and quarter."""
    touched: set[tuple[int, int]] = set()
    for event in events:
        data = orjson.loads(event.data)
        touched.add((data.get("unit") or 0, data.get("quarter") or 0))
        touched.add((data.get("previous_unit") or 0, data.get("previous_quarter") or 0))
    with context.database.read() as session:
        units = units_with_ids(session, {unit for unit, _ in touched if unit})
    dirty: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for unit_id, quarter in touched:
        unit = units.get(unit_id)
        if unit is None or not quarter:
            continue
        homes = [project for project, path in paths.items() if unit.path.startswith(path)]
        if homes:
            dirty[max(homes, key=lambda project: len(paths[project]))][quarter].add(unit_id)
    return dirty


def _rescore(context: Context, project_id: int, path: str, quarters: dict[int, set[int]]) -> None:
    """Rescore each quarter from the first one touched on: later ones look back at it.

    A quarter that has not begun (a phone's wrong clock) waits for its first day. Where a project cannot be scored
    the others still are, and the daily run comes back to it.
    """
    today = context.today()
    with context.database.read() as session:
        later = later_quarters(session, path, min(quarters), today)
    for quarter in sorted(quarter for quarter in {*later, *quarters} if quarter <= quarter_of(today)):
        units = {unit for touched, some in quarters.items() if touched <= quarter for unit in some}
        try:
            rescore(context.database, project_id, quarter, today=today, at=context.clock(), only=units)
        except Exception as error:
            _again_if_store_is_away(error)
            log.exception("project %d could not be scored for %d", project_id, quarter)
