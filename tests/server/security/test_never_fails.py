"""Whatever is asked or sent, by whomever, no answer is a failure of the server."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings, strategies

from server.api.router import router as api
from server.web.router import router as web
from tests.conftest import District
from tests.people import PEOPLE
from tests.server.openrosa.conftest import Phone, instance, publish, rows

LOGINS = ("", *(person[0] for person in PEOPLE))
ROUTES = sorted({route.path for part in (web, api) for route in part.routes
                 if isinstance(route, APIRoute) and "GET" in route.methods})  # fmt: skip
NAMES = ("q", "number", "quarter", "district", "unit", "town", "state", "severity", "route", "sort", "size", "next",
         "old", "new", "version", "kind", "overdue", "inspector", "form", "stage", "light", "name",
         "indicator", "turn", "item", "level", "found_from", "found_to", "due_from", "due_to", "dir")  # fmt: skip
WORDS = strategies.sampled_from(
    ["", "1", "-1", "0", "2026Q4", "0000Q1", "9999Q4", "99999", "S01", "330100", "D-JYJ", "svg", "png", "visit",
     "xform", "NaN", "1e400", "9" * 40, "%", "_", "\\", "'", '"><b>', "..", "//x", "\r\nX: y", "\x00", "é", "督导",
     "\U0001f600", "true", "\u202e", "a" * 300]
) | strategies.text(max_size=12)  # fmt: skip
KEPT = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


def lenient(district: District, login: str) -> TestClient:
    """A browser that shows a failure's answer instead of the failure."""
    client = TestClient(district.app, follow_redirects=False, raise_server_exceptions=False)
    client.cookies = district.as_(login).cookies
    return client


@KEPT
@given(
    login=strategies.sampled_from(LOGINS),
    route=strategies.sampled_from(ROUTES),
    parts=strategies.lists(WORDS, min_size=5, max_size=5),
    query=strategies.dictionaries(strategies.sampled_from(NAMES), WORDS, max_size=5),
)
def test_no_question_makes_the_server_fail(
    district: District, login: str, route: str, parts: list[str], query: dict[str, str]
) -> None:
    given_parts = iter(parts)
    path = re.sub(r"\{[^}]+\}", lambda _match: quoted(next(given_parts)), route)
    answer = lenient(district, login).get(path, params={name: printable(value) for name, value in query.items()})
    assert answer.status_code < 500, (path, query, answer.text[:300])
    assert "Traceback" not in answer.text
    assert "x" not in answer.headers


@KEPT
@given(
    changes=strategies.lists(
        strategies.tuples(strategies.integers(0, 10_000), strategies.integers(0, 3), strategies.binary(max_size=6)),
        min_size=1,
        max_size=5,
    )
)
def test_no_damaged_post_of_a_phone_makes_the_server_fail(
    district: District, changes: list[tuple[int, int, bytes]]
) -> None:
    if not rows(district, "SELECT 1 FROM form"):
        publish(district)
    head = b'--B\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\n\r\n'
    photo = b'\r\n--B\r\nContent-Disposition: form-data; name="p.jpg"; filename="p.jpg"\r\n\r\nJPEG'
    body = bytearray(head + instance(photo="p.jpg") + photo + b"\r\n--B--\r\n")
    for place, length, content in changes:
        start = place % len(body)
        body[start : start + length] = content
    answer = lenient(district, "").post(
        f"{district.key('amina')}/submission",
        content=bytes(body),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
    )
    assert answer.status_code in (201, 202) or 400 <= answer.status_code < 500, (bytes(body), answer.text)
    assert "OpenRosaResponse" in answer.text


def test_no_number_or_date_of_a_phone_makes_the_server_fail(district: District) -> None:
    publish(district)
    phone = Phone(district, district.key("amina"))
    days = ("9999-99-99", "0000-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
            "2026-11-19T24:00:00Z", "１２", "2026-W47-4", "-1", "9" * 400)  # fmt: skip
    for day in days:
        assert phone.send(instance(day=day)).status_code == 201
    for school in ("9" * 400, "1e400", "S01\u2028x", "S01&#9;S02", "../S01"):
        assert phone.send(instance(school=school)).status_code == 400
    assert phone.send(instance(answers="9")).status_code == 201
    for version in ("9" * 5000, "&#10;", ""):
        assert phone.send(instance(version=version)).status_code in (201, 404)
    for photo in ("a" * 5000 + ".jpg", "../../etc/passwd", "a/b.jpg", "&lt;b&gt;.svg"):
        assert phone.send(instance(photo=photo)).status_code == 201
    assert phone.send(instance(instance_id="uuid:" + "é" * 250)).status_code == 201


def printable(text: str) -> str:
    return text.encode(errors="replace").decode()


def quoted(text: str) -> str:
    return quote(printable(text), safe="") or "-"
