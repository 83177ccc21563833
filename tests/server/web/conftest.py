"""A district as people see it: checklists published, three schools visited with photos, lights scored, a return due.

Made once for each database and copied for each test.
"""

from __future__ import annotations

import datetime as dt
import io
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy.engine import make_url
from sqlmodel import select

from forms.definition import FormDefinition
from forms.instance import Value, build_instance
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from server.app import create_app
from server.jobs.loop import work_once
from server.services.checklists import publish
from server.services.reference import definition_of
from server.settings import Settings
from server.store.findings import Finding
from server.store.units import Unit, UnitMember
from tests.conftest import Clock, District, Template, _administer, _at
from tests.people import NOW, People

FORMS = ("f01", "return_school_year", "return_department_quarter")
VISITS = {  # instance, school, day, answers that are not the best
    "uuid:11111111-1111-4111-8111-111111111111": ("S01", dt.date(2026, 11, 10), {"f01_f03": "3", "f01_f04": "2"}),
    "uuid:22222222-2222-4222-8222-222222222222": ("S02", dt.date(2026, 11, 12), {"f01_f10": "3"}),
    "uuid:33333333-3333-4333-8333-333333333333": ("S01", dt.date(2026, 8, 20), {"f01_a02": "2"}),
}
PHOTO = "现场 1.jpg"


@dataclass
class Seen:
    """What the template's visits made, by name, for tests to ask for."""

    first: str = "uuid:11111111-1111-4111-8111-111111111111"
    second: str = "uuid:22222222-2222-4222-8222-222222222222"
    photo: str = PHOTO
    findings: dict[str, str] = field(default_factory=dict)


def picture() -> bytes:
    """A small JPEG."""
    target = io.BytesIO()
    Image.new("RGB", (640, 480), (120, 150, 180)).save(target, "JPEG")
    return target.getvalue()


def best_answers(definition: FormDefinition) -> dict[str, Value]:
    """Every lit question answered with its best answer."""
    values: dict[str, Value] = {}
    for item in definition.items:
        if item.role == "item" and not item.repeat and item.type.startswith("select_one"):
            green = [choice.name for choice in definition.choices.get(item.list_name, ()) if choice.light == 1]
            if green:
                values[item.name] = green[0]
    return values


def send_visit(
    client: TestClient,
    key: str,
    definition: FormDefinition,
    school: str,
    day: dt.date,
    answers: Mapping[str, Value],
    instance: str = "",
    photo: bytes = b"",
) -> str:
    """Send a visit through the phones' door; gives its instanceID."""
    values = best_answers(definition)
    start = f"{day.isoformat()}T09:00:00.000+08:00"
    values |= {"hd_a01": start, "hd_a06": school, "hd_a11": "1", **answers}
    files = {}
    if photo:
        companion = next(
            item for item in definition.items if item.role == "photo_companion" and item.companion_of == "f01_f03"
        )
        values[companion.name] = PHOTO
        files[PHOTO] = (PHOTO, photo, "image/jpeg")
    instance = instance or f"uuid:{uuid.uuid4()}"
    xml = build_instance(definition, values, instance_id=instance)
    answer = client.post(f"{key}/submission", files={"xml_submission_file": ("s.xml", xml, "text/xml"), **files})
    assert answer.status_code == 201, answer.text
    return instance


def _seed(url: str, people: People, folder: Path) -> None:
    app = create_app(Settings(directory=folder, database_url=url, jobs=False, database_pool=4), clock=Clock())
    with TestClient(app, follow_redirects=False) as client:
        district = District(app, people, Clock(), client)
        project = people.projects["330100"]
        with district.database.write() as session:
            for content in (shipped_catalogue(), shipped_rulebook()):
                publish.load_reference(session, district.context, project_id=project, content=content, by=None, at=NOW)
            group = Unit(
                code="G-01",
                kind="group",
                name="东岭教育集团",
                parent_id=people.units["330100"],
                created_at=NOW,
                changed_at=NOW,
            )
            session.add(group)
            session.flush()
            group.path = f"{people.paths['330100']}{group.id}/"
            session.add(UnitMember(group_id=group.id, unit_id=people.units["S01"], role="core"))
        definitions = {}
        for form in FORMS:
            with district.database.write() as session:
                data, name = shipped_workbook(form), f"{form}.xlsx"
                version = publish.publish(
                    session, district.context, project_id=project, data=data, filename=name, by=None, at=NOW
                )
                definitions[form] = definition_of(version)
        for instance, (school, day, answers) in VISITS.items():
            photo = picture() if "f01_f03" in answers else b""
            send_visit(client, district.key("amina"), definitions["f01"], school, day, answers, instance, photo)
        while work_once(district.context):
            pass


@pytest.fixture(scope="session")
def seen_sqlite(sqlite_template: Template, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("seen")
    target = folder / "seen.sqlite3"
    shutil.copy(str(make_url(sqlite_template.url).database), target)
    url = f"sqlite:///{target}"
    _seed(url, sqlite_template.people, folder)
    return url, folder


@pytest.fixture(scope="session")
def seen_postgres(
    postgres_template: Template, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("seen")
    _administer(postgres_url, "CREATE DATABASE template_seen TEMPLATE template_district STRATEGY FILE_COPY")
    url = _at(postgres_url, "template_seen")
    _seed(url, postgres_template.people, folder)
    return url, folder


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, People]]:
    """As the suite's fixture of this name, with the visits in it and their photos in the folder of blobs."""
    sqlite = request.param == "sqlite"
    url, folder = request.getfixturevalue("seen_sqlite" if sqlite else "seen_postgres")
    template: Template = request.getfixturevalue("sqlite_template" if sqlite else "postgres_template")
    shutil.copytree(folder / "blobs", tmp_path / "district" / "blobs")
    if sqlite:
        target = tmp_path / "district" / "liangpai.sqlite3"
        shutil.copy(str(make_url(url).database), target)
        yield f"sqlite:///{target}", template.people
        return
    server: str = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE template_seen STRATEGY FILE_COPY")
    yield _at(server, name), template.people
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def seen(district: District) -> Seen:
    with district.database.read() as session:
        return Seen(findings={finding.item: finding.code for finding in session.exec(select(Finding))})
