"""Live lights follow a submission, and the few units scored after it get what a whole rescoring would give them."""

from __future__ import annotations

import datetime as dt

import orjson
from sqlmodel import col, select

from forms.meaning import Light
from server.services.lights.score import cards_of
from server.store.db import ReadSession
from server.store.findings import Finding
from tests.server.score.conftest import Inspection

RED_LINE = {"f01_e03": "2"}  # paid tutoring confirmed: veto V3


def findings(inspection: Inspection, unit: str) -> list[Finding]:
    with inspection.district.database.read() as session:
        query = select(Finding).where(col(Finding.unit_id) == inspection.district.people.units[unit])
        return list(session.exec(query))


def test_a_school_without_a_visit_has_no_light(inspection: Inspection) -> None:
    inspection.visit("S01")
    inspection.score()
    assert inspection.card("S03") is None or inspection.card("S03").light == Light.GREY  # type: ignore[union-attr]


def test_a_clean_visit_makes_a_school_green_and_its_town_follows(inspection: Inspection) -> None:
    inspection.visit("S01")
    inspection.visit("S02")
    inspection.score()
    card = inspection.card("S01")
    assert card is not None
    assert card.light == Light.GREEN, orjson.loads(card.card)["checks"]
    town = inspection.card("330101")
    assert town is not None and town.light == Light.GREEN


def test_a_confirmed_red_line_makes_a_school_red_by_veto_and_proposes_a_finding(inspection: Inspection) -> None:
    inspection.visit("S01", RED_LINE)
    inspection.score()
    card = inspection.card("S01")
    assert card is not None and card.light == Light.RED
    content = orjson.loads(card.card)
    assert content["rule"] == "L1.school.veto"
    found = findings(inspection, "S01")
    assert [(finding.item, finding.severity, finding.veto) for finding in found] == [("f01_e03", 4, 3)]
    assert found[0].code == "S01-f01_e03-261110"


def test_an_edit_takes_back_what_its_old_version_said(inspection: Inspection) -> None:
    first = inspection.visit("S01", RED_LINE)
    inspection.score()
    inspection.visit("S01", deprecated=first)
    inspection.score()
    card = inspection.card("S01")
    assert card is not None and card.light == Light.GREEN
    assert findings(inspection, "S01") == []


def test_scoring_a_few_units_gives_what_scoring_the_whole_district_gives(inspection: Inspection) -> None:
    inspection.visit("S01", RED_LINE, day=dt.date(2026, 8, 20))
    inspection.visit("S02", {"f01_a02": "3", "f01_c01": "2", "f01_f07": "3"}, day=dt.date(2026, 8, 21))
    inspection.score()
    inspection.visit("S01", {"f01_b01": "3"}, day=dt.date(2026, 11, 3))
    inspection.score()
    inspection.visit("S02", day=dt.date(2026, 11, 4))
    inspection.score()
    for quarter in (20263, 20264):
        with inspection.district.database.read() as session:
            assert live(session, inspection, quarter) == whole(session, inspection, quarter)


def live(session: ReadSession, inspection: Inspection, quarter: int) -> dict[int, tuple[int, str]]:
    units = inspection.district.people.units
    found = {}
    for code in ("S01", "S02", "330101"):
        card = inspection.card(code, quarter)
        assert card is not None, (code, quarter)
        found[units[code]] = (card.light, card.card)
    return found


def whole(session: ReadSession, inspection: Inspection, quarter: int) -> dict[int, tuple[int, str]]:
    context, people = inspection.district.context, inspection.district.people
    rows = cards_of(session, people.projects["330100"], quarter, today=context.today(), at=context.clock())
    wanted = {people.units[code] for code in ("S01", "S02", "330101")}
    return {row["unit_id"]: (row["light"], row["card"]) for row in rows if row["unit_id"] in wanted}
