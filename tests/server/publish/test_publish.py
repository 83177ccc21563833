"""Publishing: versions are kept, content is never overwritten, and phones get the newest."""

from __future__ import annotations

import hashlib

import orjson
import pytest
from sqlmodel import select

from forms.catalogue import Catalogue
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from server.problems import Problem
from server.services.checklists import publish
from server.services.checklists.publish import check_upload, close, load_reference
from server.services.reference import in_force
from server.store.events import Event
from server.store.forms import FormVersion, Reference, form_of, media_of, versions_of
from tests.conftest import NOW, District

FORM = """## survey

| type | name | label::中文 (zh) | label::English (en) | indicator | measure | severity |
| --- | --- | --- | --- | --- | --- | --- |
| select_one ynp | q1 | 消防通道畅通 | Exits clear | {indicator} | light | S2 |

## choices

| list_name | name | label::中文 (zh) | label::English (en) | light |
| --- | --- | --- | --- | --- |
| ynp | 1 | 是 | Yes | green |
| ynp | 3 | 否 | No | red |

## settings

| form_title | form_id | version | default_language | kind |
| --- | --- | --- | --- | --- |
| 消防 | fire | {version} | 中文 (zh) | regular |
"""


def workbook(version: str = "1", indicator: str = "AQ-16") -> bytes:
    return FORM.format(version=version, indicator=indicator).encode()


def put(district: District, data: bytes, name: str = "fire.md") -> int:
    project = district.people.projects["330100"]
    with district.database.write() as session:
        version = publish.publish(
            session, district.context, project_id=project, data=data, filename=name, by=None, at=NOW
        )
        assert version.id is not None
        return version.id


def load(district: District, content: object) -> str:
    with district.database.write() as session:
        row = load_reference(
            session,
            district.context,
            project_id=district.people.projects["330100"],
            content=content,  # type: ignore[arg-type]
            by=None,
            at=NOW,
        )
        return row.sha256


@pytest.fixture
def project(district: District) -> int:
    load(district, shipped_catalogue())
    return district.people.projects["330100"]


def test_what_is_published_is_kept_whole(district: District, project: int) -> None:
    number = put(district, workbook())
    with district.database.read() as session:
        version = session.get_one(FormVersion, number)
        form = form_of(session, project, "fire")
        assert form and form.current_id == number and (form.kind, form.title) == ("regular", "消防")
        assert version.xform_md5 == hashlib.md5(version.xform).hexdigest()
        assert district.context.blobs.get(version.workbook_sha256) == workbook()
        assert orjson.loads(version.definition)["form_id"] == "fire"


def test_publishing_the_same_again_changes_nothing(district: District, project: int) -> None:
    first = put(district, workbook())
    assert put(district, workbook()) == first
    with district.database.read() as session:
        events = session.exec(select(Event).where(Event.kind == "form.published")).all()
        assert len(events) == 1


def test_a_version_never_comes_to_mean_something_else(district: District, project: int) -> None:
    put(district, workbook())
    with pytest.raises(Problem, match=r"form\.version_taken"):
        put(district, workbook(indicator="AQ-01"))
    with district.database.read() as session:
        upload = check_upload(session, project_id=project, data=workbook(indicator="AQ-01"), filename="fire.md")
    assert upload.taken and not upload.publishable


def test_a_new_version_says_what_changed_and_the_old_one_is_still_taken(district: District, project: int) -> None:
    first = put(district, workbook())
    second = put(district, workbook("2", "AQ-01"))
    with district.database.read() as session:
        form = form_of(session, project, "fire")
        assert form and form.id and form.current_id == second
        assert [row.state for row in versions_of(session, form.id)] == ["published", "published"]
        changes = orjson.loads(session.get_one(FormVersion, second).changes)
        assert changes["meaning"][0]["name"] == "q1" and not changes["indicators"]["AQ-16"]["comparable"]
        assert orjson.loads(session.get_one(FormVersion, first).changes) == {}


def test_a_workbook_with_errors_is_refused_with_its_problems(district: District, project: int) -> None:
    with pytest.raises(Problem, match=r"form\.unpublishable") as raised:
        put(district, workbook(indicator="NOPE-1"))
    problems = raised.value.details["problems"]
    assert isinstance(problems, list) and problems[0].sheet == "survey" and problems[0].row == 2
    with district.database.read() as session:
        assert form_of(session, project, "fire") is None


@pytest.mark.parametrize("data", [b"", b"nonsense", b"PK\x03\x04broken"])
def test_rubbish_is_a_problem_and_no_failure(district: District, project: int, data: bytes) -> None:
    with pytest.raises(Problem, match=r"form\.unpublishable"):
        put(district, data, "x.xlsx")


def test_a_closed_form_takes_nothing_and_can_be_opened_again(district: District, project: int) -> None:
    number = put(district, workbook())
    with district.database.write() as session:
        close(session, project_id=project, form_id="fire", by=None, at=NOW)
    with district.database.read() as session:
        form = form_of(session, project, "fire")
        assert form and form.current_id is None and session.get_one(FormVersion, number).state == "closed"
    assert put(district, workbook()) == number
    with district.database.read() as session:
        assert session.get_one(FormVersion, number).state == "published"
    with pytest.raises(Problem, match=r"form\.unknown"), district.database.write() as session:
        close(session, project_id=project, form_id="nothing", by=None, at=NOW)


def test_a_catalogue_is_loaded_once_and_read_back_the_same(district: District, project: int) -> None:
    catalogue = shipped_catalogue()
    digest = load(district, catalogue)
    load(district, shipped_rulebook())
    with district.database.read() as session:
        rows = session.exec(select(Reference).where(Reference.kind == "catalogue")).all()
        assert len(rows) == 1 and rows[0].sha256 == digest
        assert hashlib.sha256(rows[0].content.encode()).hexdigest() == digest
        assert in_force(session, project).catalogue == catalogue


def test_the_newest_catalogue_is_in_force_and_an_old_one_can_return(district: District, project: int) -> None:
    old = shipped_catalogue()
    new = Catalogue("next", dict(list(old.indicators.items())[:5]), old.dimensions, old.sources)
    load(district, shipped_rulebook())
    load(district, new)
    with district.database.read() as session:
        assert in_force(session, project).catalogue.version == "next"
    load(district, old)
    with district.database.read() as session:
        assert in_force(session, project).catalogue.version == old.version
        assert len(session.exec(select(Reference).where(Reference.kind == "catalogue")).all()) == 2


def test_without_a_rulebook_it_says_so(district: District, project: int) -> None:
    with district.database.read() as session, pytest.raises(Problem, match=r"catalogue\.missing"):
        in_force(session, project)
    load(district, shipped_catalogue())
    with district.database.read() as session, pytest.raises(Problem, match=r"catalogue\.missing"):
        in_force(session, project)
    load(district, shipped_rulebook())
    with district.database.read() as session:
        assert in_force(session, project).rulebook == shipped_rulebook()


def test_phones_get_the_indicators_of_the_catalogue_in_force(district: District, project: int) -> None:
    number = put(district, shipped_workbook("f01"), "f01.xlsx")
    old = shipped_catalogue()
    load(district, Catalogue("next", {"AQ-16": old.indicators["AQ-16"]}, old.dimensions, old.sources))
    with district.database.read() as session:
        (media,) = media_of(session, number)
        listed = district.context.blobs.get(media.sha256).decode().splitlines()
    assert media.name == "indicators.csv" and len(listed) == 2 and listed[1].startswith("AQ-16,AQ-16 ")
