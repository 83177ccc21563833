"""The checklist author's pages: upload a workbook, read its problems, see the form, publish, compare versions."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from forms.columns import FORM_SHEETS
from forms.expand import expand
from forms.kobo import standard
from forms.shipped import shipped_checklists, shipped_workbook
from forms.workbook import read_workbook
from forms.xlsx_write import write_xlsx
from server.doors.dependencies import Ctx, Read
from server.problems import Problem
from server.security.permissions import may
from server.services.checklists import publish
from server.services.collector.forms import CollectorForms
from server.web.files import LOCKED, disposition
from server.web.manage import checklist_view
from server.web.posted import Posted, Uploaded, field, upload
from server.web.reach import first_project
from server.web.render import Signed, SignedPage

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter(include_in_schema=False)


@router.get("/checklists")
def checklist_list(page: Signed, session: Read, district: str = "") -> Response:
    project = first_project(session, page.viewer, "form.see", district)
    manage = may(page.viewer, "form.manage", project.path)
    return page.show(
        "checklists.html",
        project=project,
        manage=manage,
        rows=checklist_view.checklist_list(session, project.id),
        library=checklist_view.library(session, project.id) if manage else [],
    )


@router.post("/checklists/check")
def check_workbook(page: Signed, session: Read, context: Ctx, form: Uploaded) -> Response:
    project = first_project(session, page.viewer, "form.manage", field(form, "district"), whole=True)
    name, data = upload(form, "workbook")
    if not data:
        return page.go("/checklists", done="no_file")
    if len(data) > context.settings.max_workbook_bytes:
        raise Problem("request.too_large", limit=context.settings.max_workbook_bytes)
    return page.go(page.link(f"/checklists/drafts/{context.blobs.put(data)}", name=name[:120], district=project.code))


@router.get("/checklists/drafts/{digest}")
def draft(page: Signed, session: Read, digest: str, name: str = "", district: str = "") -> Response:
    project = first_project(session, page.viewer, "form.manage", district, whole=True)
    judged = publish.check_upload(session, project_id=project.id, data=_blob(page, digest), filename=name)
    definition = judged.checked.definition
    return page.show(
        "draft.html",
        project=project,
        judged=judged,
        digest=digest,
        name=name,
        places=checklist_view.places(judged.problems, judged.checked.workbook),
        preview=checklist_view.preview(definition) if definition else None,
    )


@router.post("/checklists/publish")
def publish_workbook(page: Signed, context: Ctx, form: Posted) -> Response:
    data, name = _blob(page, field(form, "digest")), field(form, "name")
    return _publish(page, context, data, name, field(form, "district"))


@router.post("/checklists/library/{name}")
def load_shipped(page: Signed, context: Ctx, form: Posted, name: str) -> Response:
    if name not in shipped_checklists():
        raise Problem("not_found")
    return _publish(page, context, shipped_workbook(name), f"{name}.xlsx", field(form, "district"))


def _publish(page: SignedPage, context: Ctx, data: bytes, name: str, district: str) -> Response:
    """The judgement takes seconds, so it is made before a transaction is opened, and what phones open after it."""
    with context.database.read() as reading:
        project = first_project(reading, page.viewer, "form.manage", district, whole=True)
        judged = publish.check_upload(reading, project_id=project.id, data=data, filename=name)
    by, at = page.viewer.person_id, context.clock()
    with context.database.write() as session:
        publish.publish(session, context, project_id=project.id, data=data, filename=name, upload=judged, by=by, at=at)
        form_id = judged.checked.definition.form_id if judged.checked.definition else ""
    CollectorForms(context).prepare(project.id)
    return page.go(page.link(f"/checklists/{form_id}", district=district), done="published")


@router.get("/checklists/{form_id}")
def checklist_page(
    page: Signed, session: Read, context: Ctx, form_id: str, version: str = "", district: str = ""
) -> Response:
    project = first_project(session, page.viewer, "form.see", district)
    built = checklist_view.form_page(session, project.id, form_id, version)
    unfit = CollectorForms(context).problem(session, project.id, built.version)
    return page.show("checklist.html", c=built, preview=built.preview, project=project, unfit=unfit)


@router.get("/checklists/{form_id}/compare")
def compare_versions(page: Signed, session: Read, form_id: str, old: str, new: str, district: str = "") -> Response:
    project = first_project(session, page.viewer, "form.see", district)
    form, changes = checklist_view.compared(session, project.id, form_id, old, new)
    return page.show("compare.html", form=form, changes=changes, old=old, new=new, project=project)


@router.get("/checklists/{form_id}/versions/{version}/{kind}")
def download(page: Signed, session: Read, form_id: str, version: str, kind: str, district: str = "") -> Response:
    project = first_project(session, page.viewer, "form.see", district)
    found = checklist_view.form_page(session, project.id, form_id, version).version
    makers = {"xform": "xml", "workbook": "xlsx", "expanded": "xlsx"}
    if kind not in makers or (kind != "xform" and not found.workbook_sha256):
        raise Problem("not_found")
    if kind == "xform":
        data, media_type = found.xform, "application/xml"
    else:
        data, media_type = _blob(page, found.workbook_sha256), EXCEL
        data = _expanded(data, found.workbook_name) if kind == "expanded" else data
    mark = "-expanded" if kind == "expanded" else ""
    headers = {
        "Content-Disposition": disposition("attachment", f"{form_id}-{version}{mark}.{makers[kind]}"),
        "Content-Security-Policy": LOCKED,
    }
    return Response(data, media_type=media_type, headers=headers)


def _expanded(data: bytes, name: str) -> bytes:
    workbook, _ = read_workbook(data, name, FORM_SHEETS)
    if workbook is None:
        raise Problem("not_found")
    plain, _ = standard(workbook)
    return write_xlsx(expand(plain).workbook.renumbered())


def _blob(page: SignedPage, digest: str) -> bytes:
    try:
        return page.context.blobs.get(digest)
    except KeyError:
        raise Problem("not_found") from None
