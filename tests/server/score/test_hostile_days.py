"""One phone's wrong clock or one project's missing catalogue keeps nobody else's lights from following."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.exc import OperationalError

from server.jobs.loop import work_once
from server.problems import Problem
from server.services.rectification import follow
from server.store.events import pending
from tests.conftest import District
from tests.server.score.conftest import Inspection


@pytest.mark.parametrize("year", [1, 1900, 2190, 9999])
def test_a_visit_of_an_impossible_year_is_kept_and_does_not_stop_the_others(
    district: District, inspection: Inspection, year: int
) -> None:
    inspection.visit("S01", {"f01_f03": "3"}, day=dt.date(year, 12, 30))
    inspection.visit("S02", {"f01_f10": "3"})
    for _ in range(3):
        work_once(district.context)
    with district.database.read() as session:
        assert not pending(session, 10)
    assert "2026Q4" in district.as_("office").get("/matrix").text
    cards = district.as_("office").get("/api/cards/2026Q4").json()["cards"]
    assert "S02" in {card["unit"] for card in cards}


def test_while_the_store_is_away_no_event_is_set_aside(
    district: District, inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspection.visit("S02", {"f01_f10": "3"})

    def away(_self: follow.Following) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(follow.Following, "run", away)
        with pytest.raises(Problem, match=r"store\.unavailable"):
            work_once(district.context)
    with district.database.read() as session:
        assert pending(session, 10)
    work_once(district.context)
    assert district.as_("office").get("/ledgers/rectification").text.count("S02-") >= 1
