"""F12 per school: open findings to choose from, in stock Collect by a list that follows the findings."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from tests.server.rectify.conftest import Loop


def fetched(loop: Loop, login: str = "bola") -> list[dict[str, str]]:
    base = loop.district.key(login)
    manifest = loop.district.client.get(f"{base}/forms/f12/manifest").text
    address = re.search(r"<downloadUrl>([^<]*findings\.csv)</downloadUrl>", manifest)
    assert address is not None
    text = loop.district.client.get(address[1]).text
    return list(csv.DictReader(io.StringIO(text)))


def digest(loop: Loop) -> str:
    manifest = loop.district.client.get(f"{loop.district.key('bola')}/forms/f12/manifest").text
    found = re.search(r"<filename>findings\.csv</filename><hash>([^<]+)</hash>", manifest)
    assert found is not None
    return found[1]


def test_a_phone_gets_the_open_findings_of_its_own_schools_and_again_when_they_change(loop: Loop) -> None:
    assert fetched(loop) == []
    empty = digest(loop)
    mine, other = loop.found("S01"), loop.found("S03", by="bola")
    assert fetched(loop) == [], "what nobody confirmed is no matter for a re-check"
    for code in (mine, other):
        loop.act("office", code, "confirm")
    assert [row["name"] for row in fetched(loop)] == sorted((mine, other))
    assert [(row["school"], row["severity"]) for row in fetched(loop, "amina")] == [("S01", "S3")]
    full = digest(loop)
    assert full != empty and digest(loop) == full
    loop.bring(mine, "noticed")
    assert digest(loop) != full


def test_the_form_lets_a_finding_of_the_school_be_chosen_and_its_number_be_typed(loop: Loop) -> None:
    xform = loop.district.client.get(f"{loop.district.key('bola')}/forms/f12.xml").text
    assert 'src="jr://file-csv/findings.csv"' in xform
    assert re.search(r"instance\('findings'\)/root/item\[school = +/data/hd_a/hd_a06 +\]", xform)
    assert re.search(r'<setvalue ref="[^"]*/f12_b01" event="xforms-value-changed" value=" ../f12_pick "/>', xform)


def package(loop: Loop, login: str = "bola") -> dict[str, dict[str, Any]]:
    """The findings that this inspector's phone takes along for the collector, by code."""
    headers = {"X-Form-Token": loop.district.form_token(login)}
    bound = loop.district.as_(login).post("/collect/api/devices", json={"name": "手机"}, headers=headers).json()
    answer = loop.district.client.get("/collect/api/package", headers={"Authorization": f"Bearer {bound['key']}"})
    return {finding["code"]: finding for finding in answer.json()["findings"]}


def test_both_kinds_of_phone_may_name_the_same_findings_until_the_watch_is_over(loop: Loop) -> None:
    told, untold, done = loop.found("S01"), loop.found("S01", {"f01_b01": "3"}), loop.found("S01", {"f01_f03": "3"})
    loop.bring(told, "noticed")
    loop.act("office", untold, "confirm")
    loop.bring(done, "watching")
    taken = package(loop)
    assert sorted(taken) == sorted(row["name"] for row in fetched(loop)) == sorted((told, untold, done))
    assert taken[told]["on_site"] and taken[told]["due_on"] == loop.finding(told).due_on.isoformat()
    assert taken[untold]["due_on"] == "", "a limit that nobody was told makes nothing late"
    loop.bring(told, "evidence")
    assert package(loop)[told]["due_on"] == "", "what was handed in is not late while others examine it"
