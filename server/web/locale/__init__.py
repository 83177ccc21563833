"""Every word that a page shows, in Chinese and English. A template holds no words of its own, only keys.

Each module beside this one covers a group of pages with ``TEXTS``: key -> (Chinese, English).
"""

from __future__ import annotations

from typing import Final

from server.web.locale import (
    checklists,
    common,
    devices,
    documents,
    ledgers,
    lights,
    manage,
    measures,
    messages,
    rectify,
    units,
    work,
)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **common.TEXTS,
    **lights.TEXTS,
    **units.TEXTS,
    **work.TEXTS,
    **checklists.TEXTS,
    **manage.TEXTS,
    **devices.TEXTS,
    **documents.TEXTS,
    **ledgers.TEXTS,
    **messages.TEXTS,
    **rectify.TEXTS,
    **measures.TEXTS,
}


def text(language: str, key: str, **values: object) -> str:
    """The words for a key, ``{names}`` filled in. Raises KeyError for a key that is in no catalogue."""
    words = TEXTS[key][1 if language == "en" else 0]
    return words.format(**values) if values else words


def has_text(key: str) -> bool:
    """True if the key is in a catalogue."""
    return key in TEXTS
