"""Which blobs the store names: attachments, workbooks and the files beside forms."""

from sqlmodel import col, select, union

from server.store.db import ReadSession, WriteSession
from server.store.forms import FormMedia, FormVersion
from server.store.submissions import Attachment


def named_digests(session: ReadSession | WriteSession) -> set[str]:
    """The SHA-256 of every blob that should be there."""
    columns = (col(Attachment.sha256), col(FormMedia.sha256), col(FormVersion.workbook_sha256))
    return {digest for (digest,) in session.execute(union(*(select(column) for column in columns))) if digest}
