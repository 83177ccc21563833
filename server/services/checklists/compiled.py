"""Published forms and their catalogue, kept ready: no submission waits for JSON to be read again.

A version's definition and a catalogue's content never change, so they are kept for good; which versions are open and
which catalogue is in force may change, so that is asked anew after ``FRESH`` seconds.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

import orjson

from forms.catalogue import Catalogue
from forms.definition import FormDefinition
from server.problems import Problem
from server.services.kept import Fresh, NotKept
from server.store import forms
from server.store.db import Database, ReadSession

FRESH: Final = 5.0
NO_CATALOGUE: Final = Catalogue("")


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """One version of one form, ready to map submissions; ``open`` is false once it takes no more of them."""

    version_id: int
    form_pk: int
    form_id: str
    version: str
    open: bool
    definition: FormDefinition
    catalogue: Catalogue


class CompiledForms:
    """The forms of all projects. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fresh: Fresh[tuple[int, str, str], CompiledForm] = Fresh(FRESH)
        self._definitions: dict[int, FormDefinition] = {}
        self._catalogues: dict[int, Catalogue] = {}
        self._lock = threading.Lock()

    def find(self, project_id: int, form_id: str, version: str, *, may_wait: bool = True) -> CompiledForm:
        """A version that was published once. Raises Problem("submission.form_unknown"), NotKept."""
        key = (project_id, form_id, version)
        kept = self._fresh.get(key)
        if kept is not None:
            return kept
        if not may_wait:
            raise NotKept
        with self._lock, self._database.read() as session:
            found = self._load(session, *key)
        self._fresh.put(key, found)
        return found

    def _load(self, session: ReadSession, project_id: int, form_id: str, version: str) -> CompiledForm:
        form = forms.form_of(session, project_id, form_id)
        row = forms.version_of(session, form.id, version) if form and form.id else None
        if row is None or row.id is None or row.state == "draft":
            raise Problem("submission.form_unknown", form=form_id, version=version or "-")
        if row.id not in self._definitions:
            self._definitions[row.id] = FormDefinition.from_json(orjson.loads(row.definition))
        return CompiledForm(
            version_id=row.id,
            form_pk=row.form_pk,
            form_id=form_id,
            version=version,
            open=row.state == "published",
            definition=self._definitions[row.id],
            catalogue=self._catalogue(session, project_id),
        )

    def _catalogue(self, session: ReadSession, project_id: int) -> Catalogue:
        reference = forms.current_reference(session, project_id, "catalogue")
        if reference is None or reference.id is None:
            return NO_CATALOGUE
        if reference.id not in self._catalogues:
            self._catalogues[reference.id] = Catalogue.from_json(orjson.loads(reference.content))
        return self._catalogues[reference.id]
