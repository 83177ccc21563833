"""A district with the shipped regular checklist, catalogue and rulebook, and inspectors who fill it in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from forms.definition import FormDefinition
from forms.instance import Value, build_instance
from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from server.jobs.loop import work_once
from server.services.checklists import publish
from server.services.reference import definition_of
from server.store.lights import LiveCard
from tests.conftest import District
from tests.people import NOW


@dataclass
class Inspection:
    """Publishes, fills in, sends, scores."""

    district: District
    definitions: dict[str, FormDefinition]

    def visit(
        self,
        school: str,
        answers: Mapping[str, Value] | None = None,
        *,
        day: dt.date = dt.date(2026, 11, 10),
        form: str = "f01",
        instance: str = "",
        deprecated: str = "",
        by: str = "amina",
    ) -> str:
        """Send a visit in which every lit answer is the best one, save those given; gives its instanceID."""
        definition = self.definitions[form]
        values: dict[str, Value] = {}
        for item in definition.items:
            if item.role != "item" or item.repeat:
                continue
            choices = definition.choices.get(item.list_name, ())
            green = [choice.name for choice in choices if choice.light == 1]
            if item.type.startswith("select_one") and green:
                values[item.name] = green[0]
        start = f"{day.isoformat()}T09:00:00.000+08:00"
        values |= {"hd_a01": start, "hd_a06": school, "hd_a11": "1", **(answers or {})}
        instance = instance or f"uuid:{uuid.uuid4()}"
        xml = build_instance(definition, values, instance_id=instance, deprecated_id=deprecated)
        answer = self.district.client.post(
            f"{self.district.key(by)}/submission", files={"xml_submission_file": ("s.xml", xml, "text/xml")}
        )
        assert answer.status_code == 201, answer.text
        return instance

    def score(self) -> None:
        """Let the jobs work until nothing is waiting."""
        while work_once(self.district.context):
            pass

    def card(self, code: str, quarter: int = 20264) -> LiveCard | None:
        """The live card of a unit."""
        with self.district.database.read() as session:
            return session.get(LiveCard, (self.district.people.units[code], quarter))


@pytest.fixture
def inspection(district: District) -> Inspection:
    project = district.people.projects["330100"]
    definitions = {}
    with district.database.write() as session:
        for content in (shipped_catalogue(), shipped_rulebook()):
            publish.load_reference(session, district.context, project_id=project, content=content, by=None, at=NOW)
    for form in ("f01", "f12"):
        data = shipped_workbook(form)
        with district.database.write() as session:
            version = publish.publish(
                session,
                district.context,
                project_id=project,
                data=data,
                filename=f"{form}.xlsx",
                by=district.people.persons["office"],
                at=NOW,
            )
            definitions[form] = definition_of(version)
    return Inspection(district, definitions)
