"""Writes an instance of a form: what a phone would send, from a flat dict of answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from forms.definition import FormDefinition
from forms.tree import Node, tree_of

Value = str | Sequence[Mapping[str, "Value"]]

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def build_instance(
    definition: FormDefinition,
    values: Mapping[str, Value],
    *,
    instance_id: str,
    deprecated_id: str = "",
    instance_name: str = "",
    version: str | None = None,
) -> bytes:
    """Instance XML (UTF-8) with every node in form order.

    ``values`` maps item names to text, and a repeat's name to a list of such mappings, one per entry; a repeat without
    a value has no entry. ``version`` None means the definition's. Raises ValueError for a name that the form lacks
    and for characters that XML forbids.
    """
    root = tree_of(definition)
    shown = definition.version if version is None else version
    meta = f"<orx:instanceID>{_text(instance_id)}</orx:instanceID>"
    if deprecated_id:
        meta += f"<orx:deprecatedID>{_text(deprecated_id)}</orx:deprecatedID>"
    if instance_name:
        meta += f"<orx:instanceName>{_text(instance_name)}</orx:instanceName>"
    used: set[str] = set()
    pieces = [
        f"<?xml version='1.0' encoding='UTF-8'?>\n<{definition.root} id={quoteattr(definition.form_id)}"
        f' version={quoteattr(shown)} xmlns:orx="http://openrosa.org/xforms">'
    ]
    for name, child in root.children.items():
        if name == "meta":
            meta += "".join(_nodes(grandchild, key, values, used) for key, grandchild in child.children.items())
        else:
            pieces.append(_nodes(child, name, values, used))
    _all_used(values, used)
    pieces.append(f"<orx:meta>{meta}</orx:meta></{definition.root}>")
    return "".join(pieces).encode()


def _nodes(node: Node, name: str, values: Mapping[str, Value], used: set[str]) -> str:
    if node.repeat:
        entries = values.get(name, ())
        used.add(name)
        if isinstance(entries, str):
            raise ValueError(f"{name} is a repeat: give a list of its entries")
        return "".join(_entry(node, name, entry) for entry in entries)
    if node.children:
        inner = "".join(_nodes(child, key, values, used) for key, child in node.children.items())
        return f"<{name}>{inner}</{name}>"
    value = values.get(name, "")
    used.add(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no repeat: give its answer as text")
    return f"<{name}>{_text(value)}</{name}>" if value else f"<{name}/>"


def _entry(node: Node, name: str, entry: Mapping[str, Value]) -> str:
    used: set[str] = set()
    inner = "".join(_nodes(child, key, entry, used) for key, child in node.children.items())
    _all_used(entry, used)
    return f"<{name}>{inner}</{name}>"


def _all_used(values: Mapping[str, Value], used: set[str]) -> None:
    if unknown := sorted(set(values) - used):
        raise ValueError(f"the form has no item {', '.join(unknown)} here")


def _text(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise ValueError("the answer holds a character that XML forbids")
    return escape(value, {"\r": "&#13;"})
