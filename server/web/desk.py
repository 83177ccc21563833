"""Desks: where each role starts the day, and the school's sheet for the wall."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import Response

from server.doors.dependencies import Read
from server.security.permissions import PERMISSIONS
from server.store import reading_cases
from server.store.db import ReadSession
from server.store.units import Unit
from server.web import desk_view, home_view
from server.web.reach import visible_unit
from server.web.rectify_limit import left_of
from server.web.render import Signed, SignedPage

router = APIRouter(include_in_schema=False)


@router.get("/desk")
def desk(page: Signed, session: Read, role: str = "", unit: str = "") -> Response:
    chosen = desk_view.chosen_role(page.viewer, role)
    own, units = (None, [])
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
    if chosen in PERMISSIONS["finding.open"]:
        return [(page.t("hand.link"), "/findings/new")]
    return []


@router.get("/desk/wall")
def wall(page: Signed, session: Read, unit: str) -> Response:
    """What a school puts on the wall: what is being rectified, by whom, by when."""
    shown = visible_unit(session, page.viewer, unit, "finding.see")
    return page.show("wall.html", unit=shown, rows=_under_way(page, session, shown), today=page.context.today(), pdf="")


def _under_way(page: SignedPage, session: ReadSession, unit: Unit) -> list[desk_view.Item]:
    told = [name for name in desk_view.open_states() if name not in ("proposed", "open", "feedback", "stated")]
    _, rows = reading_cases.desk_findings(session, [unit.path], told, most=desk_view.LISTED)
    lister = desk_view.Lister(page, session, "", rows)
    wall = [
        replace(lister.item(row), left=left_of(page, row[0].due_on, calendar=lister.calendar))
        for row in rows
        if row[0].told_on is not None
    ]
    return sorted(wall, key=lambda item: item.left.order)
