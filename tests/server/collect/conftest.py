"""A district with two shipped checklists and the rules in force, and a phone with the web collector."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response

from forms.check import check
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from server.services.checklists import publish
from tests.conftest import District
from tests.people import NOW

FORMS = ("f02", "f12", "return_school_year")


@functools.cache
def uploads() -> dict[str, publish.Upload]:
    """The workbooks, judged once a process."""
    catalogue = shipped_catalogue()
    data = {name: shipped_workbook(name) for name in FORMS}
    return {
        name: publish.Upload(content, f"{name}.xlsx", check(content, filename=f"{name}.xlsx", catalogue=catalogue))
        for name, content in data.items()
    }


def set_up(district: District) -> None:
    """Load the rules and publish the checklists in the district's project."""
    project = district.people.projects["330100"]
    with district.database.write() as session:
        for content in (shipped_catalogue(), shipped_rulebook()):
            publish.load_reference(session, district.context, project_id=project, content=content, by=None, at=NOW)
        for upload in uploads().values():
            publish.publish(
                session, district.context, project_id=project, data=upload.data, filename=upload.filename,
                upload=upload, by=None, at=NOW,
            )  # fmt: skip


@dataclass
class WebPhone:
    """A browser with the collector, bound to a person."""

    district: District
    device: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.device['key']}", "Accept-Language": "zh-CN"}

    def get(self, path: str, **headers: str) -> Response:
        address = path if path.startswith("/") else f"/collect/api/{path}"
        return self.district.client.get(address, headers={**self.headers, **headers})

    def post(self, path: str, **options: Any) -> Response:
        return self.district.client.post(f"/collect/api/{path}", headers=self.headers, **options)

    def package(self) -> dict[str, Any]:
        answer = self.get("package")
        assert answer.status_code == 200, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def send(self, xml: bytes, files: dict[str, bytes] | None = None) -> Response:
        """Send an instance through the OpenRosa door with the phone's key."""
        parts: list[tuple[str, Any]] = [("xml_submission_file", ("submission.xml", xml, "text/xml"))]
        parts += [(name, (name, content, "image/jpeg")) for name, content in (files or {}).items()]
        path = f"/v1/projects/{self.device['project']}/submission?deviceID={self.device['device']}"
        return self.district.client.post(path, files=parts, headers={**self.headers, "X-OpenRosa-Version": "1.0"})


def bind(district: District, login: str, name: str = "红米十二") -> WebPhone:
    """Sign in with a browser and bind it."""
    answer = district.as_(login).post(
        "/collect/api/devices", json={"name": name}, headers={"X-Form-Token": district.form_token(login)}
    )
    assert answer.status_code == 200, answer.text
    return WebPhone(district, answer.json())


def instance(
    version: str, *, instance_id: str, school: str = "S01", deprecated: str = "", photo: str = "", answer: str = "3"
) -> bytes:
    """A filled f02 with one red answer and its photo."""
    edit = f"<deprecatedID>{deprecated}</deprecatedID>" if deprecated else ""
    return (
        f'<data id="f02" version="{version}"><hd_a01>2026-11-19T09:00:00.000+08:00</hd_a01><hd_a>'
        f"<hd_a06>{school}</hd_a06><hd_a07>2</hd_a07><hd_a11>1</hd_a11></hd_a>"
        f"<f02_a><f02_a01>{answer}</f02_a01><f02_a01_nt>门卫不在</f02_a01_nt><f02_a01_ev>{photo}</f02_a01_ev></f02_a>"
        f"<meta><instanceID>{instance_id}</instanceID>{edit}</meta></data>"
    ).encode()


@pytest.fixture
def collecting(district: District) -> District:
    """The district with its checklists published."""
    set_up(district)
    return district


@pytest.fixture
def phone(collecting: District) -> WebPhone:
    """Amina's phone; her area is the town 东岭镇 with the schools S01 and S02."""
    return bind(collecting, "amina")
