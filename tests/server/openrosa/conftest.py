"""A small checklist in the district's project, and a phone that behaves as ODK Collect does."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from httpx2 import Response
from sqlalchemy import text

from forms.definition import Choice, FormDefinition, Item, Meaning
from forms.meaning import Light, Measure
from server.store.forms import Form, FormMedia, FormVersion, form_of
from tests.conftest import District
from tests.people import NOW

LIGHTS = (
    ("1", {"zh": "是", "en": "Yes"}, Light.GREEN),
    ("2", {"zh": "部分", "en": "Partly"}, Light.YELLOW),
    ("3", {"zh": "否", "en": "No"}, Light.RED),
)


def definition(version: str = "1") -> FormDefinition:
    """Four lit questions, a unit, a date and two photos."""
    labels = {"zh": "问题", "en": "Question"}
    lit = tuple(
        Item(
            f"q{n}", f"/data/q{n}", "select_one ynp", labels, list_name="ynp", severity=2,
            meanings=(Meaning(f"I-{n}", Measure.LIGHT), Meaning("ALL", Measure.LIGHT)),
        )
        for n in range(1, 5)
    )  # fmt: skip
    return FormDefinition(
        form_id="visit",
        version=version,
        labels={"zh": "到校检查", "en": "School visit"},
        kind="regular",
        unit_item="school",
        date_item="day",
        items=(
            Item("school", "/data/school", "select_one_from_file schools.csv", labels, role="header"),
            Item("day", "/data/day", "date", labels, role="header"),
            *lit,
            Item("photo", "/data/photo", "image", labels, role="footer"),
            Item("more", "/data/pictures/more", "image", labels, role="footer", repeat="/data/pictures"),
        ),
        choices={"ynp": tuple(Choice("ynp", name, words, light) for name, words, light in LIGHTS)},
        media=("schools.csv", "logo.png"),
    )


def xform(version: str) -> bytes:
    return f'<?xml version="1.0"?><h:html xmlns:h="http://www.w3.org/1999/xhtml"><!-- {version} --></h:html>'.encode()


def publish(district: District, version: str = "1", *, state: str = "published", code: str = "330100") -> int:
    """Put a version of the checklist into a project and make it the current one; gives its id."""
    with district.database.write() as session:
        project = district.people.projects[code]
        form = form_of(session, project, "visit")
        if form is None:
            form = Form(
                project_id=project, form_id="visit", kind="regular", title="到校检查", title_en="School visit",
                created_at=NOW,
            )  # fmt: skip
            session.add(form)
            session.flush()
        assert form.id is not None
        content = xform(version)
        row = FormVersion(
            form_pk=form.id, version=version, state=state, xform=content,
            xform_md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            definition=orjson.dumps(definition(version).to_json()).decode(), published_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert row.id is not None
        form.current_id = row.id
        logo = b"\x89PNG logo"
        session.add(
            FormMedia(
                version_id=row.id, name="logo.png", sha256=district.context.blobs.put(logo),
                md5=hashlib.md5(logo, usedforsecurity=False).hexdigest(), size=len(logo),
            )
        )  # fmt: skip
        return row.id


def instance(
    *,
    instance_id: str = "",
    deprecated: str = "",
    school: str = "S01",
    day: str = "2026-11-19",
    version: str = "1",
    answers: str = "1123",
    photo: str = "",
    more: tuple[str, ...] = (),
    form_id: str = "visit",
) -> bytes:
    """A filled checklist as Collect writes it."""
    lit = "".join(f"<q{n}>{value}</q{n}>" for n, value in enumerate(answers, 1))
    pictures = "".join(f"<pictures><more>{name}</more></pictures>" for name in more)
    edit = f"<orx:deprecatedID>{deprecated}</orx:deprecatedID>" if deprecated else ""
    return (
        f'<?xml version=\'1.0\' ?><data id="{form_id}" version="{version}" xmlns:orx="http://openrosa.org/xforms">'
        f"<school>{school}</school><day>{day}</day>{lit}<photo>{photo}</photo>{pictures}"
        f"<orx:meta><orx:instanceID>{instance_id or new_id()}</orx:instanceID>{edit}"
        f"<orx:instanceName>到校检查 {school}</orx:instanceName></orx:meta></data>"
    ).encode()


def new_id() -> str:
    return f"uuid:{uuid.uuid4()}"


def id_of(xml: bytes) -> str:
    return xml.decode().partition("<orx:instanceID>")[2].partition("<")[0]


@dataclass
class Phone:
    """Talks to one base address with the headers that Collect sends."""

    district: District
    base: str
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "X-OpenRosa-Version": "1.0",
            "User-Agent": "org.odk.collect.android/v2026.1.0",
            "Date": "Fri, 20 Nov 2026 02:00:00 GMT+00:00",
        }
    )

    def get(self, path: str, **headers: str) -> Response:
        return self.district.client.get(self.base + path, headers={**self.headers, **headers})

    def head(self) -> Response:
        return self.district.client.head(f"{self.base}/submission?deviceID=d1", headers=self.headers)

    def send(
        self,
        xml: bytes,
        files: dict[str, bytes] | None = None,
        *,
        more_to_come: bool = False,
        path: str = "/submission",
    ) -> Response:
        parts: list[tuple[str, Any]] = [("xml_submission_file", ("submission.xml", xml, "text/xml"))]
        parts += [(name, (name, content, "image/jpeg")) for name, content in (files or {}).items()]
        data = {"*isIncomplete*": "yes"} if more_to_come else None
        return self.district.client.post(f"{self.base}{path}?deviceID=d1", files=parts, data=data, headers=self.headers)


def rows(district: District, statement: str) -> list[tuple[Any, ...]]:
    """What the store holds."""
    with district.database.read() as session:
        return [tuple(row) for row in session.connection().execute(text(statement))]


@pytest.fixture
def phone(district: District) -> Phone:
    """Amina's phone, with the checklist published in her district."""
    publish(district)
    return Phone(district, district.key("amina"))
