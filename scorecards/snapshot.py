"""A quarter frozen: everything its cards rest on, as canonical JSON that anyone can hash and recompute.

Canonical means: UTF-8, keys sorted, no blanks, no floats, one newline at the end. The same content always gives the
same bytes, so one SHA-256 stands for a whole quarter.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Any, Final

from forms.catalogue import Catalogue
from forms.meaning import quarter_bounds
from forms.rulebook import Rulebook
from scorecards.explain import Explanation
from scorecards.verdict import IndicatorValue

FORMAT: Final = "liangpai.snapshot/1"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ABSENT: Final = "(absent)"


class NotCanonical(TypeError):
    """Something that has no place in a snapshot: a float, a key that is no text, an unknown type."""


class NotASnapshot(ValueError):
    """Bytes that are no snapshot of this format, or not in canonical form."""


@dataclass(frozen=True, slots=True)
class Source:
    """One submission the quarter rests on: its instanceID and the SHA-256 of its XML."""

    instance_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a snapshot and its recomputation disagree; ``place`` is a path such as ``cards/12/light``."""

    place: str
    frozen: str
    recomputed: str


def freeze(
    quarter: int,
    *,
    as_of: dt.date,
    explanations: Iterable[Explanation],
    values: Iterable[IndicatorValue],
    catalogue: Catalogue,
    rulebook: Rulebook,
    submissions: Iterable[Source],
    extra: Mapping[str, Any] | None = None,
) -> bytes:
    """The canonical bytes of a quarter. The order in which things are given does not matter.

    ``extra`` takes further plain data (names of units, the district). Raises NotCanonical for a float anywhere,
    ValueError for a quarter that is none, a hash that is none, or two explanations of one subject.
    """
    quarter_bounds(quarter)
    cards: dict[str, Any] = {}
    for entry in explanations:
        key = f"{entry.kind}/{entry.subject}"
        if key in cards:
            raise ValueError(f"two explanations of {key}")
        cards[key] = entry.to_json()
    listed = sorted(submissions, key=lambda source: (source.instance_id, source.sha256))
    if wrong := [source.instance_id for source in listed if not _SHA256.fullmatch(source.sha256)]:
        raise ValueError(f"no SHA-256 of submission {wrong[0]}")
    return canonical(
        {
            "format": FORMAT,
            "quarter": quarter,
            "as_of": as_of.isoformat(),
            "catalogue": {"version": catalogue.version, "sha256": content_hash(catalogue.to_json())},
            "rulebook": {"version": rulebook.version, "sha256": content_hash(rulebook.to_json())},
            "submissions": [[source.instance_id, source.sha256] for source in listed],
            "values": sorted((_value(value) for value in values), key=lambda row: (row["unit"], row["indicator"])),
            "cards": cards,
            "extra": dict(extra or {}),
        }
    )


def sha256(data: bytes) -> str:
    """The SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def content_hash(value: Any) -> str:
    """The SHA-256 of any plain data in canonical form: the name of a catalogue's or rulebook's exact content."""
    return sha256(canonical(value))


def canonical(value: Any) -> bytes:
    """Plain data as canonical JSON. Raises NotCanonical for floats and whatever else JSON could write in two ways."""
    plain = _plain(value, "")
    return (json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read(data: bytes) -> dict[str, Any]:
    """A snapshot's content. Raises NotASnapshot unless the bytes are one, in canonical form."""
    try:
        content = json.loads(data, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, NotCanonical) as error:
        raise NotASnapshot(f"not readable as a snapshot: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise NotASnapshot(f"not of format {FORMAT}")
    if canonical(content) != data:
        raise NotASnapshot("not in canonical form")
    return content


def verify(snapshot: bytes, recomputed: bytes, *, most: int = 1000) -> list[Difference]:
    """Where a snapshot and its recomputation differ, at most ``most`` places; empty where they agree byte for byte.

    Raises NotASnapshot if either is none.
    """
    found: list[Difference] = []
    if snapshot != recomputed:
        _compare(read(snapshot), read(recomputed), "", found, most)
    else:
        read(snapshot)
    return found


def _compare(frozen: Any, now: Any, place: str, found: list[Difference], most: int) -> None:
    if frozen == now or len(found) >= most:
        return
    if isinstance(frozen, dict) and isinstance(now, dict):
        for key in sorted(frozen.keys() | now.keys()):
            _compare(frozen.get(key, _ABSENT), now.get(key, _ABSENT), _below(place, key), found, most)
    elif isinstance(frozen, list) and isinstance(now, list):
        for number in range(max(len(frozen), len(now))):
            _compare(_at(frozen, number), _at(now, number), _below(place, str(number)), found, most)
    else:
        found.append(Difference(place, _short(frozen), _short(now)))


def _at(listed: Sequence[Any], number: int) -> Any:
    return listed[number] if number < len(listed) else _ABSENT


def _below(place: str, key: str) -> str:
    return f"{place}/{key}" if place else key


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 200 else text[:199] + "…"


def _value(value: IndicatorValue) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _refuse(text: str) -> Any:
    raise NotCanonical(f"{text} is a float")


def _plain(value: Any, place: str) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, IntEnum | int):
        return int(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), _below(place, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise NotCanonical(f"the key {wrong[0]!r} at {place or 'the top'} is no text")
        return {key: _plain(entry, _below(place, key)) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry, _below(place, str(number))) for number, entry in enumerate(value)]
    raise NotCanonical(f"{type(value).__name__} at {place or 'the top'} has no place in a snapshot")
