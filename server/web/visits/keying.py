"""Keying in a paper form: one dense page, number keys answer, Enter goes on, what does not apply is passed over."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from forms.expressions import as_text
from forms.keying import Judged, Keyed, KeyProblem
from forms.outline import Outline
from server.doors.dependencies import Read
from server.problems import Problem
from server.security.permissions import require
from server.services.checklists.paper import outline_of
from server.services.intake import keying
from server.store.db import ReadSession
from server.store.forms import Form, FormVersion
from server.store.units import Unit
from server.web.posted import Posted, field
from server.web.reach import project_around
from server.web.render import Signed, SignedPage
from server.web.visits import keying_view
from server.web.visits.paper import asked

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Sheet:
    """A paper of one unit about to be keyed in."""

    unit: Unit
    project: Any
    form: Form
    version: FormVersion
    outline: Outline


@dataclass(frozen=True)
class Typing:
    """What came with the page: the answers, and what stands around them."""

    keyed: Keyed
    entries: int
    day: dt.date | None
    filled_by: str = ""
    ticked: str = ""
    total: str = ""
    incomplete: bool = False
    first: str = ""


@router.get("/checklists/{form_id}/key")
def key_in(
    page: Signed, session: Read, form_id: str, unit: str = "", version: str = "", district: str = "", last: str = ""
) -> Response:
    if not unit:
        form, found, _ = asked(page, session, form_id, unit="", version=version, district=district)
        return page.show("keying_unit.html", form=form, version=found, district=district, last=_instance(last))
    sheet = _sheet(page, session, form_id, unit, version)
    typing = Typing(keying_view.empty(sheet.outline), keying_view.ENTRIES, None)
    return _show(page, session, sheet, typing, f"uuid:{uuid.uuid4()}")


@router.post("/checklists/{form_id}/key/state")
def state(page: Signed, session: Read, form: Posted, form_id: str, unit: str, version: str = "") -> Response:
    """What applies now, for the script of the page: the names of the fields, and both totals."""
    sheet = _sheet(page, session, form_id, unit, version)
    judged = _judged(page, session, sheet, _typing(sheet, form))
    return JSONResponse(
        {"applies": sorted(judged.applies), "ticked": judged.ticked, "total": as_text(judged.total) or "0"},
        headers={"Cache-Control": "no-store"},
    )


@router.post("/checklists/{form_id}/key")
def send_keyed(page: Signed, session: Read, form: Posted, form_id: str, unit: str, version: str = "") -> Response:
    sheet = _sheet(page, session, form_id, unit, version)
    typing, step, instance = _typing(sheet, form), field(form, "step"), _instance(field(form, "instance"))
    instance = instance or f"uuid:{uuid.uuid4()}"
    if step != "send":
        return _again(page, session, sheet, typing, step, instance)
    judged = _judged(page, session, sheet, typing)
    problems = _standing(typing, judged)
    general = _general(sheet, typing, judged)
    if problems or general:
        return _show(page, session, sheet, typing, instance, problems=problems, general=general)
    keying.take(
        page.context,
        sheet.version,
        judged.values,
        instance_id=instance,
        viewer=page.viewer,
        project_id=sheet.project.id,
        project_path=sheet.project.path,
        filled_by=typing.filled_by,
        checked=bool(typing.first),
        at=page.context.clock(),
    )
    here = page.link(f"/checklists/{form_id}/key", version=version, district=sheet.project.code, last=instance)
    return page.go(here, done="keyed")


def _sheet(page: SignedPage, session: ReadSession, form_id: str, unit: str, version: str) -> Sheet:
    """What is keyed in. Raises Problem: not_found, auth.forbidden."""
    form, found, known = asked(page, session, form_id, unit=unit, version=version, district="")
    if known is None or found.state != "published":
        raise Problem("not_found")
    require(page.viewer, "submission.send", known.path)
    return Sheet(known, project_around(session, known), form, found, outline_of(page.context, found))


def _typing(sheet: Sheet, form: FormData) -> Typing:
    number = field(form, "entries")
    entries = min(int(number), keying_view.MOST_ENTRIES) if number.isascii() and number.isdigit() else 0
    return Typing(
        keying_view.typed(sheet.outline, form, entries or keying_view.ENTRIES),
        entries or keying_view.ENTRIES,
        _day(field(form, "visited_on")),
        field(form, "filled_by"),
        field(form, "ticked"),
        field(form, "total"),
        field(form, "incomplete") == "yes",
        field(form, "first"),
    )


def _again(page: SignedPage, session: ReadSession, sheet: Sheet, typing: Typing, step: str, instance: str) -> Response:
    """The page once more: with more entries, empty for the second time of typing, or as it is."""
    keyed, entries, first = typing.keyed, typing.entries, typing.first
    if step == "more":
        entries = min(entries + keying_view.ENTRIES, keying_view.MOST_ENTRIES)
        more = {name: [*listed, *({} for _ in range(entries - len(listed)))] for name, listed in keyed.entries.items()}
        keyed = Keyed(keyed.plain, more)
    elif step == "twice" and not first:
        first = orjson.dumps(keying_view.flat(keyed)).decode()
        keyed = keying_view.empty(sheet.outline, entries)
    kept = Typing(keyed, entries, typing.day, typing.filled_by, typing.ticked, typing.total, typing.incomplete, first)
    return _show(page, session, sheet, kept, instance)


def _judged(page: SignedPage, session: ReadSession, sheet: Sheet, typing: Typing) -> Judged:
    return keying.judged(session, page.context, sheet.version, typing.keyed, unit_code=sheet.unit.code, day=typing.day)


def _standing(typing: Typing, judged: Judged) -> list[KeyProblem]:
    """What must be put right before it is sent; what the paper lacks may be lacking here if somebody says so."""
    found = [problem for problem in judged.problems if not (problem.code == "required" and typing.incomplete)]
    return found + _differing(typing)


def _differing(typing: Typing) -> list[KeyProblem]:
    """Where the second time of typing differs from the first."""
    if not typing.first:
        return []
    try:
        first = orjson.loads(typing.first)
    except orjson.JSONDecodeError:
        return []
    if not isinstance(first, dict):
        return []
    second = keying_view.flat(typing.keyed)
    names = [name for name in {**first, **second} if first.get(name, "") != second.get(name, "")]
    return [KeyProblem(name, "differs", {"": str(first.get(name, "")) or "–"}) for name in names]


def _general(sheet: Sheet, typing: Typing, judged: Judged) -> list[str]:
    """Keys of the sentences about the sheet as a whole."""
    found = []
    if keying.asks_for_day(sheet.outline) and typing.day is None:
        found.append("keying.no_day")
    if typing.ticked and typing.ticked != str(judged.ticked):
        found.append("keying.ticked_wrong")
    if typing.total and _number(typing.total) != judged.total:
        found.append("keying.total_wrong")
    return found


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _instance(text: str) -> str:
    try:
        return text if text.startswith("uuid:") and str(uuid.UUID(text[5:])) == text[5:] else ""
    except ValueError:
        return ""


def _show(
    page: SignedPage,
    session: ReadSession,
    sheet: Sheet,
    typing: Typing,
    instance: str,
    *,
    problems: Sequence[KeyProblem] = (),
    general: Sequence[str] = (),
) -> Response:
    judged = _judged(page, session, sheet, typing)
    return page.show(
        "keying.html",
        status=422 if problems or general else 200,
        sheet=sheet,
        typing=typing,
        instance=instance,
        rows=keying_view.rows(sheet.outline, typing.keyed, judged, problems, page.language),
        judged=judged,
        total=as_text(judged.total) or "0",
        problems=problems,
        general=general,
        missing=any(problem.code == "required" for problem in problems),
        asks_for_day=keying.asks_for_day(sheet.outline),
        repeats=bool(keying_view.repeats(sheet.outline)),
        today=page.context.today(),
    )
