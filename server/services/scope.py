"""From a unit's code to the unit that the viewer may look at, and the project that judges it."""

from __future__ import annotations

from dataclasses import dataclass

from forms.meaning import parse_quarter
from server.problems import Problem
from server.security.permissions import require
from server.security.viewer import Viewer
from server.store.db import ReadSession, WriteSession
from server.store.forms import project_paths
from server.store.units import Unit, unit_by_code


@dataclass(frozen=True, slots=True)
class Judged:
    """A unit and the project whose catalogue and rulebook judge it."""

    unit: Unit
    project_id: int


def judged_unit(session: ReadSession | WriteSession, viewer: Viewer, code: str, action: str = "card.see") -> Judged:
    """The unit with this code. Raises Problem("not_found") where the viewer may not see it or no project holds it."""
    unit = unit_by_code(session, code)
    if unit is None:
        raise Problem("not_found")
    require(viewer, action, unit.path)
    return Judged(unit, project_of(session, unit.path))


def project_of(session: ReadSession | WriteSession, path: str) -> int:
    """The project nearest above a unit's path. Raises Problem("not_found") where there is none."""
    homes = [(len(home), project) for project, home in project_paths(session).items() if path.startswith(home)]
    if not homes:
        raise Problem("not_found")
    return max(homes)[1]


def quarter_named(text: str) -> int:
    """``2026Q4`` as 20264. Raises Problem("quarter.invalid")."""
    try:
        return parse_quarter(text)
    except ValueError as error:
        raise Problem("quarter.invalid", text=text) from error
