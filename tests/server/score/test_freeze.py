"""A frozen quarter can be recomputed, byte for byte, from the submissions that it names."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest
from sqlmodel import col, select, update

from server.problems import Problem
from server.services.lights import freeze
from server.services.lights.freeze import Frozen
from server.store.lights import LiveCard, Snapshot
from server.store.submissions import Submission
from server.store.units import Unit
from tests.server.score.conftest import Inspection

QUARTER = 20263


def frozen(inspection: Inspection) -> Frozen:
    district = inspection.district
    return freeze.freeze(
        district.context,
        project_id=district.people.projects["330100"],
        quarter=QUARTER,
        by=district.people.persons["office"],
        at=district.clock(),
    )


def differences(inspection: Inspection) -> list[str]:
    project = inspection.district.people.projects["330100"]
    _row, found = freeze.verify(inspection.district.context, project_id=project, quarter=QUARTER)
    return [difference.place for difference in found]


@pytest.fixture
def quarter(inspection: Inspection) -> Inspection:
    """A third quarter with a red, a yellow and a green school."""
    inspection.visit("S01", {"f01_e03": "2"}, day=dt.date(2026, 8, 20), instance="uuid:first")
    inspection.visit("S02", {"f01_a02": "3", "f01_c01": "2"}, day=dt.date(2026, 8, 21))
    inspection.visit("S03", day=dt.date(2026, 9, 1), by="bola")
    inspection.score()
    return inspection


def test_the_same_quarter_freezes_to_the_same_bytes(quarter: Inspection) -> None:
    first, again = frozen(quarter), frozen(quarter)
    assert (first.new, again.new) == (True, False)
    assert first.snapshot.sha256 == again.snapshot.sha256
    content = orjson.loads(first.snapshot.content)
    assert content["cards"]["school/S01"]["light"] == 3
    assert content["catalogue"]["sha256"] and content["rulebook"]["version"]
    assert [name for name, _ in content["submissions"] if name == "uuid:first"] == ["uuid:first"]


def test_a_frozen_quarter_verifies_after_later_edits_visits_and_renamed_schools(quarter: Inspection) -> None:
    frozen(quarter)
    assert differences(quarter) == []
    quarter.visit("S01", deprecated="uuid:first", day=dt.date(2026, 8, 20))
    quarter.visit("S02", day=dt.date(2026, 9, 20))
    quarter.score()
    with quarter.district.database.write() as session:
        school = session.exec(select(Unit).where(col(Unit.code) == "S03")).one()
        school.name, school.enrolment = "改名小学", 1
        session.add(school)
    assert differences(quarter) == []


def test_freezing_again_with_other_content_is_refused(quarter: Inspection) -> None:
    frozen(quarter)
    quarter.visit("S02", day=dt.date(2026, 9, 20))
    quarter.score()
    with pytest.raises(Problem) as refused:
        frozen(quarter)
    assert refused.value.code == "snapshot.exists"


def test_a_changed_answer_and_a_changed_snapshot_are_both_found(quarter: Inspection) -> None:
    row = frozen(quarter).snapshot
    with quarter.district.database.write() as session:
        tampered = session.exec(select(Submission).where(col(Submission.instance_id) == "uuid:first")).one()
        xml = tampered.xml.replace(b"<f01_e03>2</f01_e03>", b"<f01_e03>0</f01_e03>")
        assert xml != tampered.xml
        session.connection().execute(update(Submission).where(col(Submission.id) == tampered.id).values(xml=xml))
    found = differences(quarter)
    assert any(place.startswith("cards/school/S01") for place in found)
    assert any(place.startswith("submissions/") for place in found)
    with quarter.district.database.write() as session:
        session.connection().execute(update(Snapshot).where(col(Snapshot.id) == row.id).values(sha256="0" * 64))
    assert differences(quarter) == ["sha256"]


def test_later_quarters_look_back_at_the_frozen_light(quarter: Inspection) -> None:
    frozen(quarter)
    quarter.visit("S01", deprecated="uuid:first", day=dt.date(2026, 8, 20))
    quarter.visit("S01", day=dt.date(2026, 11, 3))
    quarter.score()
    with quarter.district.database.read() as session:
        unit = quarter.district.people.units["S01"]
        past = session.get(LiveCard, (unit, QUARTER))
        assert past is not None
        assert (past.light, past.frozen) == (1, 3)
        now = session.get(LiveCard, (unit, 20264))
        assert now is not None
        assert {"quarter": QUARTER, "light": 3} in orjson.loads(now.card)["record"]["past"]


def test_a_quarter_nobody_froze_cannot_be_verified(quarter: Inspection) -> None:
    with pytest.raises(Problem) as refused:
        differences(quarter)
    assert refused.value.code == "snapshot.unknown"
