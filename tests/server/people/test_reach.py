"""Whoever administers one district changes no account of another, and loses nothing of what was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.problems import Problem
from server.services.people import people
from server.store.people import grants_of, person_by_login
from tests.conftest import NOW, District


@pytest.fixture
def neighbour(district: District) -> str:
    """The login of somebody who administers 白水区, and nothing else."""
    with district.database.write() as session:
        people.create_person(session, login="neighbour", name="邻区管理员", password="long enough", by=None, at=NOW)
        people.grant(session, login="neighbour", role="administrator", unit_code="330200", by=None, at=NOW)
    return "neighbour"


@pytest.mark.parametrize(
    ("change", "given", "code"),
    [
        (people.set_password, {"login": "amina", "password": "long enough"}, "auth.forbidden"),
        (people.deactivate, {"login": "amina"}, "auth.forbidden"),
        (people.grant, {"login": "dayo", "role": "administrator", "unit_code": "330100"}, "unit.unknown"),
        (people.revoke, {"login": "amina", "role": "inspector", "unit_code": "330101"}, "unit.unknown"),
    ],
)
def test_the_service_itself_refuses_what_lies_outside_the_reach(
    district: District, change: Callable[..., None], given: dict[str, str], code: str
) -> None:
    with pytest.raises(Problem) as raised, district.database.write() as session:
        change(session, **given, within=(district.people.paths["330200"],), by=None, at=NOW)
    assert raised.value.code == code


def test_an_account_left_without_a_role_stays_with_those_who_gave_it_one(district: District, neighbour: str) -> None:
    by, at, here = None, NOW, (district.people.paths["330200"],)
    with district.database.write() as session:
        people.create_person(session, login="former", name="曾任督学", password="long enough", by=by, at=at)
        people.grant(session, login="former", role="inspector", unit_code="330101", by=by, at=at)
        people.revoke(session, login="former", role="inspector", unit_code="330101", by=by, at=at)
        with pytest.raises(Problem, match=r"auth\.forbidden"):
            people.set_password(session, login="former", password="long enough", within=here, by=by, at=at)
    assert "former" not in district.as_(neighbour).get("/people").text
    assert district.as_(neighbour).get("/people/former").status_code == 404
    assert "former" in district.as_("admin").get("/people").text


def test_a_refused_person_leaves_nothing_behind_and_what_was_typed_stays(district: District, neighbour: str) -> None:
    data = {
        "token": district.form_token(neighbour), "login": "eva", "name": "艾 <娃>", "password": "long enough",
        "role": "administrator", "unit": "330100",
    }  # fmt: skip
    answer = district.as_(neighbour).post("/people", data=data)
    assert answer.status_code == 404
    for kept in ('value="eva"', 'value="艾 &lt;娃&gt;"', 'value="330100"', 'value="administrator" selected'):
        assert kept in answer.text
    assert "long enough" not in answer.text
    with district.database.read() as session:
        assert person_by_login(session, "eva") is None
    assert district.as_(neighbour).post("/people", data={**data, "unit": "330200"}).status_code == 303
    with district.database.read() as session:
        eva = person_by_login(session, "eva")
        assert eva is not None and eva.id is not None
        assert [role for role, _, _ in grants_of(session, eva.id)] == ["administrator"]


@pytest.mark.parametrize("login", ["a/b", "a?b", "a#b", "a%2Fb", "..", ".", "a\\b"])
def test_a_login_is_one_part_of_an_address(district: District, login: str) -> None:
    with pytest.raises(Problem, match=r"person\.login"), district.database.write() as session:
        people.create_person(session, login=login, name="x", password="long enough", by=None, at=NOW)
