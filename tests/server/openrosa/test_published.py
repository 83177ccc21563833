"""With a workbook published as its author does: what a phone fetches, fills and sends becomes lights' observations."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit
from xml.etree import ElementTree

import orjson

from forms.definition import FormDefinition
from forms.instance import build_instance
from forms.shipped import shipped_catalogue, shipped_workbook
from server.services.checklists.publish import load_reference, publish
from tests.conftest import District
from tests.server.openrosa.conftest import Phone, new_id, rows

LIST = "{http://openrosa.org/xforms/xformsList}"


def test_the_first_checklist_goes_out_and_comes_back(district: District) -> None:
    project = district.people.projects["330100"]
    at = district.clock()
    with district.database.write() as session:
        load_reference(session, district.context, project_id=project, content=shipped_catalogue(), by=None, at=at)
        version = publish(
            session, district.context, project_id=project, data=shipped_workbook("f01"), filename="f01.xlsx",
            by=None, at=at,
        )  # fmt: skip
        definition = FormDefinition.from_json(orjson.loads(version.definition))
    phone = Phone(district, district.key("amina"))
    (form,) = ElementTree.fromstring(phone.get("/formList").content)
    found = {child.tag.removeprefix(LIST): child.text or "" for child in form}
    served = district.client.get(urlsplit(found["downloadUrl"]).path).content
    assert found["hash"] == "md5:" + hashlib.md5(served, usedforsecurity=False).hexdigest()
    manifest = ElementTree.fromstring(district.client.get(urlsplit(found["manifestUrl"]).path).content)
    names = {file[0].text for file in manifest}
    assert set(definition.media) <= names | {"principals.csv"}
    lit = next(item for item in definition.items if item.meanings and item.list_name == "ynp")
    values = {definition.unit_item: "S01", definition.date_item: "2026-11-19", lit.name: "3"}
    xml = build_instance(definition, values, instance_id=new_id())
    assert phone.send(xml).status_code == 201
    observed = rows(district, "SELECT DISTINCT item, light, severity, quarter FROM observation WHERE light > 0")
    assert observed == [(lit.name, 3, lit.severity, 20264)]
