"""A phone is bound to one person, says what it holds, and is signed out, also when it was lost."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import delete
from sqlmodel import col, select

from server.store.people import PhoneKey, RoleGrant
from tests.conftest import District
from tests.people import NOW
from tests.server.collect.conftest import WebPhone, bind


def link_of(district: District, login: str) -> str:
    """The code in the link that a person's page makes."""
    page = district.as_(login).post("/phones/link", data={"token": district.form_token(login), "name": "备用机"})
    assert page.status_code == 200
    assert "<svg" in page.text
    return page.text.partition("/collect/#code=")[2].partition("<")[0]


def test_who_has_signed_in_binds_the_browser_once_and_gets_a_key(collecting: District) -> None:
    state = collecting.as_("amina").get("/collect/api/session").json()
    assert state["person"] == {"login": "amina", "name": "督学 艾"}
    made = collecting.as_("amina").post(
        "/collect/api/devices", json={"name": "红米"}, headers={"X-Form-Token": state["form_token"]}
    )
    device = made.json()
    assert device["project"] == collecting.people.projects["330100"]
    phone = WebPhone(collecting, device)
    assert phone.get("device").json()["name"] == "红米"
    assert phone.get("package").status_code == 200


def test_another_site_binds_nothing_with_somebodys_cookie(collecting: District) -> None:
    browser = collecting.as_("amina")
    for token in ("", "x", collecting.form_token("bola")):
        refused = browser.post("/collect/api/devices", json={"name": "x"}, headers={"X-Form-Token": token})
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.form_expired")
    nobody = collecting.client.post("/collect/api/devices", json={"name": "x"})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "auth.required")


def test_whoever_fills_in_nothing_binds_nothing(collecting: District) -> None:
    refused = collecting.as_("leader").post(
        "/collect/api/devices", json={}, headers={"X-Form-Token": collecting.form_token("leader")}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


def test_a_link_binds_one_phone_and_works_once(collecting: District) -> None:
    code = link_of(collecting, "amina")
    headers = {"Authorization": f"Bearer {code}"}
    # The code itself opens nothing but the binding.
    assert collecting.client.get("/collect/api/package", headers=headers).json()["code"] == "auth.required"
    made = collecting.client.post("/collect/api/devices", json={"name": ""}, headers=headers)
    phone = WebPhone(collecting, made.json())
    assert phone.device["person"]["login"] == "amina"
    assert phone.get("device").json()["name"] == "备用机"
    again = collecting.client.post("/collect/api/devices", json={"name": ""}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (403, "auth.token")
    bound = collecting.client.post("/collect/api/devices", json={"name": ""}, headers=phone.headers)
    assert (bound.status_code, bound.json()["code"]) == (403, "auth.token")


def test_a_lost_phone_is_signed_out_from_afar_and_told_so_at_its_next_contact(phone: WebPhone) -> None:
    district = phone.district
    page = district.as_("office").get("/phones")
    assert "红米十二" in page.text and "督学 艾" in page.text
    number = re.findall(r'action="/phones/(\d+)/sign-out"', page.text)[0]
    done = district.as_("office").post(f"/phones/{number}/sign-out", data={"token": district.form_token("office")})
    assert done.status_code == 303
    for path in ("package", "device", "forms/f02/1"):
        refused = phone.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "device.revoked"), path
    assert "重新登录" in refused.json()["title"]
    sent = phone.send(b"<data id='f02' version='1'/>")
    assert sent.status_code == 403
    assert "这部手机已被退出登录" in sent.text
    assert "红米十二" not in district.as_("office").get("/phones").text


def test_a_revoked_key_is_revoked_wherever_it_was_revoked(phone: WebPhone) -> None:
    with phone.district.database.write() as session:
        for key in session.exec(select(PhoneKey).where(col(PhoneKey.name) == "红米十二")):
            key.revoked_at = NOW
    assert phone.get("package").json()["code"] == "device.revoked"


def test_nobody_signs_out_a_phone_beyond_reach(phone: WebPhone) -> None:
    district = phone.district
    for login in ("bola", "strange"):
        assert "红米十二" not in district.as_(login).get("/phones").text
        refused = district.as_(login).post("/phones/1/sign-out", data={"token": district.form_token(login)})
        assert refused.status_code == 404
    assert district.as_("head1").get("/phones").status_code == 403
    assert phone.get("package").status_code == 200


def test_a_phone_says_what_is_unsent_and_the_office_sees_it(phone: WebPhone) -> None:
    assert phone.post("device", json={"waiting": 3, "drafts": 2}).status_code == 204
    state = phone.get("device").json()
    assert (state["waiting"], state["drafts"]) == (3, 2)
    assert '<span class="tag tag-yellow">3</span>' in phone.district.as_("office").get("/phones").text
    phone.district.clock.now += dt.timedelta(minutes=5)
    phone.post("device", json={"waiting": 3, "drafts": 2})
    assert phone.get("device").json()["seen_at"].startswith("2026-11-20T02:05")
    assert phone.post("device", json={"waiting": -1}).status_code == 400


def test_a_phone_gives_its_key_back(phone: WebPhone) -> None:
    assert phone.post("device/sign-out").status_code == 204
    assert phone.get("package").json()["code"] == "device.revoked"
    assert phone.post("device/sign-out").status_code == 204


def test_who_has_no_role_any_more_is_refused_but_nothing_on_the_phone_is_wiped(phone: WebPhone) -> None:
    person = phone.district.people.persons["amina"]
    with phone.district.database.write() as session:
        session.exec(delete(RoleGrant).where(col(RoleGrant.person_id) == person))
    refused = phone.get("package")
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")


def test_one_person_may_hold_several_phones(phone: WebPhone) -> None:
    other = bind(phone.district, "amina", "平板")
    assert other.device["device"] != phone.device["device"]
    page = phone.district.as_("amina").get("/phones").text
    assert "平板" in page and "红米十二" in page
