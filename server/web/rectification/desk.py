"""Desks: where each role starts the day, and the school's sheet for the wall."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.documents.wall import render_wall_sheet
from server.doors.dependencies import Read
from server.security.permissions import PERMISSIONS
from server.store.units import Unit
from server.web.home import home_view
from server.web.reach import visible_unit
from server.web.rectification import desk_view, desk_wall
from server.web.rectification.documents import file_answer
from server.web.render import Signed, SignedPage

router = APIRouter(include_in_schema=False)


@router.get("/desk")
def desk(page: Signed, session: Read, role: str = "", unit: str = "") -> Response:
    chosen = desk_view.chosen_role(page.viewer, role)
    own: Unit | None = None
    units: list[Unit] = []
    if chosen in desk_view.OWN:
        own, units = home_view.own_unit(session, page.viewer, chosen, unit)
    built = desk_view.build(page, session, chosen, own)
    built.choices = _choices(page, chosen, own, units)
    built.links = _links(page, chosen, own)
    return page.show("desk.html", d=built)


def _choices(page: SignedPage, chosen: str, own: Unit | None, units: list[Unit]) -> list[tuple[str, str, bool]]:
    """The desks of a reader with several roles or several schools."""
    found = []
    for role in desk_view.ROLES:
        if role not in page.viewer.roles:
            continue
        if role == chosen and own is not None and len(units) > 1:
            for unit in units:
                link = page.link("/desk", role=role, unit=unit.code)
                found.append((page.name(unit.name, unit.name_en), link, unit.id == own.id))
        else:
            found.append((page.t(f"desk.title.{role}"), page.link("/desk", role=role), role == chosen))
    return found


def _links(page: SignedPage, chosen: str, own: Unit | None) -> list[tuple[str, str]]:
    if chosen == "school" and own is not None:
        return [
            (page.t("desk.wall"), page.link("/desk/wall", unit=own.code)),
            (page.t("nav.school"), page.link("/school", unit=own.code)),
        ]
    found = []
    if chosen in PERMISSIONS["finding.open"]:
        found.append((page.t("hand.link"), "/findings/new"))
    if chosen in PERMISSIONS["measure.propose"]:
        found.append((page.t("propose.link"), "/measures/new"))
    if chosen in ("office", "leading"):
        found.append((page.t("desk.overdue.link"), "/ledgers/overdue"))
    return found


@router.get("/desk/wall")
def wall(page: Signed, session: Read, unit: str) -> Response:
    """What a school puts on the wall: what is being rectified, by whom, by when."""
    shown = visible_unit(session, page.viewer, unit, "finding.see")
    rows = desk_view.told_items(page, session, shown)
    pdf = page.link("/desk/wall/pdf", unit=shown.code)
    return page.show("wall.html", unit=shown, rows=rows, today=page.context.today(), pdf=pdf)


@router.get("/desk/wall/pdf")
def wall_pdf(page: Signed, session: Read, unit: str) -> Response:
    shown = visible_unit(session, page.viewer, unit, "finding.see")
    base = page.context.settings.public_url or str(page.request.base_url)
    sheet = desk_wall.sheet(page, session, shown, f"{base.rstrip('/')}/desk")
    name = page.t("wall.title", name=page.name(shown.name, shown.name_en))
    return file_answer(render_wall_sheet(sheet, language=page.language), "pdf", name)
