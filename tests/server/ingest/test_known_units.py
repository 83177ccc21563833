"""Units that submissions name are looked up once, a town at a time, and a new one is known at once."""

from __future__ import annotations

import datetime as dt

import pytest

from server.services.intake.known_units import FRESH, KnownUnits
from server.services.kept import NotKept
from server.store.units import Unit
from tests.conftest import District, Queries
from tests.people import NOW


def test_a_towns_schools_are_known_after_the_first(district: District, queries: Queries) -> None:
    known = KnownUnits(district.database)
    first = known.find("S01")
    assert first is not None
    assert (first.id, first.path) == (district.people.units["S01"], district.people.paths["S01"])
    assert first.attributes == {"code": "S01", "kind": "school", "stage": "2", "enrolment": 620}
    queries.reset()
    assert known.find("S02", may_wait=False) is not None
    assert queries.count == 0
    with pytest.raises(NotKept):
        known.find("S03", may_wait=False)


def test_a_unit_that_is_not_there_is_asked_for_again(district: District) -> None:
    known = KnownUnits(district.database)
    assert known.find("S05") is None
    with district.database.write() as session:
        parent = district.people.units["330101"]
        path = f"{district.people.paths['330101']}999/"
        session.add(
            Unit(
                id=999,
                code="S05",
                kind="school",
                name="新校",
                parent_id=parent,
                path=path,
                created_at=NOW,
                changed_at=NOW,
            )
        )
    assert known.find("S05") is not None


def test_a_closed_school_is_forgotten_within_half_a_minute(district: District) -> None:
    known = KnownUnits(district.database)
    assert known.find("S01") is not None
    with district.database.write() as session:
        unit = session.get_one(Unit, district.people.units["S01"])
        unit.active = False
        session.add(unit)
    later = dt.timedelta(seconds=FRESH).total_seconds()
    now = known._fresh._now
    known._fresh._now = lambda: now() + later
    assert known.find("S01") is None
    assert known.find("S02") is not None
