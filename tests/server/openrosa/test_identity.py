"""Who may use the door: a phone's key, Digest, Basic, a session; and how each refusal looks to Collect."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import threading
import time
from pathlib import Path

import pytest
from httpx2 import Response

from server.openrosa.digest import Nonces, parse_digest, server_secret
from server.openrosa.identity import KEY_FRESH
from server.store.people import Person, PhoneKey, RoleGrant
from tests.conftest import District
from tests.people import PASSWORD
from tests.server.openrosa.conftest import Phone, instance, rows

REALM = "Liangpai"


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def digest_header(challenge: str, login: str, password: str, method: str, uri: str) -> str:
    """What okhttp-digest answers to a challenge (RFC 7616, MD5, qop auth)."""
    nonce = re.findall(r'nonce="([^"]+)"', challenge)[0]
    ha1, ha2 = md5(f"{login}:{REALM}:{password}"), md5(f"{method}:{uri}")
    response = md5(f"{ha1}:{nonce}:00000001:c0ffee:auth:{ha2}")
    return (
        f'Digest username="{login}", realm="{REALM}", nonce="{nonce}", uri="{uri}", algorithm=MD5, '
        f'qop=auth, nc=00000001, cnonce="c0ffee", response="{response}"'
    )


def plain(district: District, path: str = "formList", project: str = "330100") -> str:
    return f"/v1/projects/{district.people.projects[project]}/{path}"


def ask(district: District, uri: str, **headers: str) -> Response:
    return district.client.get(uri, headers=headers)


def challenges(response: Response) -> list[str]:
    assert response.status_code == 401
    return response.headers.get_list("www-authenticate")


@pytest.mark.parametrize("token", ["x" * 64, "", "ä"])
def test_a_wrong_key_is_403_and_no_prompt_for_a_password(district: District, phone: Phone, token: str) -> None:
    base = f"/v1/key/{token or '-'}/projects/{district.people.projects['330100']}"
    for response in (
        district.client.get(f"{base}/formList"),
        district.client.head(f"{base}/submission"),
        Phone(district, base).send(instance()),
    ):
        assert response.status_code == 403
        assert "www-authenticate" not in response.headers
        assert response.headers["x-openrosa-version"] == "1.0"


def test_a_key_opens_its_own_project_only(district: District, phone: Phone) -> None:
    other = phone.base.rpartition("/")[0] + f"/{district.people.projects['330200']}"
    assert district.client.get(f"{other}/formList").status_code == 403


def test_a_revoked_key_is_refused_within_seconds(
    district: District, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert phone.get("/formList").status_code == 200
    with district.database.write() as session:
        for key in rows(district, "SELECT id FROM phone_key"):
            row = session.get(PhoneKey, key[0])
            assert row is not None
            row.revoked_at = district.clock()
            session.add(row)
    real = time.monotonic
    phones = district.app.state.phones
    monkeypatch.setattr(phones.gate._keys, "_now", lambda: real() + KEY_FRESH)
    assert phone.get("/formList").status_code == 403
    assert phone.send(instance()).status_code == 403


def test_nobody_is_offered_digest_first_and_basic_where_it_is_allowed(district: District, phone: Phone) -> None:
    offers = challenges(ask(district, plain(district)))
    assert [offer.split()[0] for offer in offers] == ["Digest", "Basic"]
    assert 'realm="Liangpai"' in offers[0]
    assert 'qop="auth"' in offers[0]
    district.context.settings.basic_over_http = False
    assert [offer.split()[0] for offer in challenges(ask(district, plain(district)))] == ["Digest"]
    secret = base64.b64encode(f"amina:{PASSWORD}".encode()).decode()
    assert ask(district, plain(district), Authorization=f"Basic {secret}").status_code == 401


def test_digest_opens_the_plain_shape(district: District, phone: Phone) -> None:
    uri = plain(district)
    offer = challenges(ask(district, uri))[0]
    assert ask(district, uri, Authorization=digest_header(offer, "amina", PASSWORD, "GET", uri)).status_code == 200
    with_query = uri + "?deviceID=d1"
    header = digest_header(offer, "amina", PASSWORD, "GET", with_query)
    assert ask(district, with_query, Authorization=header).status_code == 200
    target = plain(district, "submission")
    header = digest_header(offer, "amina", PASSWORD, "POST", target)
    parts = [("xml_submission_file", ("s.xml", instance(), "text/xml"))]
    assert district.client.post(target, files=parts, headers={"Authorization": header}).status_code == 201


def test_digest_refuses_what_does_not_fit(district: District, phone: Phone) -> None:
    uri = plain(district)
    offer = challenges(ask(district, uri))[0]
    good = digest_header(offer, "amina", PASSWORD, "GET", uri)
    foreign = f'Digest nonce="{"A" * 43}="'
    for header in (
        digest_header(offer, "amina", "wrong password", "GET", uri),
        digest_header(offer, "nobody", PASSWORD, "GET", uri),
        digest_header(offer, "amina", PASSWORD, "POST", uri),
        digest_header(offer, "amina", PASSWORD, "GET", plain(district, "submission")),
        digest_header(foreign, "amina", PASSWORD, "GET", uri),
        good.replace("qop=auth", "qop=auth-int"),
        good.replace("MD5", "SHA-256"),
        good.replace(f'realm="{REALM}"', 'realm="other"'),
        "Digest",
        "Digest nonsense",
    ):
        assert len(challenges(ask(district, uri, Authorization=header))) == 2


def test_an_old_nonce_is_stale_and_a_fresh_one_is_given(district: District, phone: Phone) -> None:
    uri = plain(district)
    header = digest_header(challenges(ask(district, uri))[0], "amina", PASSWORD, "GET", uri)
    district.clock.now += dt.timedelta(minutes=6)
    offer = challenges(ask(district, uri, Authorization=header))[0]
    assert "stale=true" in offer
    assert ask(district, uri, Authorization=digest_header(offer, "amina", PASSWORD, "GET", uri)).status_code == 200


def test_a_closed_account_is_refused_by_digest(district: District, phone: Phone) -> None:
    with district.database.write() as session:
        person = session.get(Person, district.people.persons["amina"])
        assert person is not None
        person.active = False
        session.add(person)
    uri = plain(district)
    header = digest_header(challenges(ask(district, uri))[0], "amina", PASSWORD, "GET", uri)
    assert ask(district, uri, Authorization=header).status_code == 401


def test_basic_opens_the_plain_and_the_bare_shape(district: District, phone: Phone) -> None:
    for uri in (plain(district), "/formList"):
        answered = district.client.get(uri, auth=("amina", PASSWORD))
        assert answered.status_code == 200
        assert f"{plain(district, 'forms')}/visit.xml" in answered.text
        assert district.client.get(uri, auth=("amina", "wrong password")).status_code == 401
    assert district.client.head("/submission", auth=("amina", PASSWORD)).status_code == 204
    parts = [("xml_submission_file", ("s.xml", instance(), "text/xml"))]
    assert district.client.post("/submission", files=parts, auth=("amina", PASSWORD)).status_code == 201
    assert district.client.get("/xformsManifest/visit", auth=("amina", PASSWORD)).status_code == 200
    # The administrator of the whole city reaches two projects: the bare shape cannot say which.
    assert district.client.get("/formList", auth=("admin", PASSWORD)).status_code == 404


def test_a_stranger_from_the_next_district_finds_nothing(district: District, phone: Phone) -> None:
    for path in ("formList", "forms/visit.xml", "forms/visit/manifest", "forms/visit/attachments/schools.csv"):
        for login in ("dayo", "strange"):
            assert district.client.get(plain(district, path), auth=(login, PASSWORD)).status_code == 404
    parts = [("xml_submission_file", ("s.xml", instance(), "text/xml"))]
    for login in ("dayo", "strange"):
        assert (
            district.client.post(plain(district, "submission"), files=parts, auth=(login, PASSWORD)).status_code == 404
        )
    assert rows(district, "SELECT count(*) FROM submission") == [(0,)]


def test_each_role_sends_only_where_it_may(district: District, phone: Phone) -> None:
    expected = {
        "admin": (201, 201), "office": (201, 201), "amina": (201, 403), "leader": (403, 403),
        "jyj": (403, 403), "head1": (201, 403), "head3": (403, 201),
    }  # fmt: skip
    for login, statuses in expected.items():
        found = tuple(
            district.client.post(
                plain(district, "submission"),
                files=[("xml_submission_file", ("s.xml", instance(school=school), "text/xml"))],
                auth=(login, PASSWORD),
            ).status_code
            for school in ("S01", "S03")
        )
        assert found == statuses, login


def test_somebody_without_any_role_gets_nothing(district: District, phone: Phone) -> None:
    with district.database.write() as session:
        grant = session.get(RoleGrant, (district.people.persons["head1"], "school", district.people.units["S01"]))
        session.delete(grant)
    assert district.client.get(plain(district), auth=("head1", PASSWORD)).status_code == 404
    assert district.client.get("/formList", auth=("head1", PASSWORD)).status_code == 404


def test_a_key_opens_nothing_where_its_holder_has_no_role_any_more(district: District, phone: Phone) -> None:
    assert phone.get("/formList").status_code == 200
    with district.database.write() as session:
        person, units = district.people.persons["amina"], district.people.units
        held = session.get(RoleGrant, (person, "inspector", units["330101"]))
        assert held is not None
        session.delete(held)
        session.add(RoleGrant(person_id=person, role="inspector", unit_id=units["330200"]))
    time.sleep(KEY_FRESH + 0.1)
    assert phone.get("/formList").status_code == 403
    assert phone.send(instance()).status_code == 403


def test_a_session_counts_only_beside_the_header_that_no_foreign_form_sends(district: District, phone: Phone) -> None:
    browser = district.as_("amina")
    parts = [("xml_submission_file", ("s.xml", instance(), "text/xml"))]
    assert browser.post(plain(district, "submission"), files=parts).status_code == 401
    headers = {"X-OpenRosa-Version": "1.0"}
    assert browser.post(plain(district, "submission"), files=parts, headers=headers).status_code == 201
    bearer = {"Authorization": f"Bearer {district.token('amina')}"}
    assert district.client.get(plain(district), headers=bearer).status_code == 200


def test_a_digest_header_is_read_with_quotes_escaped() -> None:
    read = parse_digest(
        'Digest username="a\\"b", realm="Liangpai", nonce="n", uri="/x,y", qop=auth, nc=1, cnonce="c", response="r"'
    )
    assert read is not None
    assert (read.username, read.uri) == ('a"b', "/x,y")


def test_all_processes_of_a_district_share_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(server_secret(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 32
    assert [path.name for path in tmp_path.iterdir()] == ["digest.key"]
    assert (tmp_path / "digest.key").stat().st_mode & 0o077 == 0
    nonces = Nonces(found[0])
    assert nonces.state(nonces.make(1000), 1300) == "good"
    assert nonces.state(nonces.make(1000), 1301) == "stale"
    assert nonces.state(nonces.make(1000), 999) == "stale"
    assert Nonces(b"x" * 32).state(nonces.make(1000), 1000) == "unknown"
