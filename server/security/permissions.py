"""Which role may do what, declared once. A role reaches the subtree of the unit at which it is held."""

from __future__ import annotations

from typing import Final

from server.problems import Problem
from server.security.viewer import Viewer

ALL: Final = frozenset({"administrator", "office", "inspector", "leading", "department", "school"})
STAFF: Final = frozenset({"administrator", "office"})

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    "unit.see": ALL,
    "card.see": ALL,
    "matrix.see": frozenset({"administrator", "office", "leading"}),
    "submission.see": ALL,
    "submission.send": frozenset({"administrator", "office", "inspector", "department", "school"}),
    "submission.review": STAFF,
    "finding.see": ALL,
    "finding.open": frozenset({"office", "inspector"}),
    "measure.propose": frozenset({"office", "leading"}),
    "measure.see_proposed": frozenset({"administrator", "office", "leading"}),
    "measure.names": frozenset({"office", "leading"}),
    "measure.see": frozenset({"administrator", "office", "leading", "school", "department"}),
    "form.see": ALL,
    "form.manage": STAFF,
    "unit.manage": STAFF,
    "person.manage": frozenset({"administrator"}),
    "scorecard.freeze": STAFF,
    "document.manage": STAFF,
    "message.manage": frozenset({"administrator"}),
    "phone.manage": STAFF | {"inspector"},
}


def reach(viewer: Viewer, action: str) -> tuple[str, ...]:
    """The unit paths below which the viewer may do ``action``; empty means nowhere."""
    return viewer.paths(PERMISSIONS[action])


def may(viewer: Viewer, action: str, path: str) -> bool:
    """True if the viewer may do ``action`` at the unit with this path."""
    return any(path.startswith(prefix) for prefix in reach(viewer, action))


def require(viewer: Viewer, action: str, path: str) -> None:
    """Raises Problem: "not_found" for a unit that the viewer may not even see, else "auth.forbidden"."""
    if may(viewer, action, path):
        return
    raise Problem("auth.forbidden" if may(viewer, "unit.see", path) else "not_found")


def require_anywhere(viewer: Viewer, action: str) -> tuple[str, ...]:
    """The viewer's reach for an action. Raises Problem("auth.forbidden") if it is nowhere."""
    paths = reach(viewer, action)
    if not paths:
        raise Problem("auth.forbidden")
    return paths
