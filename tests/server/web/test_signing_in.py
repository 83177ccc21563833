"""Signing in and out: the same answer for an unknown login, slowed down after many failures, never led elsewhere."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from server.doors.dependencies import SESSION_COOKIE
from server.services.people.attempts import MOST_FAILURES
from server.store.events import Event
from tests.conftest import District


def sign_in(client: TestClient, login: str, password: str, next_path: str = "/") -> Response:
    page = client.get("/sign-in", params={"next": next_path})
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token is not None
    data = {"login": login, "password": password, "next": next_path, "token": token[1]}
    return client.post("/sign-in", data=data)


def test_whoever_signs_in_goes_on_to_the_page_that_was_asked_for(district: District, password: str) -> None:
    client = district.as_("")
    asked = client.get("/units/S01?quarter=2026Q4")
    assert asked.headers["location"] == "/sign-in?next=/units/S01%3Fquarter%3D2026Q4"
    answer = sign_in(client, "office", password, "/units/S01?quarter=2026Q4")
    assert (answer.status_code, answer.headers["location"]) == (303, "/units/S01?quarter=2026Q4")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    assert client.get("/units/S01").status_code == 200


def test_an_unknown_login_and_a_wrong_password_are_answered_alike(district: District) -> None:
    answers = []
    for login in ("office", "nobody-here"):
        page = sign_in(district.as_(""), login, "not the password")
        assert page.status_code == 401
        answers.append(re.sub(login, "LOGIN", re.sub(r'name="token" value="[^"]+"', "", page.text)))
    assert answers[0] == answers[1]


def test_many_failures_are_slowed_down_for_that_login_and_address_only(district: District, password: str) -> None:
    client = district.as_("")
    for _ in range(MOST_FAILURES):
        assert sign_in(client, "office", "wrong wrong").status_code == 401
    stopped = sign_in(client, "office", password)
    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0
    assert sign_in(district.as_(""), "leader", password).status_code == 303
    district.clock.now += dt.timedelta(minutes=16)
    assert sign_in(client, "office", password).status_code == 303


def test_what_was_typed_into_the_login_field_is_not_kept(district: District) -> None:
    sign_in(district.as_(""), "my-secret-password", "x")
    with district.database.read() as session:
        events = session.exec(select(Event).where(Event.kind == "person.sign_in_failed")).all()
    assert len(events) == 1
    assert "my-secret-password" not in events[0].subject + events[0].data


def test_a_sign_in_form_from_elsewhere_is_refused(district: District, password: str) -> None:
    client = district.as_("")
    answer = client.post("/sign-in", data={"login": "office", "password": password, "next": "/", "token": "made up"})
    assert answer.status_code == 403
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(district: District, password: str, elsewhere: str) -> None:
    assert sign_in(district.as_(""), "office", password, elsewhere).headers["location"] == "/"
    assert district.as_("office").get("/language/en", params={"next": elsewhere}).headers["location"] == "/"


def test_signing_out_ends_the_session(district: District) -> None:
    client = district.as_("office")
    token = client.cookies[SESSION_COOKIE]
    assert client.post("/sign-out", data={"token": district.form_token("office")}).status_code == 303
    again = district.as_("")
    again.cookies.set(SESSION_COOKIE, token)
    assert again.get("/units/S01").status_code == 303


@pytest.mark.parametrize(
    ("login", "home"),
    [
        ("leader", "/matrix"),
        ("office", "/matrix"),
        ("amina", "/inspector"),
        ("head1", "/desk"),
        ("jyj", "/desk"),
    ],
)
def test_each_role_starts_at_its_own_home(district: District, login: str, home: str) -> None:
    assert district.as_(login).get("/").headers["location"] == home


def test_the_switch_changes_the_language_and_stays(district: District) -> None:
    client = district.as_("leader")
    assert '<html lang="zh-CN">' in client.get("/matrix").text
    client.get("/language/en", params={"next": "/matrix"})
    page = client.get("/matrix").text
    assert '<html lang="en">' in page
    assert "Lights of the quarter" in page or "School lights" in page
    assert client.get("/language/fr").status_code == 404


def test_a_failure_is_answered_with_a_page_in_the_readers_language(district: District) -> None:
    page = district.as_("leader").get("/nothing-here")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有找到" in page.text
    english = district.as_("leader").get("/nothing-here", headers={"accept-language": "en"})
    assert "Not found" in english.text
