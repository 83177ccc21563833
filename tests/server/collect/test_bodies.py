"""A form is transformed once, when it is published: other processes, restarts and phones only read what was kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import select

from forms.shipped import shipped_catalogue, shipped_workbook
from forms.transform import available
from server.problems import Problem
from server.services.checklists import publish
from server.services.collector import forms as collector_forms
from server.services.collector.forms import CollectorForms
from server.store import forms
from server.store.bodies import FormBody
from server.store.forms import FormVersion
from tests.conftest import District
from tests.people import NOW
from tests.server.collect.conftest import bind, set_up

pytestmark = pytest.mark.skipif(not available(), reason="the collector was never built: ./dev setup")

LISTED = """## survey

| type | name | label::中文 (zh) | label::English (en) | calculation |
| --- | --- | --- | --- | --- |
| select_one_from_file towns.csv | town | 镇街 | Town | |
| text | words | 说明 | Words | |
| calculate | sum | | | {calculation} |

## settings

| form_title | form_id | version | default_language | kind |
| --- | --- | --- | --- | --- |
| 名单 | listed | {version} | 中文 (zh) | regular |
"""
TOWNS = b"name,label\nT1,One\n"


def listed(version: str = "1", calculation: str = "1 + 1") -> bytes:
    return LISTED.format(version=version, calculation=calculation).encode()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The form_ids that were transformed, in turn."""
    found: list[str] = []
    real = collector_forms.transform

    def counted(xform: bytes, definition: Any, *args: Any, **options: Any) -> Any:
        found.append(definition.form_id)
        return real(xform, definition, *args, **options)

    monkeypatch.setattr(collector_forms, "transform", counted)
    return found


@pytest.fixture
def project(district: District) -> int:
    number = district.people.projects["330100"]
    with district.database.write() as session:
        publish.load_reference(
            session, district.context, project_id=number, content=shipped_catalogue(), by=None, at=NOW
        )
    return number


def put(district: District, project: int, data: bytes, towns: bytes = TOWNS) -> FormVersion:
    """Publish a form as services are called, with its list beside it."""
    with district.database.write() as session:
        version = publish.publish(
            session, district.context, project_id=project, data=data, filename="listed.md",
            media={"towns.csv": towns, "logo.png": b"picture"}, by=None, at=NOW,
        )  # fmt: skip
    CollectorForms(district.context).prepare(project)
    return version


def load_from_library(district: District, name: str) -> None:
    form = {"token": district.form_token("office"), "district": "330100"}
    answer = district.as_("office").post(f"/checklists/library/{name}", data=form)
    assert answer.status_code == 303, answer.text


def kept(district: District) -> list[FormBody]:
    with district.database.read() as session:
        return list(session.exec(select(FormBody)))


def body_of(district: District, project: int, version: FormVersion) -> collector_forms.Body:
    """What a process that has just begun gives to a phone."""
    with district.database.read() as session:
        return CollectorForms(district.context).body(session, project, version)


def test_what_is_published_on_a_page_is_there_before_the_first_phone_asks(
    district: District, project: int, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_from_library(district, "f02")
    assert [row.made_at for row in kept(district)] == [NOW]
    assert made  # judged, then made
    made.clear()
    phone = bind(district, "amina")
    [form] = phone.package()["forms"]
    body = phone.get(form["url"]).json()
    assert (body["form_id"], body["hash"]) == ("f02", form["hash"])
    assert made == []


def test_a_form_is_not_transformed_while_others_wait_to_write(
    district: District, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not district.database.is_sqlite:
        pytest.skip("PostgreSQL's writers do not wait for each other")
    real, free = collector_forms.transform, []

    def looked(*args: Any, **options: Any) -> Any:
        other = sqlite3.connect(str(district.database.engine.url.database), timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # fails at once where somebody writes
        other.execute("ROLLBACK")
        other.close()
        free.append(True)
        return real(*args, **options)

    monkeypatch.setattr(collector_forms, "transform", looked)
    load_from_library(district, "f02")
    assert len(free) == 2


def test_another_process_and_a_restart_read_what_was_kept(district: District, project: int, made: list[str]) -> None:
    version = put(district, project, listed())
    made.clear()
    bodies = [body_of(district, project, version) for _ in range(3)]
    assert made == []
    assert bodies[0] == bodies[1] == bodies[2]
    assert [row.hash for row in kept(district)] == [bodies[0].hash]


def test_a_version_published_before_is_transformed_at_its_first_use_and_kept(
    district: District, project: int, made: list[str]
) -> None:
    version = put(district, project, listed())
    before = body_of(district, project, version)
    with district.database.write() as session:
        session.exec(delete(FormBody))
    made.clear()
    phone = bind(district, "amina")
    assert phone.package()["forms"][0]["hash"] == before.hash
    assert made == ["listed"]
    assert body_of(district, project, version) == before
    assert made == ["listed"] and len(kept(district)) == 1


def test_a_body_whose_blob_is_gone_is_made_anew(district: District, project: int, made: list[str]) -> None:
    version = put(district, project, listed())
    [row] = kept(district)
    district.context.blobs.path(row.sha256).unlink()
    made.clear()
    assert body_of(district, project, version).hash == row.hash
    assert made == ["listed"]
    assert district.context.blobs.path(row.sha256).is_file()


def test_a_store_that_cannot_keep_it_serves_it_all_the_same(
    district: District, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = put(district, project, listed())
    with district.database.write() as session:
        session.exec(delete(FormBody))

    def refuse(*_args: Any) -> None:
        raise Problem("store.unavailable")

    monkeypatch.setattr(collector_forms.bodies, "keep_body", refuse)
    assert body_of(district, project, version).compressed
    assert kept(district) == []


def test_a_changed_list_beside_the_form_is_another_body_and_a_changed_picture_is_not(
    district: District, project: int, made: list[str]
) -> None:
    version = put(district, project, listed())
    first = body_of(district, project, version)
    replace_media(district, version, "logo.png", b"another picture")
    made.clear()
    assert body_of(district, project, version) == first and made == []
    replace_media(district, version, "towns.csv", TOWNS + b"T2,Two\n")
    second = body_of(district, project, version)
    assert second.hash != first.hash and made == ["listed"]
    assert body_of(district, project, version) == second and made == ["listed"]
    replace_media(district, version, "towns.csv", TOWNS)
    assert body_of(district, project, version) == first and made == ["listed"]


def replace_media(district: District, version: FormVersion, name: str, content: bytes) -> None:
    assert version.id is not None
    with district.database.write() as session:
        [row] = [row for row in forms.media_of(session, version.id) if row.name == name]
        row.sha256, row.size = district.context.blobs.put(content), len(content)
        session.add(row)


def test_lists_that_each_phone_brings_are_remembered_with_the_body(district: District) -> None:
    set_up(district)
    number = district.people.projects["330100"]
    CollectorForms(district.context).prepare(number)
    with district.database.read() as session:
        form = forms.form_of(session, number, "f12")
        version = form and forms.current_version(session, form)
    assert version is not None
    assert body_of(district, number, version).lists == ("findings.csv",)
    assert "findings.csv" in bind(district, "amina").package()["lists"]


def test_a_form_that_the_collector_cannot_open_is_published_and_its_author_told(
    district: District, project: int
) -> None:
    put(district, project, listed())
    hashed = listed("2", "digest('x', 'SHA-256')")
    with district.database.read() as session:
        judged = publish.check_upload(session, project_id=project, data=hashed, filename="listed.md")
    assert judged.publishable
    [told] = [found for found in judged.problems if found.code == publish.UNFIT]
    assert told.level == "warning" and "digest()" in told.zh and "digest()" in told.en
    version = put(district, project, hashed)

    office = district.as_("office")
    page = office.get("/checklists/listed?district=330100").text
    assert version.version == "2" and "无法在网页采集中打开" in page and "digest()" in page
    assert "无法在网页采集中打开" not in office.get("/checklists/listed?district=330100&version=1").text
    assert "listed" in district.client.get(f"{district.key('amina')}/formList").text
    phone = bind(district, "amina")
    assert phone.package()["forms"] == []
    refused = phone.get("forms/listed/2")
    assert (refused.status_code, refused.json()["code"]) == (409, "form.not_for_collector")


def test_a_fault_of_ours_keeps_one_form_away_and_no_other(
    district: District, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = collector_forms.transform

    def broken(xform: bytes, definition: Any, *args: Any, **options: Any) -> Any:
        if definition.form_id == "listed":
            raise KeyError("a fault")
        return real(xform, definition, *args, **options)

    monkeypatch.setattr(collector_forms, "transform", broken)
    with district.database.write() as session:
        publish.publish(
            session, district.context, project_id=project, data=shipped_workbook("f02"), filename="f02.xlsx",
            by=None, at=NOW,
        )  # fmt: skip
    put(district, project, listed())
    assert [form["form_id"] for form in bind(district, "amina").package()["forms"]] == ["f02"]
