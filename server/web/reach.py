"""Finding what a page is about, only where the viewer may see it: everything else is "not found"."""

from __future__ import annotations

from typing import Any

from server.problems import Problem
from server.security.permissions import may, reach, require
from server.security.viewer import Viewer
from server.store.db import ReadSession, WriteSession
from server.store.reading import lights as reading
from server.store.units import Unit


def visible_unit(
    session: ReadSession | WriteSession, viewer: Viewer, code: str, action: str = "card.see", *, whole: bool = False
) -> Unit:
    """The unit with this code. Raises Problem: "not_found" for a stranger's, "auth.forbidden" without the right.

    A school group is seen by whoever may see one of its members, except as a ``whole``, with every member's light.
    """
    unit = reading.unit_with_code(session, code)
    if unit is None or unit.id is None:
        raise Problem("not_found")
    if unit.kind == "group" and not may(viewer, action, unit.path):
        if not whole and any(may(viewer, action, path) for path in reading.members_of(session, unit.id)):
            return unit
        raise Problem("not_found")
    require(viewer, action, unit.path)
    return unit


def project_around(session: ReadSession | WriteSession, unit: Unit) -> Any:
    """(id, code, name, name_en, path) of the project that a unit belongs to. Raises Problem("not_found")."""
    found = [row for row in reading.projects_within(session, [unit.path]) if unit.path.startswith(row.path)]
    if not found:
        raise Problem("not_found")
    return max(found, key=lambda row: len(row.path))


def first_project(
    session: ReadSession | WriteSession, viewer: Viewer, action: str, district: str = "", *, whole: bool = False
) -> Any:
    """The project named, or the first in reach of an action. Raises Problem: auth.forbidden, not_found.

    ``whole`` asks that the project itself lies in reach: one town's office changes nothing for the whole district.
    """
    paths = reach(viewer, action)
    if not paths:
        raise Problem("auth.forbidden")
    found = [row for row in reading.projects_within(session, paths) if not district or row.code == district]
    if not found:
        raise Problem("not_found")
    inside = [row for row in found if row.path.startswith(paths)] if whole else found
    if not inside:
        raise Problem("auth.forbidden")
    return inside[0]
