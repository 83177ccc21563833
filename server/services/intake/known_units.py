"""The units that submissions name, kept for half a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from server.services.kept import Fresh, NotKept
from server.store.db import Database
from server.store.units import UnitLine, units_beside

FRESH: Final = 30.0
MOST_BESIDE: Final = 1000


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """What intake knows of a unit; ``attributes`` are those that the catalogue's expressions may name."""

    id: int
    path: str
    attributes: Mapping[str, object]


class KnownUnits:
    """Active units by code."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fresh: Fresh[str, KnownUnit] = Fresh(FRESH)

    def find(self, code: str, *, may_wait: bool = True) -> KnownUnit | None:
        """The active unit with this code. Raises NotKept."""
        kept = self._fresh.get(code)
        if kept is not None:
            return kept
        if not may_wait:
            raise NotKept
        with self._database.read() as session:
            lines = units_beside(session, code, MOST_BESIDE)
        # Visits come town by town: the neighbours of a school are asked for next.
        for line in lines:
            self._fresh.put(line.code, KnownUnit(line.id, line.path, attributes_of(line)))
        return self._fresh.get(code)


def attributes_of(unit: UnitLine) -> dict[str, object]:
    """A unit's attributes by name: those of its own columns win over the imported extra ones."""
    extra = orjson.loads(unit.attributes or "{}")
    return {**extra, "code": unit.code, "kind": unit.kind, "stage": unit.stage, "enrolment": unit.enrolment}
