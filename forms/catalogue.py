"""The indicator catalogue: what each amount is, where it comes from, and when it is green, yellow or red.

A requirement of a policy document may need several amounts (three days of training *and* full attendance): each is
an Indicator of its own with the same ``requirement``; the requirement shows the worst of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Literal

Rule = Literal[
    "items", "ratio", "value", "count", "zero", "document", "milestone", "frequency", "decrease", "cv", "none"
]
Comparison = Literal[">=", ">", "<=", "<", "="]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A boundary as an exact fraction: ``numerator / denominator`` in the indicator's own unit (10 % is 1/10)."""

    comparison: Comparison
    numerator: int
    denominator: int = 1

    def holds(self, numerator: int, denominator: int) -> bool:
        """Compare ``numerator / denominator`` (denominator > 0) with the boundary by cross-multiplication."""
        left, right = numerator * self.denominator, self.numerator * denominator
        return {
            ">=": left >= right,
            ">": left > right,
            "<=": left <= right,
            "<": left < right,
            "=": left == right,
        }[self.comparison]

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the catalogue.

    ``rule`` says how an amount becomes a light:
      items      share of red and yellow answers among the valid ones (closed-loop D-3, L0 rule 2)
      ratio      sum of numerators / sum of denominators against ``green`` and ``yellow``
      value      one reported number against ``green`` and ``yellow``; not summed above the unit that reports it
      count      number of cases or units against ``green`` and ``yellow``
      zero       zero tolerance: one confirmed case is red (Z0)
      document   text and execution records (DOC), answered as a light
      milestone  progress against the plan (MS): ratio of done to planned by now
      frequency  times within the period against ``target`` (FQ(n))
      decrease   this period against the last one (DEC)
      cv         coefficient of variation between schools, compared squared
      none       recorded, not lit

    ``numerator``, ``denominator`` and ``where`` are expressions over the answers of one submission and the unit's
    attributes (analysis.expressions), empty where the checklist's items carry the measures; ``missing`` says whether
    an unanswered numerator leaves the denominator ("exclude") or counts as not met ("count").
    ``freshness`` is in days.
    """

    code: str
    requirement: str
    labels: Mapping[str, str]
    source: str
    clause: str = ""
    quote: str = ""
    core: bool = True
    evidence: str = ""
    kind: str = "F"
    theme: str = ""
    dimension: str = ""
    rule: Rule = "items"
    direction: str = ""
    formula: str = ""
    numerator: str = ""
    denominator: str = ""
    where: str = ""
    missing: Literal["exclude", "count"] = "exclude"
    green: Threshold | None = None
    yellow: Threshold | None = None
    target: int | None = None
    unit: str = ""
    period: str = ""
    levels: tuple[str, ...] = ("school",)
    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    freshness: int = 90
    veto: int = 0
    light_text: str = ""
    status: Literal["verified", "proposal", "unverified"] = "proposal"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A version of the catalogue; ``indicators`` by code, ``dimensions`` in display order with their labels.

    ``departments`` are the codes that ``lead`` and ``responsible`` of an indicator name, with their labels.
    """

    version: str
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    dimensions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    departments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Catalogue:
        """The inverse of ``to_json``."""
        return cls(
            data["version"],
            {code: indicator_from_json(row) for code, row in data["indicators"].items()},
            data["dimensions"],
            data["sources"],
            data.get("departments", {}),
        )


def indicator_from_json(row: Mapping[str, Any]) -> Indicator:
    """One indicator from plain JSON data."""
    changed: dict[str, Any] = {key: tuple(row[key]) for key in ("levels", "lead", "responsible")}
    changed |= {key: Threshold(**row[key]) if row[key] else None for key in ("green", "yellow")}
    return Indicator(**{**row, **changed})
