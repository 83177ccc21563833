"""What crosses the wire of /api; numbers of verdicts are integers, fractions are text."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Health(BaseModel):
    """Whether the server can answer and its store is at the newest migration."""

    status: str
    migration: str


class Card(BaseModel):
    """A unit's live card. Lights: 0 not applicable, 1 green, 2 yellow, 3 red, 4 grey."""

    unit: str
    name: str
    kind: str
    quarter: str
    light: int
    managed_as: int
    score: int | None
    dimensions: dict[str, int]
    computed_at: str


class CardPage(BaseModel):
    """The cards of a quarter that the caller may see, by unit code."""

    quarter: str
    cards: list[Card]


class WholeCard(Card):
    """A card with everything that decided it: checks, dimensions, indicators, record, versions."""

    content: dict[str, Any]


class Told(BaseModel):
    """An explanation as data and as sentences."""

    sentences: list[str]
    explanation: dict[str, Any]


class FindingOut(BaseModel):
    """A finding. ``severity`` 1-4 is S1-S4, ``route`` 1-4 R1-R4, ``days`` working days (natural days for S4)."""

    code: str
    unit: str
    title: str
    fact: str
    indicators: list[str]
    severity: int
    route: int
    days: int
    found_on: str
    due_on: str
    closed_on: str | None
    state: str


class FindingPage(BaseModel):
    """Findings, newest first."""

    findings: list[FindingOut]


class Me(BaseModel):
    """Who is asking."""

    login: str
    name: str
    roles: list[str]
