"""Numbered documents to read and print, and the office's page of letterhead and Word templates."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from scorecards.documents.kinds import KINDS, number_words
from scorecards.documents.model import LINE_TAGS, TAGS
from server.doors.dependencies import Read, Write
from server.problems import Problem
from server.services.documents import documents
from server.services.documents.values import default_head, head_words
from server.store import documents as store
from server.store.db import ReadSession, WriteSession
from server.store.units import Unit
from server.web.files import LOCKED, disposition
from server.web.posted import Posted, Uploaded, field, upload
from server.web.reach import first_project, visible_unit
from server.web.render import RowId, Signed, SignedPage

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MEDIA: Final = {"pdf": "application/pdf", "docx": WORD}
# Not sandboxed: browsers' PDF viewers do not start in a sandbox. The press writes no script into a PDF.
SHOWN: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)
HOME: Final = "/documents/templates"
router = APIRouter(include_in_schema=False)


@router.get("/documents/templates")
def templates_page(page: Signed, session: Read, district: str = "") -> Response:
    return _show(page, session, _district(page, session, district))


@router.get("/documents/templates/{kind}.docx")
def template(page: Signed, session: Read, kind: str, district: str = "", shipped: bool = False) -> Response:
    unit = _district(page, session, district)
    data = documents.template_file(session, page.context, unit, kind, shipped=shipped)
    return file_answer(data, "docx", KINDS[kind].zh, attachment=True)


@router.post("/documents/templates/{kind}")
def upload_template(page: Signed, session: Write, form: Uploaded, kind: str) -> Response:
    unit = _district(page, session, field(form, "district"))
    name, data = upload(form, "template")
    if not data:
        return page.go(page.link(HOME, district=unit.code), done="no_file")
    by, at = page.viewer.person_id, page.context.clock()
    try:
        documents.set_template(session, page.context, unit, kind, data, name, by=by, at=at)
    except Problem as problem:
        if problem.code != "document.template":
            raise
        return _show(page, session, unit, problem=problem.message(page.language), about=kind)
    return page.go(page.link(HOME, district=unit.code), done="template")


@router.post("/documents/templates/{kind}/drop")
def drop_template(page: Signed, session: Write, form: Posted, kind: str) -> Response:
    unit = _district(page, session, field(form, "district"))
    documents.drop_template(session, unit, kind, by=page.viewer.person_id, at=page.context.clock())
    return page.go(page.link(HOME, district=unit.code), done="template_dropped")


@router.post("/documents/head")
def set_head(page: Signed, session: Write, form: Posted) -> Response:
    unit = _district(page, session, field(form, "district"))
    given = {name: field(form, name) for name in ("issuer", "prefix", "contact")}
    documents.set_head(session, unit, **given, by=page.viewer.person_id, at=page.context.clock())
    return page.go(page.link(HOME, district=unit.code), done="head")


@router.get("/documents/{document_id}/{form}")
def document_file(page: Signed, session: Read, document_id: RowId, form: str) -> Response:
    """``form`` is pdf or docx."""
    document = documents.visible_document(session, page.viewer, document_id)
    number = documents.number_of(session, document)
    data = documents.file_of(page.context, document, form)
    return file_answer(data, form, f"{number}{KINDS[document.kind].zh}", attachment=form == "docx")


def document_links(page: SignedPage, document_id: int) -> list[tuple[str, str]]:
    """(words, address) of a document's files, for pages that list documents."""
    return [(page.t(f"document.{form}"), f"/documents/{document_id}/{form}") for form in documents.FORMATS]


def file_answer(data: bytes, form: str, name: str, *, attachment: bool = False) -> Response:
    """A made file for the browser. PDFs are shown, and like all files run nothing."""
    headers = {
        "Content-Disposition": disposition("attachment" if attachment else "inline", f"{name}.{form}"),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": SHOWN if form == "pdf" else LOCKED,
    }
    return Response(data, media_type=MEDIA[form], headers=headers)


def _district(page: SignedPage, session: ReadSession | WriteSession, code: str) -> Unit:
    project = first_project(session, page.viewer, "document.manage", code, whole=True)
    return visible_unit(session, page.viewer, project.code, "document.manage")


def _show(
    page: SignedPage, session: ReadSession | WriteSession, district: Unit, *, problem: str = "", about: str = ""
) -> Response:
    head = store.head_of(session, district.id or 0)
    issuer, prefix = default_head(district)
    return page.show(
        "documents.html",
        status=422 if problem else 200,
        district=district,
        head={name: getattr(head, name) if head else "" for name in ("issuer", "prefix", "contact")},
        default={"issuer": issuer, "prefix": prefix, "contact": ""},
        example=number_words("notice", head_words(session, district)[1], page.context.today().year, 12),
        kinds=KINDS,
        own=store.templates_of(session, district.id or 0),
        tag_words=[(f"{{{{ {chinese} }}}}", english) for english, chinese in TAGS.items()],
        line_words=[(f"{{{{ 项.{chinese} }}}}", english) for english, chinese in LINE_TAGS.items()],
        loop_words=(f"{{%tr for 项 in {TAGS['findings']} %}}", "{%tr endfor %}"),
        problem=problem,
        about=about,
    )
