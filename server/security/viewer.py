"""Who is asking: a person, the roles held, and the parts of the tree that each role reaches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a unit; ``path`` is that unit's path, and a unit is reached if its path begins with it."""

    role: str
    unit_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person. ``session_token`` is "" where no browser session exists (phone, Basic)."""

    person_id: int
    login: str
    name: str
    language: str = "zh"
    grants: tuple[Grant, ...] = ()
    session_token: str = ""

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def paths(self, roles: frozenset[str]) -> tuple[str, ...]:
        """The subtrees in which one of these roles is held."""
        return tuple(sorted({grant.path for grant in self.grants if grant.role in roles}))
