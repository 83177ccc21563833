"""A unit's page: its lights, where they come from, what is to be done, and who has been there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from forms.catalogue import Catalogue
from forms.meaning import SCALE, Light, quarter_of
from scorecards.verdict import fixed_text
from server.problems import Problem
from server.services.reference import in_force
from server.store.db import ReadSession
from server.store.reading import ledgers as reading_ledgers
from server.store.reading import lights as reading
from server.store.reading import work as reading_work
from server.store.units import Unit
from server.web.reach import project_around
from server.web.scorecard.matrix_view import GRAVITY, UnitRow, unit_row


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator on a unit's page; ``share`` is a percentage with one decimal for reading only."""

    code: str
    labels: Mapping[str, str]
    source: str
    light: int
    amount: str
    share: str
    reason: str


@dataclass
class UnitPage:
    """Everything that the page shows. ``card`` is the whole card of the quarter, empty where there is none."""

    unit: Unit
    above: list[Unit]
    quarter: int
    quarters: list[int]
    light: int
    turned_red: bool
    card: Mapping[str, Any]
    trend: list[tuple[int, int, Mapping[str, int]]]
    dimensions: list[tuple[str, Mapping[str, str], int, list[IndicatorRow]]]
    others: list[IndicatorRow]
    findings: list[Any]
    finding_total: int
    visits: list[Any]
    groups: list[Any]
    inspectors: list[Any]
    members: list[UnitRow]
    counted: dict[int, int]
    computed_at: dt.datetime | None
    dimension_labels: Mapping[str, Mapping[str, str]]


def build(
    session: ReadSession, unit: Unit, quarter: int | None, today: dt.date, within: Sequence[str] = ("/",)
) -> UnitPage:
    """The page of a unit the viewer may see. Of a group's schools those below ``within`` are listed: one of its
    schools sees the group's light, and not the others' findings."""
    assert unit.id is not None
    project = project_around(session, unit)
    cards = {card.quarter: card for card in reading.cards_of(session, unit.id)}
    chosen = quarter or max(cards, default=quarter_of(today))
    card = cards.get(chosen)
    content = orjson.loads(card.card) if card else {}
    catalogue = catalogue_or_none(session, project.id)
    labels = catalogue.dimensions if catalogue else {}
    rows = indicator_rows(content, catalogue)
    by_dimension = {code: [row for row in rows if _dimension(catalogue, row.code) == code] for code in labels}
    lights = {part["dimension"]: part["light"] for part in content.get("dimensions", ())}
    total, findings = reading_ledgers.open_findings(session, [project.path], today, unit=unit.code, most=20)
    members = _members(session, unit, chosen, today, within)
    return UnitPage(
        unit,
        reading.ancestors(session, unit),
        chosen,
        sorted({*cards, chosen}, reverse=True),
        int(card.light) if card else int(Light.GREY),
        bool(card and card.light == Light.YELLOW and card.managed_as == Light.RED),
        content,
        [(name, int(cards[name].light), orjson.loads(cards[name].dimensions)) for name in sorted(cards)][-8:],
        [(code, labels[code], lights.get(code, int(Light.GREY)), by_dimension[code]) for code in labels],
        [row for row in rows if _dimension(catalogue, row.code) not in labels],
        findings,
        total,
        reading_work.visits_of_unit(session, unit.id),
        reading.groups_of(session, unit.id),
        reading.inspectors_of(session, unit.path) if unit.kind == "school" else [],
        members,
        {light: sum(1 for row in members if row.light == light) for light in (3, 2, 1, 4)},
        card.computed_at if card else None,
        labels,
    )


def _members(session: ReadSession, unit: Unit, quarter: int, today: dt.date, within: Sequence[str]) -> list[UnitRow]:
    """The schools of a town, a group or a district, the ones that need a look first."""
    assert unit.id is not None
    if unit.kind == "group":
        paths = [path for path in reading.members_of(session, unit.id) if path.startswith(tuple(within))]
    elif unit.kind in ("town", "district", "city"):
        paths = [unit.path]
    else:
        return []
    if not paths:
        return []
    findings = reading.open_findings(session, paths, today)
    visits = reading.visit_counts(session, paths, quarter)
    rows = [unit_row(row, findings, visits) for row in reading.units_with_cards(session, paths, quarter, ("school",))]
    return sorted(rows, key=lambda row: (GRAVITY[Light(row.light)], -row.reds, row.code))


def catalogue_or_none(session: ReadSession, project_id: int) -> Catalogue | None:
    """The catalogue in force, None before one is loaded."""
    try:
        return in_force(session, project_id).catalogue
    except Problem:
        return None


def _dimension(catalogue: Catalogue | None, code: str) -> str:
    indicator = catalogue.indicators.get(code) if catalogue else None
    return indicator.dimension if indicator else ""


def indicator_rows(card: Mapping[str, Any], catalogue: Catalogue | None) -> list[IndicatorRow]:
    """The indicators of a card, the gravest first."""
    rows = []
    for code, entry in card.get("indicators", {}).items():
        indicator = catalogue.indicators.get(code) if catalogue else None
        amount, share = amount_of(entry.get("value") or {})
        labels = indicator.labels if indicator else {"zh": code, "en": code}
        source = " ".join(part for part in (indicator.source, indicator.clause) if part) if indicator else ""
        rows.append(IndicatorRow(code, labels, source, entry["light"], amount, share, entry.get("reason", "")))
    return sorted(rows, key=lambda row: (GRAVITY[Light(row.light)], row.code))


def amount_of(value: Mapping[str, Any]) -> tuple[str, str]:
    """An amount as an exact fraction and, for reading, as a percentage with one decimal; "" where it has none."""
    lights = value.get("green", 0) + value.get("yellow", 0) + value.get("red", 0)
    if lights:
        return f"{value['green']}/{lights}", percent(value["green"], lights)
    numerator, denominator = value.get("numerator", 0), value.get("denominator", 0)
    if denominator > 0 and denominator != SCALE:
        return f"{fixed_text(numerator)}/{fixed_text(denominator)}", percent(numerator, denominator)
    if denominator == SCALE:
        return fixed_text(numerator), ""
    return (fixed_text(value["count"]), "") if value.get("count") else ("", "")


def percent(part: int, whole: int) -> str:
    """A share with one decimal, rounded half up. For reading only: no light is ever decided on it."""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def day_of(number: int) -> dt.date:
    """The day that a number counts from 1970-01-01."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=number)
