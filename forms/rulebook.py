"""The rulebook: the parameters of every rule that turns lights into verdicts, as data with identifiers.

The rules themselves are code in ``scorecards``; every number they use stands here, is versioned, and is named in the
explanation of a light by its rule's identifier (closed-loop D-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: identifier (``L1.school.red.dimensions``), sentence in two languages, its parameters, its source."""

    id: str
    labels: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    status: str = "proposal"

    def number(self, name: str) -> int:
        """A whole-number parameter. Raises KeyError or ValueError where it is missing or no whole number."""
        return int(self.parameters[name])

    def fraction(self, name: str) -> Fraction:
        """A share such as ``30%``, ``3/10`` or ``0.3`` as an exact fraction."""
        return share_of(self.parameters[name])


@lru_cache(maxsize=1024)
def share_of(text: str) -> Fraction:
    """``30%``, ``3/10`` or ``0.3`` as an exact fraction. Raises ValueError for anything else."""
    text = text.strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A version of the rulebook, rules by identifier."""

    version: str
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rulebook:
        """The inverse of ``to_json``."""
        return cls(data["version"], {rule_id: Rule(**rule) for rule_id, rule in data["rules"].items()})
