"""A district with findings in every state, as many as a test asks for."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from forms.meaning import quarter_of
from scorecards.lifecycle.facts import CLOSED_STATES
from scorecards.lifecycle.rectification import CHASED, TABLE
from server.store.cases import CaseStep
from server.store.findings import Finding
from server.store.units import Unit
from tests.conftest import District
from tests.people import NOW

TODAY = NOW.date()
DAY = dt.timedelta(days=1)
STATES = tuple(TABLE.states)
TOLD = (*CHASED, "evidence", "rechecking", "verified", "false", "answered")
ITEMS = ("f01_a01", "f01_a02", "f01_b03", "f01_f03", "f02_c01", "f03_d02")
INDICATORS = ("AQ-01", "AQ-02 AQ-03", "SZ-01", "JX-05")


def finding(district: District, number: int, school: str, **values: object) -> dict[str, object]:
    """A row of a finding; whatever matters to a test is given by name."""
    state = str(values.get("state", "open"))
    found = values.get("found_on", TODAY - 30 * DAY)
    assert isinstance(found, dt.date)
    row: dict[str, object] = {
        "code": f"T-{number:06}",
        "unit_id": district.people.units[school],
        "department_id": None,
        "submission_id": None,
        "quarter": quarter_of(found),
        "item": "f01_a01",
        "repeat_index": 0,
        "title": f"第{number}个问题",
        "title_en": f"Finding {number}",
        "fact": "现场事实",
        "indicators": "AQ-01",
        "light": 3,
        "severity": 2,
        "route": 2,
        "days": 30,
        "found_on": found,
        "due_on": found + 30 * DAY,
        "photos": "[]",
        "state": state,
        "closed_on": TODAY if state in CLOSED_STATES else None,
        "veto": 0,
        "created_at": NOW,
        "original_severity": 2,
        "told_on": found + 3 * DAY if state in TOLD or state in CLOSED_STATES else None,
        "handed_on": None,
        "level": 0,
        "extensions": 0,
        "plan_returns": 0,
        "reopened": 0,
        "checked_on_site": False,
        "responsible": "",
        "rechecker_id": None,
        "verified_by_id": None,
        "opened_by_id": None,
        "department_answer": "",
        "steps": 0,
        "facts": "{}",
    }
    return {**row, **values}


@pytest.fixture
def fill(district: District) -> Callable[..., list[dict[str, object]]]:
    """Add findings: rows as given, or ``count`` made up by a seed over the four schools."""

    def added(rows: list[dict[str, object]] | None = None, count: int = 0) -> list[dict[str, object]]:
        made = rows if rows is not None else made_up(district, count)
        with district.database.write() as session:
            for start in range(0, len(made), 5000):
                session.connection().execute(insert(Finding), made[start : start + 5000])
        return made

    return added


def made_up(district: District, count: int, seed: int = 5) -> list[dict[str, object]]:
    """Findings of every state, severity and route over two years."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        found = TODAY - chance.randrange(1, 700) * DAY
        state = "archived" if chance.random() < 0.7 else chance.choice(STATES)
        route = 4 if state in ("transferred", "answered") else chance.choice((1, 2, 2, 2, 3))
        closed = found + chance.randrange(5, 60) * DAY if state in CLOSED_STATES else None
        told = state in TOLD or closed
        rows.append(
            finding(
                district,
                number,
                chance.choice(("S01", "S02", "S03", "S04")),
                state=state,
                found_on=found,
                due_on=found + chance.choice((7, 30, 60)) * DAY,
                route=route,
                department_id=district.people.units["D-JYJ"] if route == 4 else None,
                severity=chance.choice((1, 2, 2, 3, 4)),
                item=chance.choice(ITEMS),
                indicators=chance.choice(INDICATORS),
                level=chance.choice((0, 0, 1, 2, 3)) if told and not closed else 0,
                told_on=found + 2 * DAY if told else None,
                closed_on=closed,
                handed_on=closed,
                reopened=int(chance.random() < 0.05),
                checked_on_site=bool(closed) and chance.random() < 0.4,
                responsible=chance.choice(("", "校长 何", "总务主任 李")),
                opened_by_id=district.people.persons["amina"],
            )
        )
    return rows


@pytest.fixture
def take(district: District) -> Callable[..., None]:
    """Add steps that were taken: (finding's id, action, before, after, day)."""

    def added(rows: list[tuple[int, str, str, str, dt.date]]) -> None:
        numbers: dict[int, int] = {}
        made = []
        for finding_id, action, before, after, day in rows:
            numbers[finding_id] = numbers.get(finding_id, 0) + 1
            made.append(
                {
                    "finding_id": finding_id,
                    "measure_id": None,
                    "number": numbers[finding_id],
                    "action": action,
                    "before": before,
                    "after": after,
                    "by_id": None,
                    "at": dt.datetime.combine(day, dt.time(2), dt.UTC),
                    "day": day,
                    "due_on": None,
                    "reason": "",
                    "fields": "{}",
                    "submission_id": None,
                }
            )
        with district.database.write() as session:
            session.connection().execute(insert(CaseStep), made)

    return added


def add_school(district: District, code: str, name: str, town: str = "330101") -> int:
    """Add a school with any name."""
    with district.database.write() as session:
        unit = Unit(
            code=code,
            kind="school",
            name=name,
            parent_id=district.people.units[town],
            stage="2",
            created_at=NOW,
            changed_at=NOW,
        )
        session.add(unit)
        session.flush()
        unit.path = f"{district.people.paths[town]}{unit.id}/"
        assert unit.id is not None
        district.people.units[code] = unit.id
        return unit.id
