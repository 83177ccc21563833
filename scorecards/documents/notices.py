"""Notices as PDF, set by typst with the look of a Chinese official document (GB/T 9704)."""

from __future__ import annotations

from scorecards.documents.compose import compose
from scorecards.documents.model import Notice
from scorecards.documents.press import typeset


def render_pdf(kind: str, notice: Notice) -> bytes:
    """The notice as PDF. Raises KeyError for a kind that scorecards.documents.kinds does not know."""
    return typeset("notice", compose(kind, notice), on=notice.issued_on)
