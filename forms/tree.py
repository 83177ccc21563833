"""A definition's items as the tree of its instance, made once per definition, for reading and writing instances."""

from __future__ import annotations

from dataclasses import dataclass, field

from forms.definition import FormDefinition, Item


@dataclass(slots=True)
class Node:
    """A group, a repeat or, with ``item``, a question; ``children`` by local name in form order."""

    path: str
    item: Item | None = None
    repeat: bool = False
    children: dict[str, Node] = field(default_factory=dict)


_KEPT = 256
_trees: dict[int, tuple[FormDefinition, Node]] = {}


def tree_of(definition: FormDefinition) -> Node:
    """The root node of a definition's instance, kept for the last 256 definitions."""
    kept = _trees.get(id(definition))
    if kept is not None and kept[0] is definition:
        return kept[1]
    root = _build(definition)
    while len(_trees) >= _KEPT:
        _trees.pop(next(iter(_trees)), None)
    _trees[id(definition)] = (definition, root)
    return root


def _build(definition: FormDefinition) -> Node:
    root = Node(f"/{definition.root}")
    repeats = {item.repeat for item in definition.items if item.repeat}
    for item in definition.items:
        node = root
        for name in item.path.split("/")[2:]:
            path = f"{node.path}/{name}"
            node = node.children.setdefault(name, Node(path, repeat=path in repeats))
        node.item = item
    return root
