"""Accounts, roles, appointments and phone keys."""

from __future__ import annotations

import datetime as dt

import pytest

from server.problems import Problem
from server.security.passwords import token_hash
from server.services.people import people, phone, sign_in
from server.store.messages import holders_within
from server.store.people import grants_of, person_by_login, person_of_phone
from tests.conftest import NOW, District


def test_a_new_person_signs_in_with_the_password_and_no_other(district: District) -> None:
    with district.database.write() as session:
        people.create_person(session, login="eva", name="艾娃", password="long enough", by=None, at=NOW)
    with district.database.read() as session:
        assert sign_in.check_password(session, "eva", "long enough").name == "艾娃"
        with pytest.raises(Problem, match=r"auth\.wrong"):
            sign_in.check_password(session, "eva", "long enougH")


def test_an_account_without_a_password_lets_nobody_in(district: District) -> None:
    with district.database.write() as session:
        people.create_person(session, login="eva", name="艾娃", password=None, by=None, at=NOW)
    with district.database.read() as session:
        for guess in ("", "None", "eva"):
            with pytest.raises(Problem, match=r"auth\.wrong"):
                sign_in.check_password(session, "eva", guess)


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("amina", "long enough", "person.taken"),
        ("a b", "long enough", "person.login"),
        ("a:b", "long enough", "person.login"),
        ("", "long enough", "person.login"),
        ("a" * 65, "long enough", "person.login"),
        ("eva", "short", "password.weak"),
    ],
)
def test_a_bad_account_is_refused(district: District, login: str, password: str, code: str) -> None:
    with pytest.raises(Problem) as raised, district.database.write() as session:
        people.create_person(session, login=login, name="x", password=password, by=None, at=NOW)
    assert raised.value.code == code


def test_a_new_password_ends_open_sessions(district: District) -> None:
    token = district.token("amina")
    with district.database.write() as session:
        people.set_password(session, login="amina", password="another one", by=None, at=NOW)
    with district.database.read() as session:
        assert sign_in.viewer_of_session(session, token, at=NOW) is None
        assert sign_in.check_password(session, "amina", "another one")


def test_deactivation_ends_sessions_and_phone_keys(district: District) -> None:
    token = district.token("amina")
    with district.database.write() as session:
        people.deactivate(session, login="amina", by=None, at=NOW)
    with district.database.read() as session:
        assert sign_in.viewer_of_session(session, token, at=NOW) is None
        assert person_of_phone(session, token_hash(district.people.phones["amina"])) is None


def test_grants_are_given_once_and_taken_away(district: District) -> None:
    with district.database.write() as session:
        for _ in range(2):
            people.grant(session, login="leader", role="office", unit_code="330100", by=None, at=NOW)
        assert [row[0] for row in grants_of(session, district.people.persons["leader"])] == ["leading", "office"]
        people.revoke(session, login="leader", role="office", unit_code="330100", by=None, at=NOW)
        assert [row[0] for row in grants_of(session, district.people.persons["leader"])] == ["leading"]


@pytest.mark.parametrize(
    ("login", "role", "unit", "code"),
    [
        ("nobody", "office", "330100", "person.unknown"),
        ("leader", "king", "330100", "role.unknown"),
        ("leader", "office", "nowhere", "unit.unknown"),
        ("leader", "school", "330100", "unit.kind"),
        ("leader", "administrator", "S01", "unit.kind"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(district: District, login: str, role: str, unit: str, code: str) -> None:
    with pytest.raises(Problem) as raised, district.database.write() as session:
        people.grant(session, login=login, role=role, unit_code=unit, by=None, at=NOW)
    assert raised.value.code == code


def test_an_appointment_replaces_the_areas(district: District) -> None:
    first, last = dt.date(2026, 9, 1), dt.date(2029, 8, 31)
    with district.database.write() as session:
        people.appoint_inspector(
            session,
            login="amina",
            certificate="DX-2026-001",
            term_from=first,
            term_to=last,
            areas=["S03", "S01"],
            by=None,
            at=NOW,
        )
    with district.database.read() as session:
        person = person_by_login(session, "amina")
        assert person and (person.certificate, person.term_from, person.term_to) == ("DX-2026-001", first, last)
        held = {(role, unit) for role, unit, _ in grants_of(session, district.people.persons["amina"])}
        assert held == {("inspector", district.people.units["S01"]), ("inspector", district.people.units["S03"])}
        persons, paths = district.people.persons, district.people.paths
        assert persons["amina"] in holders_within(session, "inspector", paths["330100"])
        assert holders_within(session, "inspector", paths["330200"]) == [persons["dayo"]]


def test_a_term_cannot_end_before_it_begins(district: District) -> None:
    with pytest.raises(Problem, match=r"person\.term"), district.database.write() as session:
        people.appoint_inspector(
            session,
            login="amina",
            certificate="x",
            term_from=dt.date(2026, 9, 1),
            term_to=dt.date(2026, 8, 1),
            by=None,
            at=NOW,
        )


def test_a_phone_key_opens_until_it_is_revoked_and_its_token_is_stored_nowhere(district: District) -> None:
    amina, project = district.people.persons["amina"], district.people.projects["330100"]
    with district.database.write() as session:
        token = phone.make_key(session, person_id=amina, project_id=project, name="蓝色手机", by=None, at=NOW)
    with district.database.write() as session:
        keys = phone.list_keys(session, person_id=amina)
        assert keys[0].name == "蓝色手机" and token not in repr(keys)
        assert person_of_phone(session, token_hash(token))
        assert keys[0].id
        phone.revoke_key(session, key_id=keys[0].id, by=None, at=NOW)
        assert person_of_phone(session, token_hash(token)) is None
        assert len(phone.list_keys(session, person_id=amina)) == 1
        assert len(phone.list_keys(session, person_id=amina, revoked=True)) == 2


def test_no_key_for_a_closed_account_or_an_unknown_project(district: District) -> None:
    with district.database.write() as session:
        people.deactivate(session, login="dayo", by=None, at=NOW)
    for person, project in ((district.people.persons["dayo"], 1), (district.people.persons["amina"], 999)):
        with pytest.raises(Problem), district.database.write() as session:
            phone.make_key(session, person_id=person, project_id=project, by=None, at=NOW)
