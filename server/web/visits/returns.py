"""Administrative returns filled in on the web: the same road as a phone's submission."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from forms.instance import build_instance
from forms.meaning import quarter_name, quarter_of
from server.doors.dependencies import Read, context_of
from server.problems import Problem
from server.services.intake.ingest import Arrival, Ingest
from server.services.lights.quarter_facts import department_code
from server.services.reference import definition_of
from server.store.db import ReadSession
from server.store.forms import FormVersion, current_version, form_of
from server.store.units import Unit
from server.web.home.home_view import RETURN_KINDS
from server.web.posted import Posted, field
from server.web.reach import project_around, visible_unit
from server.web.render import Signed, SignedPage
from server.web.visits import return_form

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asked:
    """A return of one unit: its form's current version and the rules of its questions."""

    unit: Unit
    project: Any
    version: FormVersion
    form: Any
    rules: Any


def _asked(page: SignedPage, session: ReadSession, form_id: str, code: str) -> Asked:
    """The return asked for. Raises Problem where the viewer may not send it or there is none for this unit."""
    unit = visible_unit(session, page.viewer, code, "submission.send")
    project = project_around(session, unit)
    form = form_of(session, project.id, form_id)
    version = current_version(session, form) if form is not None else None
    if form is None or version is None or form.kind != RETURN_KINDS.get(unit.kind):
        raise Problem("not_found")
    data = page.context.blobs.get(version.workbook_sha256) if version.workbook_sha256 else b""
    rules = return_form.rules_of(version.workbook_sha256, data, version.workbook_name)
    return Asked(unit, project, version, form, rules)


@router.get("/returns/{form_id}")
def fill_return(page: Signed, session: Read, form_id: str, unit: str) -> Response:
    asked = _asked(page, session, form_id, unit)
    today, definition = page.context.today(), definition_of(asked.version)
    values = return_form.beginning(
        definition,
        stage=asked.unit.stage,
        department=department_code(asked.unit),
        today=today,
        quarter=quarter_name(quarter_of(today)),
    )
    return _show(page, asked, values, f"uuid:{uuid.uuid4()}", judge=False)


@router.post("/returns/{form_id}")
def send_return(page: Signed, session: Read, form: Posted, form_id: str, unit: str) -> Response:
    asked = _asked(page, session, form_id, unit)
    instance = field(form, "instance")
    values = return_form.typed(definition_of(asked.version), form)
    sending = field(form, "step") == "send"
    built = _built(page, asked, values, judge=sending)
    if not sending or built.problems or not _is_instance(instance):
        return _show(page, asked, values, instance, judge=sending)
    _take(page, asked, built, instance)
    return page.go(f"/submissions/{instance}", done="returned")


def _built(page: SignedPage, asked: Asked, values: dict[str, str], *, judge: bool) -> return_form.ReturnForm:
    definition = definition_of(asked.version)
    return return_form.build(definition, asked.rules, values, today=page.context.today(), judge=judge)


def _show(page: SignedPage, asked: Asked, values: dict[str, str], instance: str, *, judge: bool) -> Response:
    built = _built(page, asked, values, judge=judge)
    kept = instance if _is_instance(instance) else f"uuid:{uuid.uuid4()}"
    shown = {question.item.name for question in built.questions}
    rest = {name: value for name, value in values.items() if name not in shown}
    status = 422 if built.problems else 200
    return page.show("return.html", status=status, r=built, asked=asked, instance=kept, unit=asked.unit, rest=rest)


def _take(page: SignedPage, asked: Asked, built: return_form.ReturnForm, instance: str) -> None:
    definition = definition_of(asked.version)
    values = {**built.values(), definition.unit_item: asked.unit.code}
    xml = build_instance(definition, values, instance_id=instance)
    ingest = Ingest(context_of(page.request))
    try:
        ingest.take(Arrival(page.viewer, asked.project.id, asked.project.path, xml))
    finally:
        ingest.close()


def _is_instance(text: str) -> bool:
    try:
        return text.startswith("uuid:") and str(uuid.UUID(text[5:])) == text[5:]
    except ValueError:
        return False
