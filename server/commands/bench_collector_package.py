"""A phone's package of a district with 5,000 schools: milliseconds of the server, bytes to the phone."""

from __future__ import annotations

import gzip
import statistics
import time
from pathlib import Path
from typing import Any

import orjson

from forms.shipped import shipped_catalogue, shipped_rulebook, shipped_workbook
from server.security.passwords import hash_password
from server.services.checklists import publish
from server.services.collector import devices
from server.services.collector.forms import CollectorForms
from server.services.collector.package import pack
from server.services.context import Context, open_context
from server.settings import Settings
from server.store import migrate
from server.store.people import Person, RoleGrant
from server.store.units import Unit

SCHOOLS = 5000
FORMS = ("f01", "f02", "f12")


def measure(folder: Path) -> dict[str, Any]:
    """Make the district and pack it several times."""
    settings = Settings(directory=folder, database_url=f"sqlite:///{folder / 'liangpai.sqlite3'}", jobs=False)
    context = open_context(settings)
    migrate.upgrade(context.database)
    key, project_id = _district(context)
    CollectorForms(context).prepare(project_id)
    bodies = CollectorForms(context)
    took = []
    for _ in range(7):
        began = time.perf_counter()
        with context.database.read() as session:
            packed = pack(session, context, bodies, devices.caller_of(session, key))
            content = gzip.compress(orjson.dumps(packed.content), 5)
        took.append((time.perf_counter() - began) * 1000)
    context.database.close()
    return {
        "package_schools": len(packed.content["schools"]),
        "package_first_ms": round(took[0]),
        "package_ms": round(statistics.median(took[1:])),
        "package_bytes": len(content),
    }


def _district(context: Context) -> tuple[str, int]:
    """A district, its inspector and a bound phone; gives the phone's key and the project."""
    at = context.clock()
    with context.database.write() as session:
        district = _unit(session, context, "D", "district", "青山区", None)
        towns = [_unit(session, context, f"T{n:02}", "town", f"镇{n}", district) for n in range(40)]
        for n in range(SCHOOLS):
            _unit(session, context, f"S{n:05}", "school", f"第{n}希望小学", towns[n % 40], flush=False)
        person = Person(login="bench", name="bench", password_hash=hash_password("long enough"), created_at=at)
        session.add(person)
        session.flush()
        assert person.id is not None and district.id is not None
        session.add(RoleGrant(person_id=person.id, role="inspector", unit_id=district.id))
        project = publish.open_project(session, unit_id=district.id, name="bench", by=None, at=at)
        assert project.id is not None
        for content in (shipped_catalogue(), shipped_rulebook()):
            publish.load_reference(session, context, project_id=project.id, content=content, by=None, at=at)
        for form in FORMS:
            data = shipped_workbook(form)
            publish.publish(session, context, project_id=project.id, data=data, filename=f"{form}.xlsx", by=None, at=at)
        return devices.bind(session, person, project, label="bench", user_agent="", at=at).key, project.id


def _unit(
    session: Any, context: Context, code: str, kind: str, name: str, parent: Unit | None, *, flush: bool = True
) -> Unit:
    at = context.clock()
    unit = Unit(
        code=code, kind=kind, name=name, parent_id=parent.id if parent else None, stage="2" if kind == "school" else "",
        latitude="30.25", longitude="120.5", created_at=at, changed_at=at,
        path=f"{parent.path if parent else '/'}{code}/",
    )  # fmt: skip
    session.add(unit)
    if flush:
        session.flush()
    return unit
