"""Phones with the web collector: what each still has to send, and signing out one that was lost."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.security.permissions import require_anywhere
from server.security.viewer import Viewer
from server.services.collector import devices
from server.services.people import phone
from server.services.people.collect_code import address_svg
from server.store.db import ReadSession, WriteSession
from server.store.devices import Device, devices_within
from server.store.people import Person, PhoneKey
from server.web.posted import Posted, field
from server.web.reach import first_project
from server.web.render import Page, RowId, Signed

router = APIRouter(include_in_schema=False)


@router.get("/phones")
def phones(page: Signed, session: Read) -> Response:
    require_anywhere(page.viewer, "phone.manage")
    return page.show("phones.html", rows=_visible(session, page.viewer), link=None)


@router.post("/phones/link")
def make_link(page: Signed, session: Write, form: Posted) -> Response:
    """A link that binds one phone to the reader, once."""
    project = first_project(session, page.viewer, "phone.manage")
    by, at, name = page.viewer.person_id, page.context.clock(), field(form, "name")[:100]
    token = phone.make_key(session, person_id=by, project_id=project.id, name=name, by=by, at=at)
    return page.show("phones.html", rows=_visible(session, page.viewer), link=collector_link(page, token))


@router.post("/phones/{device_id}/sign-out")
def sign_out(page: Signed, session: Write, form: Posted, device_id: RowId) -> Response:
    """Take the key of a phone back; it wipes itself at its next contact."""
    require_anywhere(page.viewer, "phone.manage")
    found = next((row for row in _visible(session, page.viewer) if row[0].id == device_id), None)
    if found is None:
        raise Problem("not_found")
    device, person = found
    key = session.get(PhoneKey, device.key_id)
    assert key is not None
    devices.sign_out(session, devices.KeyHolder(key, person, device), by=page.viewer.person_id, at=page.context.clock())
    return page.go("/phones", done="phone_signed_out")


def _visible(session: ReadSession | WriteSession, viewer: Viewer) -> list[tuple[Device, Person]]:
    return devices_within(session, viewer.paths(frozenset({"administrator", "office"})), viewer.person_id)


def collector_link(page: Page, token: str) -> dict[str, str]:
    """The link that binds a phone to the web collector, and its QR code; the part after # reaches no server's log."""
    base = page.context.settings.public_url or str(page.request.base_url)
    address = f"{base.rstrip('/')}/collect/#code={quote(token, safe='')}"
    return {"address": address, "code": Markup(address_svg(address))}  # noqa: S704
