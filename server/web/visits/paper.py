"""Any checklist as a paper form, for schools without a signal, without a charged phone, or without either."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.documents.paper import PaperUnit, render_paper
from server.doors.dependencies import Read
from server.problems import Problem
from server.services.checklists.paper import outline_of
from server.store.db import ReadSession
from server.store.forms import Form, FormVersion, current_version, form_of, version_of
from server.store.units import Unit
from server.web.reach import first_project, project_around, visible_unit
from server.web.rectification.documents import file_answer
from server.web.render import Signed, SignedPage

router = APIRouter(include_in_schema=False)


@router.get("/checklists/{form_id}/paper.pdf")
def paper_form(
    page: Signed, session: Read, form_id: str, unit: str = "", version: str = "", district: str = ""
) -> Response:
    form, found, known = asked(page, session, form_id, unit=unit, version=version, district=district)
    key = page.link(f"/checklists/{form_id}/key", unit=unit, version=found.version, district="" if unit else district)
    pdf = render_paper(
        outline_of(page.context, found),
        on=found.published_at.date(),
        language=page.language,
        unit=PaperUnit(known.code, page.name(known.name, known.name_en)) if known else None,
        link=f"{server_address(page)}{key}",
    )
    name = page.name(form.title, form.title_en)
    return file_answer(pdf, "pdf", f"{name} {known.name}" if known else name)


def server_address(page: SignedPage) -> str:
    """The address at which people reach this server, without a slash at its end."""
    return (page.context.settings.public_url or str(page.request.base_url)).rstrip("/")


def asked(
    page: SignedPage, session: ReadSession, form_id: str, *, unit: str, version: str, district: str
) -> tuple[Form, FormVersion, Unit | None]:
    """The form, its version (the current one unless named) and the unit, all as far as the viewer may see them.

    Raises Problem: "not_found", "auth.forbidden".
    """
    known = visible_unit(session, page.viewer, unit, "form.see") if unit else None
    project = project_around(session, known) if known else first_project(session, page.viewer, "form.see", district)
    form = form_of(session, project.id, form_id)
    if form is None or form.id is None:
        raise Problem("not_found")
    found = version_of(session, form.id, version) if version else current_version(session, form)
    if found is None or found.state == "draft":
        raise Problem("not_found")
    return form, found, known
