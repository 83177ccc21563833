"""The catalogue and rulebook in force in a project, and the definitions of its forms, read once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import orjson
from sqlmodel import col, select

from forms.catalogue import Catalogue
from forms.definition import FormDefinition
from forms.rulebook import Rulebook
from server.problems import Problem
from server.store.db import ReadSession, WriteSession
from server.store.forms import Form, FormVersion, Project, ReferenceSum, current_sum, reference_content, sum_of
from server.store.units import Unit


@dataclass(frozen=True)
class InForce:
    """What a project is judged by: catalogue, rulebook and their SHA-256; ``path`` is the project's subtree."""

    project_id: int
    path: str
    catalogue: Catalogue
    rulebook: Rulebook
    catalogue_sha256: str
    rulebook_sha256: str


_KEPT: Final = 16  # versions of catalogues and rulebooks that stay read; they weigh megabytes and seldom change
Content = TypeVar("Content", Catalogue, Rulebook)
_catalogues: dict[str, Catalogue] = {}
_rulebooks: dict[str, Rulebook] = {}


def _read(
    session: ReadSession | WriteSession, kept: dict[str, Content], kind: type[Content], row: ReferenceSum
) -> Content:
    """The content of a version, from memory if it was read before."""
    found = kept.get(row.sha256)
    if found is None:
        found = kind.from_json(orjson.loads(reference_content(session, row.id)))
        if len(kept) >= _KEPT:
            kept.pop(next(iter(kept)))
        kept[row.sha256] = found
    return found


@lru_cache(maxsize=512)
def _definition(version_id: int, content: str) -> FormDefinition:
    return FormDefinition.from_json(orjson.loads(content))


def in_force(session: ReadSession | WriteSession, project_id: int) -> InForce:
    """What a project is judged by. Raises Problem("catalogue.missing") before both are loaded."""
    catalogue = current_sum(session, project_id, "catalogue")
    rulebook = current_sum(session, project_id, "rulebook")
    if catalogue is None or rulebook is None:
        raise Problem("catalogue.missing")
    return _force(session, project_id, catalogue, rulebook)


def _force(
    session: ReadSession | WriteSession, project_id: int, catalogue: ReferenceSum, rulebook: ReferenceSum
) -> InForce:
    path = session.exec(
        select(Unit.path).join(Project, col(Project.unit_id) == Unit.id).where(col(Project.id) == project_id)
    ).one()
    return InForce(
        project_id,
        path,
        _read(session, _catalogues, Catalogue, catalogue),
        _read(session, _rulebooks, Rulebook, rulebook),
        catalogue.sha256,
        rulebook.sha256,
    )


def as_it_was(
    session: ReadSession | WriteSession, project_id: int, catalogue_sha256: str, rulebook_sha256: str
) -> InForce:
    """What a project was judged by, from the versions kept. Raises Problem("catalogue.missing") if one is gone."""
    catalogue = sum_of(session, project_id, "catalogue", catalogue_sha256)
    rulebook = sum_of(session, project_id, "rulebook", rulebook_sha256)
    if catalogue is None or rulebook is None:
        raise Problem("catalogue.missing")
    return _force(session, project_id, catalogue, rulebook)


def definition_of(version: FormVersion) -> FormDefinition:
    """The definition of a form version."""
    assert version.id is not None
    return _definition(version.id, version.definition)


def definition_from(version_id: int, content: str) -> FormDefinition:
    """The definition of a form version whose JSON is at hand."""
    return _definition(version_id, content)


def definitions(session: ReadSession | WriteSession, version_ids: frozenset[int]) -> dict[int, FormDefinition]:
    """The definitions of these form versions."""
    found = session.exec(select(FormVersion).where(col(FormVersion.id).in_(sorted(version_ids)))) if version_ids else ()
    return {version.id: definition_of(version) for version in found if version.id is not None}


def regular_versions(session: ReadSession | WriteSession, project_id: int) -> frozenset[int]:
    """The current versions of the project's regular checklists: what every school is expected to be seen for."""
    query = select(Form.current_id).where(
        col(Form.project_id) == project_id, col(Form.kind) == "regular", col(Form.current_id).is_not(None)
    )
    return frozenset(version for version in session.exec(query) if version is not None)
