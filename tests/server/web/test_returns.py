"""A return filled in on the web: what is wrong is said beside the field, what was typed stays, and it goes one road."""

from __future__ import annotations

import re

from httpx2 import Response
from sqlmodel import select

from server.store.submissions import OBSERVATION, Submission
from tests.conftest import District
from tests.server.web.conftest import Seen

PATH = "/returns/return_school_year?unit=S01"
GOOD = {
    "q.period": "2026",
    "q.reported_on": "2026-11-20",
    "q.stage": "2",
    "q.is_private": "0",
    "q.pupils": "620",
    "q.classes": "14",
    "q.classes_over": "2",
    "q.teachers": "40",
    "q.is_small": "0",
    "q.is_rural": "0",
}


def send(district: District, values: dict[str, str], step: str = "send", instance: str = "") -> Response:
    client = district.as_("head1")
    page = client.get(PATH).text
    given = re.search(r'name="instance" value="([^"]+)"', page)
    assert given is not None
    token = district.form_token("head1")
    return client.post(PATH, data={**values, "token": token, "instance": instance or given[1], "step": step})


def choices(district: District, name: str) -> list[str]:
    page = district.as_("head1").get(PATH).text
    select_box = re.search(rf'<select[^>]*id="q-{name}".*?</select>', page, re.S)
    assert select_box is not None
    return [value for value in re.findall(r'<option value="([^"]*)"', select_box[0]) if value]


def filled(district: District) -> dict[str, str]:
    """Good answers, the codes of choices as the form has them."""
    return {
        name: choices(district, name[2:])[-1] if name in ("q.is_private", "q.is_small", "q.is_rural") else value
        for name, value in GOOD.items()
    }


def test_a_good_return_becomes_a_submission_like_any_other(district: District, seen: Seen) -> None:
    answer = send(district, filled(district))
    assert answer.status_code == 303, re.findall(r'id="q-(\w+)-problem">([^<]+)', answer.text)
    instance = re.match(r"/submissions/(uuid:[0-9a-f-]+)\?done=returned", answer.headers["location"])
    assert instance is not None
    with district.database.read() as session:
        row = session.exec(select(Submission).where(Submission.instance_id == instance[1])).one()
        assert row.unit_id == district.people.units["S01"]
        assert row.submitter_id == district.people.persons["head1"]
        assert b"<pupils>620</pupils>" in row.xml
        seen_rows = session.connection().execute(OBSERVATION.select().where(OBSERVATION.c.submission == row.id)).all()
        assert seen_rows
    page = district.as_("head1").get(answer.headers["location"])
    assert "已收到" in page.text
    assert "上次填报2026-11-20" in district.as_("head1").get("/school").text


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(district: District) -> None:
    values = {**filled(district), "q.pupils": "many", "q.classes_over": "20", "q.teachers": ""}
    answer = send(district, values)
    assert answer.status_code == 422
    problems = dict(re.findall(r'id="q-(\w+)-problem">([^<]+)', answer.text))
    assert "请填整数" in problems["pupils"]
    assert "班级数" in problems["classes_over"]
    assert "必填" in problems["teachers"]
    assert 'id="q-pupils" name="q.pupils" value="many"' in answer.text
    assert 'aria-describedby="q-pupils-problem" aria-invalid="true"' in answer.text


def test_only_what_applies_is_asked(district: District) -> None:
    plain = send(district, GOOD, step="refresh").text
    assert 'name="q.pupils_compulsory"' not in plain
    nine_years = send(district, {**GOOD, "q.stage": "4"}, step="refresh").text
    assert 'name="q.pupils_compulsory"' in nine_years


def test_sending_the_same_return_twice_brings_it_once(district: District) -> None:
    instance = "uuid:99999999-9999-4999-8999-999999999999"
    values = filled(district)
    assert send(district, values, instance=instance).status_code == 303
    assert send(district, values, instance=instance).status_code == 303
    with district.database.read() as session:
        assert len(session.exec(select(Submission).where(Submission.instance_id == instance)).all()) == 1
    assert send(district, {**values, "q.pupils": "621"}, instance=instance).status_code == 409


def test_a_department_finds_its_own_parts_ticked(district: District) -> None:
    page = district.as_("jyj").get("/returns/return_department_quarter?unit=D-JYJ").text
    assert re.search(r'name="q\.parts"[^>]*value="jyj" checked', page)
    assert 'name="q.nx03"' in page
    assert page.count('name="q.') < 60


def test_a_return_of_another_kind_of_unit_is_not_there(district: District) -> None:
    assert district.as_("head1").get("/returns/return_department_quarter?unit=S01").status_code == 404
    assert district.as_("head1").get("/returns/f01?unit=S01").status_code == 404
    assert district.as_("head1").get("/returns/return_school_year?unit=S03").status_code == 404
