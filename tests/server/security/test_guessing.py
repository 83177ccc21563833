"""Passwords are guessed at no door, and what a stranger sends along breaks nothing."""

from __future__ import annotations

import base64
import datetime as dt
import re
import threading

import pytest

from server.problems import Problem
from server.security import passwords
from server.services.people.attempts import MOST_FAILURES
from tests.conftest import District
from tests.people import PASSWORD
from tests.server.openrosa.test_identity import digest_header


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def digest(district: District, path: str, password: str) -> dict[str, str]:
    asked = district.as_("").get(path)
    offer = next(entry for entry in asked.headers.get_list("www-authenticate") if entry.startswith("Digest"))
    return {"Authorization": digest_header(offer, "amina", password, "GET", path)}


@pytest.mark.parametrize("door", ["/api/me", "phone", "digest"])
def test_a_password_is_not_guessed_at_any_door(district: District, door: str) -> None:
    path = "/api/me" if door == "/api/me" else f"/v1/projects/{district.people.projects['330100']}/formList"

    def guess(password: str) -> int:
        headers = digest(district, path, password) if door == "digest" else basic("amina", password)
        return district.as_("").get(path, headers=headers).status_code

    assert [guess(f"guess {n}") for n in range(MOST_FAILURES)] == [401] * MOST_FAILURES
    assert guess(PASSWORD) == 429
    district.clock.now += dt.timedelta(minutes=16)
    assert guess(PASSWORD) == 200


def test_only_a_few_passwords_are_compared_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "SECONDS_FOR_A_TURN", 0.01)
    monkeypatch.setattr(passwords, "_turns", threading.BoundedSemaphore(1))
    assert passwords._turns.acquire()
    with pytest.raises(Problem, match=r"auth\.slow_down"):
        passwords.verify_password(None, "x")
    passwords._turns.release()
    assert not passwords.verify_password(None, "x")


def test_a_wrong_password_on_a_page_that_is_not_there_is_still_not_there(district: District) -> None:
    assert district.as_("").get("/nowhere", headers=basic("amina", "wrong")).status_code == 404


def test_a_password_sent_by_the_browser_itself_posts_no_form(district: District) -> None:
    token = passwords.form_token("")
    data = {"token": token, "login": "eva", "name": "x", "password": "long enough"}
    assert district.as_("").post("/people", data=data, headers=basic("admin", PASSWORD)).status_code == 403


@pytest.mark.parametrize("token", ["é", "令牌", "\x00", "\x01\x7f"])
def test_a_form_token_of_any_letters_is_refused_politely(district: District, token: str) -> None:
    assert district.as_("admin").post("/people", data={"token": token}).status_code == 403
    assert district.as_("").post("/sign-in", data={"token": token, "login": token}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/units/%00", "/submissions?q=%00", "/findings/%00", "/submissions?number=" + "9" * 30,
        "/matrix?number=-" + "9" * 30,
        "/findings?number=" + "9" * 30, "/findings?q=%00", "/findings?q=%0d%0aX:y&unit=//evil.example",
        "/ledgers/rectification?q=%00", "/ledgers/rectification?number=" + "9" * 30, "/matrix?quarter=0000Q1",
        "/matrix?quarter=9999Q4", "/units/S01/explain/00001",
        f"/v1/projects/{'9' * 30}/formList", f"/v1/projects/{'9' * 5000}/formList",
        "/api/cards/%00", "/api/cards/9999Q4",
        "/api/units/S01/explanations/0000Q1", "/charts/trend.svg?quarter=0000Q1", "/language/zh?next=%0d%0aX:y",
        "/people/%F0%9F%98%80", "/sign-in?next=//evil.example/",
    ],
)  # fmt: skip
def test_no_address_makes_the_server_fail_or_leads_away(district: District, path: str) -> None:
    for login in ("admin", "office"):
        answer = district.as_(login).get(path)
        assert answer.status_code < 500, answer.text
        assert not re.match(r"[^/?]|/[/\\]", answer.headers.get("location", ""))
        assert "x" not in answer.headers
    headers = basic("office", PASSWORD)
    assert district.as_("").get(path, headers=headers).status_code < 500


def test_a_key_number_that_no_store_holds_is_refused(district: District) -> None:
    for path in (f"/inspector/phone/{'9' * 30}/revoke", f"/people/amina/phone/{2**31}/revoke"):
        answer = district.as_("admin").post(path, data={"token": district.form_token("admin")})
        assert 400 <= answer.status_code < 500
