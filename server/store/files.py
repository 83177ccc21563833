"""Which blobs the store names: of submissions, forms and the collector, and of what people hand in and are sent."""

from typing import Any, Final

from sqlmodel import col, select, union

from server.store.bodies import FormBody
from server.store.cases import CaseDocument, CaseFile
from server.store.db import ReadSession, WriteSession
from server.store.documents import DocumentTemplate
from server.store.forms import FormMedia, FormVersion
from server.store.submissions import Attachment

BLOBS: Final[tuple[Any, ...]] = (
    Attachment.sha256,
    FormMedia.sha256,
    FormVersion.workbook_sha256,
    FormBody.sha256,
    CaseFile.sha256,
    CaseDocument.docx_sha256,
    CaseDocument.pdf_sha256,
    DocumentTemplate.sha256,
)


def named_digests(session: ReadSession | WriteSession) -> set[str]:
    """The SHA-256 of every blob that should be there."""
    return {digest for (digest,) in session.execute(union(*(select(col(column)) for column in BLOBS))) if digest}
