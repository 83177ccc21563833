"""XML from strangers: no document type, no entity, no network, bounded in size, depth and number of elements."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

MAX_BYTES: Final = 5 * 2**20
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 200_000


class UnsafeXmlError(ValueError):
    """XML that is not read; ``reason`` is empty, too_large, doctype or broken."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


def parse_xml(data: bytes) -> Any:
    """The root element. Raises UnsafeXmlError; comments and processing instructions are left out."""
    if len(data) > MAX_BYTES:
        raise UnsafeXmlError("too_large", str(len(data)))
    if not data.strip():
        raise UnsafeXmlError("empty")
    # A parser of its own per call: lxml's parsers serialise the threads that share them.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnsafeXmlError("broken", str(error)[:200]) from None
    if root.getroottree().docinfo.doctype:
        raise UnsafeXmlError("doctype")
    return root


def local_name(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]
