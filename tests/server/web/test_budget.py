"""A page asks the store a fixed number of times, whatever the district's size; the matrix of 500 schools is quick."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import insert

from server.services.lights.card_json import canonical
from server.store.lights import LiveCard
from server.store.units import Unit
from tests.conftest import District, Queries
from tests.people import NOW
from tests.server.web.conftest import Seen

DIMENSIONS = ("GP-1", "GP-2", "GP-3", "GP-4", "GP-5", "GP-6", "GP-7", "GP-8", "RECT")
BUDGETS = [
    ("leader", "/matrix", 16),
    ("office", "/units/S01", 18),
    ("office", "/units/330101", 20),
    ("office", "/units/S01/explain/2026Q4/indicator/AQ-03", 26),
    ("office", "/submissions", 11),
    ("office", "/ledgers/rectification", 10),
    ("amina", "/inspector", 18),
    ("head1", "/school", 24),
]


def grow(district: District, schools: int) -> None:
    """Add schools with cards of two quarters to the first town."""
    town, path = district.people.units["330101"], district.people.paths["330101"]
    with district.database.write() as session:
        added = []
        for number in range(schools):
            unit = Unit(
                code=f"Z{number:04}",
                kind="school",
                name=f"第{number}小学",
                parent_id=town,
                stage="2",
                enrolment=number,
                created_at=NOW,
                changed_at=NOW,
            )
            session.add(unit)
            added.append(unit)
        session.flush()
        rows = []
        for number, unit in enumerate(added):
            unit.path = f"{path}{unit.id}/"
            lights = {code: 1 + (number + place) % 4 for place, code in enumerate(DIMENSIONS)}
            for quarter in (20263, 20264):
                light = 1 + number % 4
                rows.append(
                    {
                        "unit_id": unit.id,
                        "quarter": quarter,
                        "light": light,
                        "managed_as": light,
                        "score": 50 + number % 50,
                        "dimensions": canonical(lights),
                        "card": "{}",
                        "computed_at": NOW,
                    }
                )
        session.connection().execute(insert(LiveCard), rows)


@pytest.mark.parametrize(("login", "path", "most"), BUDGETS)
def test_a_page_stays_within_its_statements(
    district: District, seen: Seen, queries: Queries, login: str, path: str, most: int
) -> None:
    client = district.as_(login)
    client.get(path)
    queries.reset()
    assert client.get(path).status_code == 200
    assert queries.count <= most, "\n".join(queries.statements)


@pytest.mark.parametrize(
    ("login", "path"), [("leader", "/matrix"), ("office", "/units/330101"), ("amina", "/inspector")]
)
def test_more_schools_need_no_more_statements(
    district: District, seen: Seen, queries: Queries, login: str, path: str
) -> None:
    client = district.as_(login)
    client.get(path)
    queries.reset()
    client.get(path)
    few = queries.count
    grow(district, 40)
    queries.reset()
    client.get(path)
    assert queries.count == few


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/matrix", "/matrix?sort=worst&light=3"])
def test_the_matrix_of_500_schools_is_there_in_200_milliseconds(district: District, seen: Seen, path: str) -> None:
    grow(district, 500)
    client = district.as_("leader")
    client.get(path)
    times = []
    for _ in range(40):
        start = time.process_time()
        assert client.get(path).status_code == 200
        times.append(time.process_time() - start)
    times.sort()
    # The promise is p95 below 200 ms on a quiet machine; tests share two cores, so the median is what is insisted on.
    assert times[len(times) // 2] < 0.2, (
        f"median {times[len(times) // 2]:.3f} s, p95 {times[int(len(times) * 0.95)]:.3f} s"
    )
