"""What the navigation offers to whom, and where each role starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from server.security.permissions import PERMISSIONS
from server.security.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the navigation: the key of its words, its path, the roles that see it, and with what the paths of its
    further pages begin, where that is not its own path."""

    key: str
    path: str
    roles: frozenset[str]
    holds: tuple[str, ...] | None = None

    def is_current(self, path: str) -> bool:
        """True where a page belongs to this place."""
        return path == self.path or path.startswith((f"{self.path}/",) if self.holds is None else self.holds)


LEDGER: Final = "/ledgers/rectification"
ENTRIES: Final = (
    # A unit's own page belongs to the lights, not to the list of units.
    Entry("nav.matrix", "/matrix", PERMISSIONS["matrix.see"], ("/units/",)),
    Entry("nav.inspector", "/inspector", frozenset({"inspector"})),
    Entry("nav.desk", "/desk", frozenset({"school", "department", "inspector", "office", "leading"})),
    Entry("nav.collect", "/collect/", frozenset({"inspector"})),
    Entry("nav.school", "/school", frozenset({"school"})),
    Entry("nav.department", "/department", frozenset({"department"})),
    Entry("nav.submissions", "/submissions", PERMISSIONS["submission.see"]),
    Entry("ledgers.rectification", LEDGER, PERMISSIONS["finding.see"], ("/ledgers/", "/findings/", "/measures/")),
    Entry("nav.checklists", "/checklists", PERMISSIONS["form.see"]),
    Entry("nav.phones", "/phones", PERMISSIONS["phone.manage"]),
    Entry("nav.units", "/units", PERMISSIONS["unit.manage"], ()),
    Entry("nav.people", "/people", PERMISSIONS["person.manage"]),
    Entry("nav.deliveries", "/deliveries", PERMISSIONS["message.manage"]),
)


def navigation(viewer: Viewer) -> tuple[Entry, ...]:
    """The places this viewer may go to."""
    return tuple(entry for entry in ENTRIES if entry.roles & viewer.roles)


def home(viewer: Viewer) -> str:
    """Where the viewer starts: the first place of the navigation."""
    return next((entry.path for entry in navigation(viewer)), "/submissions")
