"""The files of numbered documents: made once of what the case says then, kept as blobs, never made anew.

A number is given out with the step (services.case_documents); the files follow within a second by the jobs, or when
somebody opens the document, whichever is first. Typesetting in the step's own transaction would hold it up.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from sqlalchemy.exc import DBAPIError

from scorecards.documents.kinds import KINDS
from scorecards.documents.notices import render_pdf
from scorecards.documents.word import TemplateProblem, check_template, render_docx, shipped_template
from server.problems import Problem
from server.security.permissions import may
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.documents.values import notice_of, number_of
from server.store import documents as store
from server.store.cases import CaseDocument
from server.store.db import ReadSession, WriteSession
from server.store.documents import AnySession, DocumentHead, DocumentTemplate
from server.store.events import record
from server.store.units import Unit

log = logging.getLogger("liangpai")
RECENT: Final = dt.timedelta(days=30)
FORMATS: Final = ("pdf", "docx")
ABOVE: Final = frozenset({"administrator", "office", "inspector", "leading"})
# What a body with authority is asked stays with whoever asks until it has decided.
INTERNAL: Final = frozenset({"proposal"})
LONGEST: Final = {"issuer": 100, "prefix": 20, "contact": 100}

__all__ = ["Problem", "file_of", "make_files", "make_waiting", "number_of", "visible_document"]


def make_files(session: WriteSession, context: Context, document: CaseDocument) -> None:
    """Make a document's files where it has none."""
    if document.pdf_sha256 or document.kind not in KINDS or document.id is None:
        return
    store.keep_files(session, document.id, **_files(session, context, document))
    session.refresh(document)


def _files(session: AnySession, context: Context, document: CaseDocument) -> dict[str, str]:
    """Typeset a document and keep the bytes; their SHA-256 by format.

    A district's template that fails does not stop the document: the shipped one is used and the log says so (it was
    checked when it was uploaded).
    """
    notice = notice_of(session, document)
    own = store.template_of(session, document.district_id, document.kind)
    try:
        word = render_docx(document.kind, notice, context.blobs.get(own.sha256) if own else None)
    except (TemplateProblem, KeyError) as problem:
        log.warning("template %s of district %d is not used: %s", document.kind, document.district_id, problem)
        word = render_docx(document.kind, notice)
    return {"docx": context.blobs.put(word), "pdf": context.blobs.put(render_pdf(document.kind, notice))}


def make_waiting(context: Context, broken: set[int] | None = None, *, most: int = 5) -> int:
    """Make the files of documents that have none yet; gives how many were made.

    Few at a time: on a small machine visits must still come in; and only recent ones: an older one without files (a
    history that was brought in) is made when somebody first asks for it. One that fails is logged and put into
    ``broken``, which whoever calls again hands over, so that it holds up no other. Typesetting holds no transaction
    open for writing.
    """
    broken = set() if broken is None else broken
    with context.database.read() as session:
        since = context.today() - RECENT
        waiting = store.without_files(session, most + len(broken), tuple(KINDS), since)
    made = 0
    for number in [number for number in waiting if number not in broken][:most]:
        try:
            _make(context, number)
            made += 1
        except Exception as error:
            if isinstance(error, DBAPIError) or (isinstance(error, Problem) and error.code == "store.unavailable"):
                raise
            log.exception("document %d could not be made", number)
            broken.add(number)
    return made


def _make(context: Context, document_id: int) -> dict[str, str]:
    """Make a document's files if it has none, and give their SHA-256: the first ones kept are the ones that count."""
    with context.database.read() as session:
        document = store.document_with_id(session, document_id)
        if document is None:
            raise Problem("not_found")
        made = {} if document.pdf_sha256 else _files(session, context, document)
    with context.database.write() as session:
        if made:
            store.keep_files(session, document_id, **made)
        kept = store.document_with_id(session, document_id)
        assert kept is not None
        return {"docx": kept.docx_sha256, "pdf": kept.pdf_sha256}


def visible_document(session: ReadSession | WriteSession, viewer: Viewer, document_id: int) -> CaseDocument:
    """A document that the viewer may read. Raises Problem("not_found").

    Those above the unit addressed read it, the unit itself whatever is addressed to it, and a school what a department
    was told about the school's own finding.
    """
    document = store.document_with_id(session, document_id)
    if document is None or document.kind not in KINDS:
        raise Problem("not_found")
    addressed = store.district_named(session, document.unit_id)
    if document.measure_id:
        return _visible_of_measure(viewer, document, addressed.path)
    if any(addressed.path.startswith(grant.path) for grant in viewer.grants if grant.role in ABOVE):
        return document
    if may(viewer, "finding.see", addressed.path):
        return document
    units = {finding.unit_id for finding in store.findings_of(session, document_id)}
    paths = [store.district_named(session, unit).path for unit in units]
    if paths and all(may(viewer, "finding.see", path) for path in paths):
        return document
    raise Problem("not_found")


def _visible_of_measure(viewer: Viewer, document: CaseDocument, path: str) -> CaseDocument:
    """A measure's document: read where the measure is seen; a proposal only by those who make or decide it."""
    if not may(viewer, "measure.see_proposed" if document.kind in INTERNAL else "measure.see", path):
        raise Problem("not_found")
    return document


def file_of(context: Context, document: CaseDocument, form: str) -> bytes:
    """The bytes of one of a document's files, made now if the jobs have not come to it. Raises Problem("not_found")."""
    if form not in FORMATS:
        raise Problem("not_found")
    digests = {"pdf": document.pdf_sha256, "docx": document.docx_sha256}
    if not document.pdf_sha256 and document.id is not None:
        digests = _make(context, document.id)
    try:
        return context.blobs.get(digests[form])
    except KeyError:
        raise Problem("not_found") from None


def set_head(
    session: WriteSession, district: Unit, *, issuer: str, prefix: str, contact: str, by: int, at: dt.datetime
) -> None:
    """Say who issues a district's documents from now on; "" brings back the default. Raises Problem("request.invalid")
    for a text that is too long or has line ends."""
    given = {"issuer": issuer.strip(), "prefix": prefix.strip(), "contact": contact.strip()}
    for name, text in given.items():
        if len(text) > LONGEST[name] or not text.isprintable():
            raise Problem("request.invalid", detail=name)
    assert district.id is not None
    store.put(session, DocumentHead(unit_id=district.id, changed_at=at, **given))
    record(session, "document.head", subject=district.code, by=by, at=at, **given)


def set_template(
    session: WriteSession,
    context: Context,
    district: Unit,
    kind: str,
    data: bytes,
    name: str,
    *,
    by: int,
    at: dt.datetime,
) -> None:
    """Replace the shipped template of a kind. Raises Problem("document.template") with what is wrong in both languages,
    and Problem("not_found") for an unknown kind."""
    if kind not in KINDS:
        raise Problem("not_found")
    try:
        check_template(kind, data)
    except TemplateProblem as problem:
        raise Problem("document.template", zh=problem.message("zh"), en=problem.message("en")) from None
    assert district.id is not None
    digest = context.blobs.put(data)
    row = DocumentTemplate(
        unit_id=district.id, kind=kind, sha256=digest, name=name[:200], uploaded_by=by, uploaded_at=at
    )
    store.put(session, row)
    record(session, "document.template", subject=district.code, by=by, at=at, kind_of=kind, sha256=digest)


def drop_template(session: WriteSession, district: Unit, kind: str, *, by: int, at: dt.datetime) -> None:
    """Go back to the shipped template of a kind."""
    if store.forget_template(session, district.id or 0, kind):
        record(session, "document.template_dropped", subject=district.code, by=by, at=at, kind_of=kind)


def template_file(session: ReadSession, context: Context, district: Unit, kind: str, *, shipped: bool) -> bytes:
    """The Word template in force for a district, or the shipped one. Raises Problem("not_found")."""
    own = None if shipped else store.template_of(session, district.id or 0, kind)
    try:
        return context.blobs.get(own.sha256) if own else shipped_template(kind)
    except KeyError:
        raise Problem("not_found") from None
