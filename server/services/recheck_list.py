"""What is to be re-checked at a school, with the old photos: for the built-in collector, pages and paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import orjson

from server.store.db import ReadSession, WriteSession
from server.store.finding_lists import instances_of, to_recheck
from server.store.reading_cases import old_photos
from server.store.units import Unit


@dataclass(frozen=True, slots=True)
class ToRecheck:
    """An open finding. ``photos`` are (instanceID, file name) of the old photos that have arrived; ``on_site`` says
    that papers are not enough; ``ready`` that evidence waits for this very re-check."""

    code: str
    title: str
    title_en: str
    fact: str
    indicator: str
    severity: int
    route: int
    state: str
    due_on: dt.date
    finder_id: int | None
    on_site: bool
    ready: bool
    photos: Sequence[tuple[str, str]] = field(default_factory=tuple)


READY: Collection[str] = ("evidence", "rechecking", "advised")


def recheck_list(session: ReadSession | WriteSession, unit: Unit, *, onsite_from: int = 3) -> list[ToRecheck]:
    """The findings of a unit that a re-check may name, those that wait for one first, then by limit.

    ``onsite_from`` is the lowest severity that is seen on site whatever the draw says (D.recheck).
    """
    rows = [finding for finding, _ in to_recheck(session, [unit.path]) if finding.unit_id == unit.id]
    sources = {finding.submission_id for finding in rows if finding.submission_id}
    arrived = old_photos(session, sources) if sources else {}
    instances = instances_of(session, sorted(sources)) if sources else {}
    found = []
    for row in rows:
        number = row.submission_id or 0
        names = [name for name in orjson.loads(row.photos) if name in arrived.get(number, set())]
        instance, finder = instances.get(number, ("", None))
        found.append(
            ToRecheck(
                row.code,
                row.title,
                row.title_en,
                row.fact,
                row.indicators.split(" ")[0],
                row.severity,
                row.route,
                row.state,
                row.due_on,
                row.opened_by_id or finder,
                row.on_site or row.severity >= onsite_from,
                row.state in READY,
                tuple((instance, name) for name in names),
            )
        )
    return sorted(found, key=lambda entry: (not entry.ready, entry.due_on, entry.code))
