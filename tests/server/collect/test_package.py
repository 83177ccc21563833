"""What a phone takes along: its own forms, its own area's schools, findings and answers, and nothing of others."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import orjson
import pytest
from sqlmodel import col, select

from server.store.findings import Finding
from server.store.submissions import Submission
from tests.conftest import District, Queries
from tests.server.collect.conftest import WebPhone, bind, instance

JPEG = b"\xff\xd8\xff\xe0 a photo"


def visited(phone: WebPhone, instance_id: str = "uuid:one", school: str = "S01", **answers: str) -> str:
    """A visit with one red answer and its photo, sent and committed."""
    version = next(form["version"] for form in phone.package()["forms"] if form["form_id"] == "f02")
    xml = instance(version, instance_id=instance_id, school=school, photo="gate.jpg", **answers)
    sent = phone.send(xml, {"gate.jpg": JPEG})
    assert sent.status_code == 201, sent.text
    return instance_id


def found_on_gate(district: District, state: str = "proposed") -> str:
    """The finding that the visit's red answer proposes; its code."""
    with district.database.write() as session:
        visit = session.exec(select(Submission).where(col(Submission.instance_id) == "uuid:one")).one()
        finding = session.exec(select(Finding).where(col(Finding.code) == "F-1")).first() or Finding(
            code="F-1", unit_id=visit.unit_id, submission_id=visit.id, quarter=20264, item="f02_a01", title="负面清单",
            fact="门卫不在", indicators="SM-23 ZZ-11", severity=2, route=2, days=15, found_on=dt.date(2026, 11, 19),
            due_on=dt.date(2026, 12, 10), photos='["gate.jpg", "never-arrived.jpg"]', created_at=district.clock(),
        )  # fmt: skip
        finding.state = state
        session.add(finding)
    return "F-1"


def test_the_package_holds_my_forms_and_my_areas_schools(phone: WebPhone) -> None:
    package = phone.package()
    assert [form["form_id"] for form in package["forms"]] == ["f02", "f12"]
    assert package["forms"][1]["kind"] == "recheck"
    assert [school["code"] for school in package["schools"]] == ["S01", "S02"]
    assert package["schools"][0]["town"] == "东岭镇"
    assert package["settings"] == {"photo_pixels": 1280, "radius_metres": 500, "capture_accuracy": 50}
    assert package["prefill"] == {"hd_a08": "DX-amina"}
    assert {"unit": "S01", "form_id": "f02", "answers": [
        {"item": "hd_a07", "value": "2", "source": "admin", "on": ""}
    ]} in package["known"]  # fmt: skip


def test_the_lists_that_a_form_waits_for_come_with_my_own_rows(phone: WebPhone) -> None:
    visited(phone)
    found_on_gate(phone.district, "rectifying")
    f12 = phone.get(phone.package()["forms"][1]["url"]).json()
    assert f12["lists"] == [{"instance": "findings", "file": "findings.csv"}]
    findings = phone.package()["lists"]["findings.csv"]
    rows = [dict(zip(findings["columns"], row, strict=True)) for row in findings["rows"]]
    assert [(row["name"], row["school"]) for row in rows] == [("F-1", "S01")]
    assert bind(phone.district, "head3").package()["lists"] == {}
    assert "schools.csv" not in phone.package()["lists"]


def test_a_school_gets_its_return_and_no_checklist(collecting: District) -> None:
    package = bind(collecting, "head1").package()
    assert [form["form_id"] for form in package["forms"]] == ["return_school_year"]
    assert [school["code"] for school in package["schools"]] == ["S01"]


def test_a_package_that_did_not_change_costs_no_bytes(phone: WebPhone) -> None:
    first = phone.get("package", **{"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    phone.district.clock.now += dt.timedelta(hours=1)
    again = phone.get("package", **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert phone.get("package", **{"If-None-Match": "*"}).status_code == 304
    visited(phone)
    assert phone.get("package", **{"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_body_is_what_the_package_says_and_old_versions_stay(phone: WebPhone) -> None:
    form = phone.package()["forms"][0]
    answer = phone.get(form["url"])
    body = answer.json()
    assert (body["form_id"], body["version"], body["hash"]) == ("f02", form["version"], form["hash"])
    assert body["unit_item"] == "hd_a06"
    assert body["days"]["4"] >= 1
    assert phone.get(form["url"], **{"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert phone.get("forms/f02/none").status_code == 404
    assert phone.get("forms/nothing/1").status_code == 404


def test_confirmed_findings_come_with_their_photos_and_only_those_of_my_area(phone: WebPhone) -> None:
    district = phone.district
    visited(phone)
    found_on_gate(district)
    assert phone.package()["findings"] == []  # Proposed only: nobody has confirmed it.
    code = found_on_gate(district, "open")
    found = [finding for finding in phone.package()["findings"] if finding["code"] == code]
    assert len(found) == 1
    assert (found[0]["unit"], found[0]["indicator"], found[0]["severity"]) == ("S01", "SM-23", 2)
    assert [photo["name"] for photo in found[0]["photos"]] == ["gate.jpg"]
    assert (found[0]["on_site"], found[0]["due_on"]) == (False, ""), "S2 was not drawn, and nobody was told a limit"
    shown = phone.get(found[0]["photos"][0]["url"])
    assert (shown.status_code, shown.content) == (200, JPEG)
    assert shown.headers["content-type"] == "image/jpeg"
    other = bind(district, "head3")
    assert other.package()["findings"] == []
    assert other.get(found[0]["photos"][0]["url"]).status_code == 404
    assert district.client.get(found[0]["photos"][0]["url"]).status_code == 401
    assert phone.get(f"findings/{code}/photos/other.jpg").status_code == 404


def test_the_last_visits_answers_are_offered_with_their_day(phone: WebPhone) -> None:
    visited(phone)
    known = {(entry["unit"], entry["form_id"]): entry["answers"] for entry in phone.package()["known"]}
    assert {"item": "f02_a01", "value": "3", "source": "visit", "on": "2026-11-19"} in known["S01", "f02"]
    names = [answer["item"] for answer in known["S01", "f02"]]
    assert "f02_a01_nt" not in names and "f02_a01_ev" not in names and "hd_a11" not in names
    assert all(answer["source"] == "admin" for answer in known["S02", "f02"])


def returned(phone: WebPhone, instance_id: str) -> None:
    """A reviewer asks for completion."""
    with phone.district.database.write() as session:
        row = session.exec(select(Submission).where(col(Submission.instance_id) == instance_id)).one()
        row.review_state, row.review_note = "has_issues", "请补拍校门标牌"
        row.reviewed_by, row.reviewed_at = phone.district.people.persons["office"], phone.district.clock()


def test_what_a_reviewer_sent_back_is_completed_by_a_new_version_through_the_same_door(phone: WebPhone) -> None:
    visited(phone)
    returned(phone, "uuid:one")
    back = phone.package()["returned"]
    assert [(entry["instance_id"], entry["remark"], entry["unit"]) for entry in back] == [
        ("uuid:one", "请补拍校门标牌", "S01")
    ]
    assert "<instanceID>uuid:one</instanceID>" in back[0]["xml"]
    assert phone.get(back[0]["files"][0]["url"]).content == JPEG
    stranger = bind(phone.district, "bola")
    assert stranger.package()["returned"] == []
    assert stranger.get(back[0]["files"][0]["url"]).status_code == 404

    edit = instance(back[0]["version"], instance_id="uuid:two", deprecated="uuid:one", photo="gate.jpg", answer="1")
    sent = phone.send(edit, {"gate.jpg": JPEG})
    assert (sent.status_code, "修改已保存" in sent.text) == (201, True)
    assert phone.send(edit, {"gate.jpg": JPEG}).status_code == 201
    assert phone.package()["returned"] == []
    with phone.district.database.read() as session:
        rows = session.exec(select(Submission).order_by(col(Submission.number))).all()
    assert [(row.instance_id, row.number, row.device_id) for row in rows] == [
        ("uuid:one", 1, phone.device["device"]), ("uuid:two", 2, phone.device["device"]),
    ]  # fmt: skip


def test_the_door_takes_the_phones_key_for_its_own_project_only(phone: WebPhone) -> None:
    other = phone.district.people.projects["330200"]
    path = f"/v1/projects/{other}/submission"
    refused = phone.district.client.post(path, headers=phone.headers, files={"xml_submission_file": b"<data/>"})
    assert refused.status_code == 403
    head = phone.district.client.head(f"/v1/projects/{phone.device['project']}/submission", headers=phone.headers)
    assert head.status_code == 204


def test_a_package_asks_the_store_no_more_for_more_schools_or_findings(phone: WebPhone, queries: Queries) -> None:
    visited(phone)
    phone.package()
    queries.reset()
    phone.package()
    few = queries.count
    visited(phone, "uuid:two", "S02")
    phone.package()
    queries.reset()
    phone.package()
    assert queries.count <= few


@pytest.mark.parametrize("path", ["package", "device", "forms/f02/1", "findings/x/photos/y", "returned/x/files/y"])
def test_nothing_is_given_to_strangers(collecting: District, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
        refused = collecting.client.get(f"/collect/api/{path}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "auth.required")
    # A signed-in browser has a cookie, which other sites' requests carry too: the package asks for the phone's key.
    assert collecting.as_("amina").get(f"/collect/api/{path}").status_code == 401


def test_five_thousand_schools_stay_small(phone: WebPhone, tmp_path: Path) -> None:
    """The size is what a phone pays for; the time is measured by the bench."""
    schools = [
        {"code": f"S{n:05}", "name": f"第{n}小学", "name_en": f"School {n}", "town": f"镇{n % 40}", "stage": "2",
         "latitude": 30 + n / 10000, "longitude": 120 - n / 10000}
        for n in range(5000)
    ]  # fmt: skip
    assert len(gzip.compress(orjson.dumps(schools), 5)) < 120_000
