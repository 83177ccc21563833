"""Where a numbered document of a matter is downloaded."""

from __future__ import annotations

from server.store.cases import CaseDocument


def document_links(document: CaseDocument) -> list[tuple[str, str]]:
    """(words, address) of a document's files."""
    return [("PDF", f"/documents/{document.id}.pdf"), ("Word", f"/documents/{document.id}.docx")]
