"""The bodies that the web collector opens: each version transformed once, at its publication, and kept in the store."""

from __future__ import annotations

import gzip
import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from forms.definition import FormDefinition
from forms.transform import EDITION, TransformError, transform
from server.problems import Problem
from server.services.context import Context
from server.services.reference import definition_of, in_force
from server.services.units.unit_lists import LISTS
from server.store import bodies, forms
from server.store.bodies import FormBody
from server.store.db import ReadSession, WriteSession, give_back
from server.store.forms import FormMedia, FormVersion

KEPT: Final = 64
IN_THE_MODEL: Final = (".csv", ".geojson", ".xml")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Body:
    """A form's body as JSON, compressed with gzip, its hash, and the files whose rows the phone has to bring."""

    hash: str
    compressed: bytes
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a form cannot be opened in the web collector."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class _Source:
    """All that a body is made of; ``key`` is its SHA-256."""

    version: FormVersion
    files: list[FormMedia]
    zero: set[str]
    days: dict[int, int]
    key: str


class CollectorForms:
    """The bodies of all projects' forms; one a process, safe to share between threads.

    A body depends on the version, the lists beside it and the rules in force; while those stay, so does its hash. The
    store keeps what was made, whichever process made it; a form that cannot be opened is tried again by each process.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: OrderedDict[str, Body | Unfit] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def body(self, session: ReadSession, project_id: int, version: FormVersion) -> Body:
        """The body of one version, made now where none was kept. Raises Problem("form.not_for_collector").

        ``session`` reads, and holds nothing that it has not read: to make a body its connection is given back.
        """
        source = _source(session, project_id, version)
        found = self._remembered(source.key) or self._remember(source.key, self._read(session, source.key))
        if found is None:
            give_back(session)
            found = self._make_once(source)
        if isinstance(found, Unfit):
            form = definition_of(version).form_id
            raise Problem("form.not_for_collector", form=form, detail_zh=found.zh, detail_en=found.en)
        return found

    def problem(self, session: ReadSession, project_id: int, version: FormVersion) -> Problem | None:
        """Why a version cannot be opened in the web collector, None if it can."""
        try:
            self.body(session, project_id, version)
        except Problem as problem:
            return problem
        return None

    def prepare(self, project_id: int) -> None:
        """Make and keep the bodies of a project's current versions, as far as they are not kept.

        Called after something was published or loaded, when its transaction has ended: no writer waits meanwhile.
        """
        with self._context.database.read() as session:
            current = [forms.current_version(session, form) for form in forms.forms_of(session, project_id)]
        for version in current:
            if version is not None:
                with self._context.database.read() as session:
                    self.problem(session, project_id, version)

    def _make_once(self, source: _Source) -> Body | Unfit:
        """One thread makes what others wait for."""
        with self._making:
            found = self._remembered(source.key)
            if found is None:
                found = self._make(source)
                if isinstance(found, Body):
                    self._keep(source, found)
                self._remember(source.key, found)
        return found

    def _make(self, source: _Source) -> Body | Unfit:
        lists = {row.name: self._context.blobs.get(row.sha256) for row in source.files}
        body = transformed(
            source.version.xform, definition_of(source.version), lists, zero_tolerance=source.zero, days=source.days
        )
        if isinstance(body, Unfit):
            return body
        lists_needed = tuple(entry["file"] for entry in body["lists"])
        return Body(body["hash"], gzip.compress(orjson.dumps(body), 6, mtime=0), lists_needed)

    def _keep(self, source: _Source, body: Body) -> None:
        """Keep a body for other processes and later ones. Where the store refuses, phones are served all the same."""
        assert source.version.id is not None
        try:
            row = FormBody(
                key=source.key,
                version_id=source.version.id,
                hash=body.hash,
                sha256=self._context.blobs.put(body.compressed),
                lists=orjson.dumps(body.lists).decode(),
                made_at=self._context.clock(),
            )
            with self._context.database.write() as session:
                bodies.keep_body(session, row)
        except (Problem, OSError) as error:
            log.warning("a form's body was not kept: %s", error)

    def _read(self, session: ReadSession, key: str) -> Body | None:
        """What the store keeps; None too where its blob is gone, which is then made anew."""
        row = bodies.body_with_key(session, key)
        try:
            return row and Body(row.hash, self._context.blobs.get(row.sha256), tuple(orjson.loads(row.lists)))
        except KeyError:
            return None

    def _remembered(self, key: str) -> Body | Unfit | None:
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def _remember(self, key: str, found: Body | Unfit | None) -> Body | Unfit | None:
        if found is not None:
            with self._lock:
                self._known[key] = found
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return found


def transformed(
    xform: bytes, definition: FormDefinition, lists: Mapping[str, bytes], **rules: Any
) -> dict[str, Any] | Unfit:
    """``forms.transform``'s body, or why there is none. Never raises: one form keeps no others from their phones."""
    try:
        return transform(xform, definition, lists, given=[name for name in LISTS if name not in lists], **rules)
    except TransformError as error:
        return Unfit(error.zh, error.en)
    except Exception:
        log.exception("the form %s could not be transformed", definition.form_id)
        return Unfit("服务器转换表单时出错，详见日志。", "The server failed to transform the form; its log says more.")


def _source(session: ReadSession, project_id: int, version: FormVersion) -> _Source:
    assert version.id is not None
    media = forms.media_of(session, version.id)
    files = [row for row in media if row.name.lower().endswith(IN_THE_MODEL)]
    zero, days = _rules(session, project_id)
    named = [(row.name, row.sha256) for row in files]
    made_of = [EDITION, version.id, version.xform_md5, named, list(LISTS), sorted(zero), sorted(days.items())]
    return _Source(version, files, zero, days, hashlib.sha256(orjson.dumps(made_of)).hexdigest())


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
