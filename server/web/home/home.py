"""The homes of inspectors, schools and departments, the keys of an inspector's phone, and how the pages are used."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.services.people import phone
from server.services.people.collect_code import collect_svg
from server.store.people import PhoneKey
from server.web.home import home_view
from server.web.home.guide import guide_for
from server.web.manage.devices import collector_link
from server.web.posted import Posted, field
from server.web.reach import first_project, project_around
from server.web.render import RowId, Signed

router = APIRouter(include_in_schema=False)


@router.get("/help")
def how_to(page: Signed) -> Response:
    return page.show("help.html", parts=guide_for(page.viewer.roles))


@router.get("/inspector")
def inspector(page: Signed, session: Read) -> Response:
    built = home_view.inspector_home(session, page.viewer, page.context.today())
    return page.show("inspector.html", h=built, today=page.context.today(), code=None)


@router.post("/inspector/phone")
def make_phone_key(page: Signed, session: Write, form: Posted) -> Response:
    project = first_project(session, page.viewer, "phone.manage")
    by, at, name = page.viewer.person_id, page.context.clock(), field(form, "name")[:100]
    token = phone.make_key(session, person_id=by, project_id=project.id, name=name, by=by, at=at)
    address = phone_address(page, token, project.id)
    drawn = Markup(collect_svg(address, project.name))  # noqa: S704
    return page.show("phone.html", code=drawn, address=address, back="", collector=collector_link(page, token))


@router.post("/inspector/phone/{key_id}/revoke")
def revoke_phone_key(page: Signed, session: Write, form: Posted, key_id: RowId) -> Response:
    key = session.get(PhoneKey, key_id)
    if key is None or key.person_id != page.viewer.person_id:
        raise Problem("not_found")
    phone.revoke_key(session, key_id=key_id, by=page.viewer.person_id, at=page.context.clock())
    return page.go("/inspector", done="phone_revoked")


@router.get("/school")
def school(page: Signed, session: Read, unit: str = "") -> Response:
    return _unit_home(page, session, "school", unit)


@router.get("/department")
def department(page: Signed, session: Read, unit: str = "") -> Response:
    return _unit_home(page, session, "department", unit)


def _unit_home(page: Signed, session: Read, role: str, code: str) -> Response:
    chosen, units = home_view.own_unit(session, page.viewer, role, code)
    today, project = page.context.today(), project_around(session, chosen)
    built = home_view.unit_home(session, chosen, units, project.id, today)
    return page.show("unit_home.html", h=built, u=built.page, unit=chosen, role=role, today=today)


def phone_address(page: Signed, token: str, project_id: int) -> str:
    """The server address that goes into a phone."""
    base = page.context.settings.public_url or str(page.request.base_url)
    return f"{base.rstrip('/')}/v1/key/{token}/projects/{project_id}"
