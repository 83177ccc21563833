"""A published checklist's outline, for its paper form and for keying it in."""

from __future__ import annotations

from functools import lru_cache

from forms.outline import Outline, read_outline
from server.problems import Problem
from server.services.context import Context
from server.store.forms import FormVersion


def outline_of(context: Context, version: FormVersion) -> Outline:
    """The outline of a version. Raises Problem("not_found") for one that was published without its workbook."""
    try:
        data = context.blobs.get(version.workbook_sha256)
    except KeyError:
        raise Problem("not_found") from None
    return _outline(version.workbook_sha256, data, version.workbook_name)


@lru_cache(maxsize=64)
def _outline(_digest: str, data: bytes, name: str) -> Outline:
    return read_outline(data, name)
