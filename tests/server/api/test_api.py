"""The JSON door answers each caller with what that caller may see, and nobody else's."""

from __future__ import annotations

import pytest

from tests.conftest import District
from tests.server.score.conftest import Inspection, inspection

__all__ = ["inspection"]


def test_anybody_may_ask_whether_the_server_is_well(district: District) -> None:
    answer = district.client.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.parametrize("path", ["/api/me", "/api/cards/2026Q4", "/api/units/S01/findings"])
def test_nobody_is_told_anything_else_without_signing_in(district: District, path: str) -> None:
    assert district.client.get(path).status_code == 401


def test_a_red_light_is_told_with_the_rule_and_sentences_in_two_languages(inspection: Inspection) -> None:
    inspection.visit("S01", {"f01_e03": "2"})
    inspection.score()
    leader = inspection.district.as_("leader")
    told = leader.get("/api/units/S01/explanations/2026Q4", headers={"accept-language": "zh"}).json()
    assert "L1.school.veto" in "".join(told["sentences"])
    assert "红" in told["sentences"][0]
    english = leader.get("/api/units/S01/explanations/2026Q4", headers={"accept-language": "en"}).json()
    assert "red" in english["sentences"][0]
    indicator = leader.get("/api/units/S01/explanations/2026Q4?indicator=NX-10").json()["explanation"]
    assert [reference["item"] for reference in indicator["references"]] == ["f01_e03"]
    found = leader.get("/api/units/S01/findings").json()["findings"]
    assert [(row["code"], row["severity"]) for row in found] == [("S01-f01_e03-261110", 4)]


def test_a_caller_sees_the_cards_of_its_own_subtree_only(inspection: Inspection) -> None:
    inspection.visit("S01")
    inspection.visit("S03", by="bola")
    inspection.score()

    def seen(login: str) -> set[str]:
        return {card["unit"] for card in inspection.district.as_(login).get("/api/cards/2026Q4").json()["cards"]}

    assert {"S01", "S03"} <= seen("leader")
    assert "S03" not in seen("amina")
    assert seen("head1") == {"S01"}
    assert not seen("strange") & {"S01", "S03", "330101"}


@pytest.mark.parametrize("path", ["cards/2026Q4", "explanations/2026Q4", "findings"])
def test_the_stranger_from_the_next_district_is_told_there_is_nothing(inspection: Inspection, path: str) -> None:
    inspection.visit("S01")
    inspection.score()
    for login, status in (("strange", 404), ("dayo", 404), ("head3", 404), ("head1", 200), ("leader", 200)):
        assert inspection.district.as_(login).get(f"/api/units/S01/{path}").status_code == status, login


def test_a_quarter_that_is_none_is_refused_with_a_sentence(district: District) -> None:
    answer = district.as_("leader").get("/api/cards/2026Q9", headers={"accept-language": "en"})
    assert (answer.status_code, answer.json()["type"]) == (400, "quarter.invalid")


def test_a_veto_is_named_and_leads_to_the_very_answer(inspection: Inspection) -> None:
    instance = inspection.visit("S01", {"f01_e03": "2"})
    inspection.score()
    leader = inspection.district.as_("leader")
    told = leader.get("/api/units/S01/explanations/2026Q4").json()["explanation"]
    assert [reference["item"] for reference in told["references"]] == ["f01_e03"]
    page = leader.get("/units/S01/explain/2026Q4", headers={"accept-language": "zh"}).text
    assert "有偿补课查实" in page
    assert instance.removeprefix("uuid:") in page
