"""Cards and verdicts as plain JSON data: what LiveCard keeps and the pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def contents(card: DataclassInstance) -> dict[str, Any]:
    """A dataclass's fields by name, their values as they are."""
    return {field.name: getattr(card, field.name) for field in fields(card)}


def canonical(value: object) -> str:
    """Canonical JSON text of dataclasses, enums, fractions and mappings: sorted keys, no blanks."""
    return orjson.dumps(value, default=_other, option=_OPTIONS).decode()


def _other(value: object) -> Any:
    """What orjson does not know by itself. Raises TypeError for anything that has no place in a card."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a card")
