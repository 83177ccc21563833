"""Cards and verdicts as plain JSON data: what LiveCard keeps and the pages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Any

import orjson


def plain(value: object) -> Any:
    """Dataclasses, enums, fractions and mappings as JSON data. Raises TypeError for a float: verdicts have none."""
    if isinstance(value, IntEnum):
        return int(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} has no place in a card")


def canonical(value: object) -> str:
    """Canonical JSON text: sorted keys, no blanks."""
    return orjson.dumps(plain(value), option=orjson.OPT_SORT_KEYS).decode()
