"""Units and people, for whoever administers them."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.services.people import people, phone
from server.services.people.collect_code import collect_svg
from server.services.units import units
from server.store.people import ROLES, PhoneKey
from server.store.reading import lights as reading
from server.store.units import UNIT_KINDS
from server.web.home.home import phone_address
from server.web.manage import manage_view
from server.web.manage.devices import collector_link
from server.web.posted import Posted, Uploaded, field, upload
from server.web.reach import project_around, visible_unit
from server.web.render import RowId, Signed

router = APIRouter(include_in_schema=False)


@router.get("/units")
def unit_list(page: Signed, session: Read, q: str = "", kind: str = "") -> Response:
    paths = require_anywhere(page.viewer, "unit.manage")
    found = reading.find_units(session, paths, q.strip(), kind if kind in UNIT_KINDS else "")
    rows = manage_view.indented(found, flat=bool(q.strip() or kind))
    return page.show("units.html", rows=rows, query={"q": q, "kind": kind}, kinds=UNIT_KINDS, report=None)


@router.post("/units/import")
def import_units(page: Signed, session: Write, form: Uploaded) -> Response:
    paths = require_anywhere(page.viewer, "unit.manage")
    name, data = upload(form, "table")
    if not data:
        return page.go("/units", done="no_file")
    by, at, partial = page.viewer.person_id, page.context.clock(), field(form, "partial") == "yes"
    report = units.import_units(session, data, filename=name, partial=partial, within=paths, by=by, at=at)
    return page.show("units.html", rows=[], query={"q": "", "kind": ""}, kinds=UNIT_KINDS, report=report)


@router.get("/people")
def people_list(page: Signed, session: Read, q: str = "") -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    return page.show("people.html", people=manage_view.people_list(session, paths, q.strip()), q=q, typed={})


@router.post("/people")
def create_person(page: Signed, session: Write, form: Posted) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    typed = {key: field(form, key) for key in ("login", "name", "role", "unit")}
    by, at = page.viewer.person_id, page.context.clock()
    try:
        with session.begin_nested():
            login, name, password = typed["login"], typed["name"], str(form.get("password", ""))
            person = people.create_person(session, login=login, name=name, password=password, by=by, at=at)
            if unit := typed["unit"]:
                people.grant(session, login=login, role=typed["role"], unit_code=unit, within=paths, by=by, at=at)
    except Problem as problem:
        listed = manage_view.people_list(session, paths)
        shown = {**typed, "problem": problem.message(page.language)}
        return page.show("people.html", status=problem.status, people=listed, q="", typed=shown)
    return page.go(f"/people/{quote(person.login, safe='')}", done="person_created")


@router.get("/people/{login}")
def person_page(page: Signed, session: Read, login: str) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    return page.show("person.html", p=manage_view.one_person(session, paths, login), roles=ROLES, code=None)


@router.post("/people/{login}/grant")
def grant_role(page: Signed, session: Write, form: Posted, login: str) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    manage_view.one_person(session, paths, login)
    by, at, role, unit = page.viewer.person_id, page.context.clock(), field(form, "role"), field(form, "unit")
    people.grant(session, login=login, role=role, unit_code=unit, within=paths, by=by, at=at)
    return page.go(f"/people/{quote(login, safe='')}", done="granted")


@router.post("/people/{login}/revoke")
def revoke_role(page: Signed, session: Write, form: Posted, login: str) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    manage_view.one_person(session, paths, login)
    by, at, role, unit = page.viewer.person_id, page.context.clock(), field(form, "role"), field(form, "unit")
    people.revoke(session, login=login, role=role, unit_code=unit, within=paths, by=by, at=at)
    return page.go(f"/people/{quote(login, safe='')}", done="revoked")


@router.post("/people/{login}/password")
def set_password(page: Signed, session: Write, form: Posted, login: str) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    manage_view.one_person(session, paths, login)
    by, at, password = page.viewer.person_id, page.context.clock(), str(form.get("password", ""))
    people.set_password(session, login=login, password=password, within=paths, by=by, at=at)
    return page.go(f"/people/{quote(login, safe='')}", done="password_set")


@router.post("/people/{login}/deactivate")
def deactivate(page: Signed, session: Write, form: Posted, login: str) -> Response:
    paths = require_anywhere(page.viewer, "person.manage")
    manage_view.one_person(session, paths, login)
    people.deactivate(session, login=login, within=paths, by=page.viewer.person_id, at=page.context.clock())
    return page.go(f"/people/{quote(login, safe='')}", done="deactivated")


@router.post("/people/{login}/phone")
def make_key(page: Signed, session: Write, form: Posted, login: str) -> Response:
    found = manage_view.managed_person(session, require_anywhere(page.viewer, "person.manage"), login)
    if not found.roles:
        raise Problem("project.unknown")
    project = project_around(session, visible_unit(session, page.viewer, found.roles[0].unit_code, "unit.see"))
    by, at = page.viewer.person_id, page.context.clock()
    name, person = field(form, "name")[:100], found.person.id
    token = phone.make_key(session, person_id=person, project_id=project.id, name=name, by=by, at=at)
    address = phone_address(page, token, project.id)
    drawn = Markup(collect_svg(address, project.name))  # noqa: S704
    link = collector_link(page, token)
    return page.show("phone.html", code=drawn, address=address, back=f"/people/{login}", collector=link)


@router.post("/people/{login}/phone/{key_id}/revoke")
def revoke_key(page: Signed, session: Write, form: Posted, login: str, key_id: RowId) -> Response:
    found = manage_view.managed_person(session, require_anywhere(page.viewer, "person.manage"), login)
    key = session.get(PhoneKey, key_id)
    if key is None or key.person_id != found.person.id:
        raise Problem("not_found")
    phone.revoke_key(session, key_id=key_id, by=page.viewer.person_id, at=page.context.clock())
    return page.go(f"/people/{quote(login, safe='')}", done="phone_revoked")
