"""The bodies that the web collector opens: each version of a form transformed once and kept, as it goes to phones."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import orjson

from forms.transform import TransformError, transform
from server.problems import Problem
from server.services.context import Context
from server.services.reference import definition_of, in_force
from server.services.unit_lists import LISTS
from server.store import forms
from server.store.db import ReadSession, WriteSession
from server.store.forms import FormMedia, FormVersion

KEPT: Final = 64
IN_THE_MODEL: Final = (".csv", ".geojson", ".xml")


@dataclass(frozen=True, slots=True)
class Body:
    """A form's body as JSON, compressed with gzip, its hash, and the files whose rows the phone has to bring."""

    hash: str
    compressed: bytes
    lists: tuple[str, ...] = ()


class CollectorForms:
    """The bodies of all projects' forms; one a process, safe to share between threads.

    A body depends on the version, the lists beside it and the rules in force; while those stay, so does its hash.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: OrderedDict[str, Body] = OrderedDict()
        self._lock = threading.Lock()

    def body(self, session: ReadSession | WriteSession, project_id: int, version: FormVersion) -> Body:
        """The body of one version. Raises Problem("form.not_for_collector")."""
        assert version.id is not None
        media = forms.media_of(session, version.id)
        zero, days = _rules(session, project_id)
        key = hashlib.sha256(
            orjson.dumps(
                [version.id, version.xform_md5, [(row.name, row.sha256) for row in media], sorted(zero), days],
                option=orjson.OPT_NON_STR_KEYS,
            )
        ).hexdigest()
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = self._make(version, media, zero, days)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
        return found

    def _make(self, version: FormVersion, media: list[FormMedia], zero: set[str], days: dict[int, int]) -> Body:
        lists = {
            row.name: self._context.blobs.get(row.sha256) for row in media if row.name.lower().endswith(IN_THE_MODEL)
        }
        definition = definition_of(version)
        try:
            body = transform(
                version.xform,
                definition,
                lists,
                given=[name for name in LISTS if name not in lists],
                zero_tolerance=zero,
                days=days,
            )
        except TransformError as error:
            raise Problem("form.not_for_collector", form=definition.form_id, detail=str(error)) from error
        lists_needed = tuple(entry["file"] for entry in body["lists"])
        return Body(body["hash"], gzip.compress(orjson.dumps(body), 6, mtime=0), lists_needed)


def files_beside(session: ReadSession | WriteSession, version: FormVersion) -> list[FormMedia]:
    """The pictures and sounds beside a version: what its body does not hold already."""
    assert version.id is not None
    return [row for row in forms.media_of(session, version.id) if not row.name.lower().endswith(IN_THE_MODEL)]


def _rules(session: ReadSession | WriteSession, project_id: int) -> tuple[set[str], dict[int, int]]:
    """Indicators that tolerate no case, and days to rectify by severity; nothing where no rules are loaded yet."""
    try:
        rules = in_force(session, project_id)
    except Problem:
        return set(), {}
    zero = {code for code, indicator in rules.catalogue.indicators.items() if indicator.rule == "zero"}
    days = {severity: rules.rulebook[f"S{severity}"].number("days") for severity in (1, 2, 3, 4)}
    return zero, days
