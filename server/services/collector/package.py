"""Everything that a phone takes along before a visit, of its person's own area only (contract.ts Package)."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson
from sqlalchemy import Row

from forms.definition import FormDefinition
from server.problems import Problem
from server.security.permissions import reach
from server.services.collector.devices import Caller
from server.services.collector.forms import CollectorForms, files_beside
from server.services.collector.known import known_answers
from server.services.context import Context
from server.services.rectification.case import place_of
from server.services.reference import definition_of
from server.services.units.unit_lists import unit_list
from server.store import forms
from server.store.db import ReadSession
from server.store.people import Person
from server.store.reading import collector as reading_collector

VISITS: Final = frozenset({"regular", "thematic", "recheck", "survey"})
KINDS_OF_ROLE: Final = {
    "administrator": VISITS,
    "office": VISITS,
    "inspector": VISITS,
    "school": frozenset({"school_return"}),
    "department": frozenset({"department_return"}),
}
SCHOOLS: Final = "schools.csv"  # The phone has them already, with their positions.
MOST_FINDINGS: Final = 2000
NO_RULE: Final = 5  # beyond any severity
MOST_RETURNED: Final = 100
BASE: Final = "/collect/api"


@dataclass(frozen=True, slots=True)
class Packed:
    """A package's content without its moment, and the ETag of that content."""

    content: dict[str, Any]
    etag: str


def pack(session: ReadSession, context: Context, bodies: CollectorForms, caller: Caller) -> Packed:
    """The package of a device's person as it stands now; the same content has the same ETag."""
    kinds = {kind for role in caller.viewer.roles for kind in KINDS_OF_ROLE.get(role, ())}
    entries, current, lists = _forms(session, bodies, caller, kinds)
    rows = reading_collector.schools(session, area(caller, "submission.send"), _unit_kinds(kinds))
    settings = context.settings
    content = {
        "settings": {
            "photo_pixels": settings.collector_photo_pixels,
            "radius_metres": settings.collector_radius_metres,
            "capture_accuracy": settings.collector_accuracy_metres,
        },
        "forms": entries,
        "schools": [_school(row) for row in rows],
        "findings": _findings(session, caller),
        "known": known_answers(session, rows, current, kinds),
        "returned": _returned(session, caller),
        "lists": {name: _list(session, caller, name) for name in sorted(lists - {SCHOOLS})},
        "prefill": _prefill(session, caller),
    }
    etag = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    return Packed(content, f'"{etag}"')


def area(caller: Caller, action: str) -> list[str]:
    """The subtrees of the device's project in which its person may do something."""
    home = caller.project_path
    paths = reach(caller.viewer, action)
    return sorted({path if path.startswith(home) else home for path in paths if _touches(path, home)})


def _touches(path: str, home: str) -> bool:
    return path.startswith(home) or home.startswith(path)


def _unit_kinds(kinds: set[str]) -> list[str]:
    return ["school", "department"] if "department_return" in kinds else ["school"]


def _forms(
    session: ReadSession, bodies: CollectorForms, caller: Caller, kinds: set[str]
) -> tuple[list[dict[str, Any]], dict[str, FormDefinition], set[str]]:
    assert caller.project.id is not None
    entries, current, lists = [], {}, set()
    for form in forms.forms_of(session, caller.project.id):
        version = forms.current_version(session, form)
        if version is None or version.state != "published" or form.kind not in kinds:
            continue
        try:
            body = bodies.body(session, caller.project.id, version)
        except Problem:
            continue  # One form that cannot be opened here keeps none of the others away.
        address = f"{BASE}/forms/{quote(form.form_id, safe='')}/{quote(version.version, safe='')}"
        current[form.form_id] = definition_of(version)
        lists.update(body.lists)
        entries.append(
            {
                "form_id": form.form_id,
                "version": version.version,
                "title": {"zh": form.title, "en": form.title_en or form.title},
                "kind": form.kind,
                "hash": body.hash,
                "url": address,
                "media": [
                    {
                        "name": row.name,
                        "hash": row.sha256,
                        "url": f"{address}/media/{quote(row.name, safe='')}",
                        "bytes": row.size,
                    }
                    for row in files_beside(session, version)
                ],
            }
        )
    return entries, current, lists


def _list(session: ReadSession, caller: Caller, name: str) -> dict[str, Any]:
    """The rows of a list of the person's own area, as ODK Collect gets them as CSV. Old photos come by another way."""
    content = unit_list(session, caller.viewer, name, within=caller.project_path, photos=False).decode()
    columns, *rows = csv.reader(io.StringIO(content))
    return {"columns": columns, "rows": rows}


def _school(row: Row[Any]) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en or row.name,
        "town": row.town,
        "stage": row.stage,
        "latitude": _degrees(row.latitude, 90),
        "longitude": _degrees(row.longitude, 180),
    }


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -most <= value <= most else None


def _findings(session: ReadSession, caller: Caller) -> list[dict[str, Any]]:
    rows = reading_collector.open_findings(session, area(caller, "finding.see"), MOST_FINDINGS)
    there = reading_collector.files_there(session, {row.submission_id for row in rows if row.submission_id})
    on_site_from = place_of(session, caller.project_path).settings.get("D.recheck.onsite", NO_RULE)
    return [
        {
            "code": row.code,
            "unit": row.unit,
            "item": row.item,
            "indicator": (row.indicators.split() or [""])[0],
            "title": {"zh": row.title, "en": row.title_en or row.title},
            "fact": row.fact,
            "severity": row.severity,
            "found_on": row.found_on.isoformat(),
            # A limit that nobody was told, or whose part was handed in, makes nothing late.
            "due_on": row.due_on.isoformat() if row.told_on and not row.handed_on else "",
            "on_site": row.on_site or row.severity >= on_site_from,
            "state": row.state,
            "photos": [
                {"name": name, "url": f"{BASE}/findings/{quote(row.code, safe='')}/photos/{quote(name, safe='')}"}
                for name in photo_names(row.photos)
                if (row.submission_id, name) in there
            ],
        }
        for row in rows
    ]


def photo_names(text: str) -> list[str]:
    """The names in a finding's ``photos``."""
    try:
        return [name for name in orjson.loads(text) if isinstance(name, str)]
    except orjson.JSONDecodeError:
        return []


def _returned(session: ReadSession, caller: Caller) -> list[dict[str, Any]]:
    assert caller.project.id is not None
    rows = reading_collector.returned(session, caller.viewer.person_id, caller.project.id, MOST_RETURNED)
    there: dict[int, list[str]] = {}
    for submission, name in sorted(reading_collector.files_there(session, {row.id for row in rows})):
        there.setdefault(submission, []).append(name)
    return [
        {
            "instance_id": row.instance_id,
            "form_id": row.form_id,
            "version": row.version,
            "unit": row.unit or "",
            "remark": row.review_note,
            "reviewed_on": row.reviewed_at.date().isoformat(),
            "xml": bytes(row.xml).decode(errors="replace"),
            "files": [
                {
                    "name": name,
                    "url": f"{BASE}/returned/{quote(row.instance_id, safe='')}/files/{quote(name, safe='')}",
                }
                for name in there.get(row.id, ())
            ],
        }
        for row in rows
    ]


def _prefill(session: ReadSession, caller: Caller) -> dict[str, str]:
    """What the common header takes from the plan and the person: hd_a08 is the inspector's certificate."""
    person = session.get(Person, caller.viewer.person_id)
    certificate = person.certificate.strip() if person else ""
    return {"hd_a08": certificate or caller.viewer.login}
