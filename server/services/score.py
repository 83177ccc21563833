"""From observations to live cards: a few units after a submission, or a whole district, by the same road."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.meaning import Light, quarter_before, quarter_bounds, quarter_of
from scorecards.dimension import dimension_card, expected_by
from scorecards.school import SchoolCard, school_card
from scorecards.town import TownCard, TownRecord, town_card
from scorecards.verdict import IndicatorValue, Verdict
from server.services.card_json import canonical, contents
from server.services.department_score import department_cards
from server.services.records import school_records
from server.services.reference import InForce, definitions, in_force, regular_versions
from server.services.unit_verdicts import unit_values, unit_verdicts
from server.store import facts
from server.store.db import Database, ReadSession
from server.store.units import Unit

LOOK_BACK = 5  # quarters whose observations may still be fresh: administrative figures hold for a year


@dataclass
class Scoring:
    """One run of scoring: a quarter of a project as of a day."""

    session: ReadSession
    force: InForce
    quarter: int
    today: dt.date
    at: dt.datetime
    units: list[Unit] = field(default_factory=list)

    @property
    def as_of(self) -> dt.date:
        """The day of judgement: today, or the quarter's last day once it has passed."""
        return min(self.today, quarter_bounds(self.quarter)[1])

    def of_kind(self, kind: str, among: Collection[int] | None = None) -> list[Unit]:
        """The active units of a kind, all or those named."""
        return [unit for unit in self.units if unit.kind == kind and (among is None or unit.id in among)]


def cards_of(
    session: ReadSession,
    project_id: int,
    quarter: int,
    *,
    today: dt.date,
    at: dt.datetime,
    only: Collection[int] | None = None,
) -> list[dict[str, Any]]:
    """The live cards of a quarter as they should stand now, as rows for store.facts.put_cards.

    ``only`` names the units whose observations or findings changed: their cards and those of their towns, groups and
    departments are made anew, nothing else. Without it the whole project is. Both ways give the same cards.
    """
    force = in_force(session, project_id)
    run = Scoring(session, force, quarter, today, at, facts.units_below(session, force.path))
    schools = run.of_kind("school", only)
    cards = _school_cards(run, schools)
    above = _above(run, schools, only, {card["unit_id"]: card["light"] for card in cards})
    departments = run.of_kind("department")
    touched = only is None or any(unit.id in only for unit in departments) or _routed(run, schools)
    ledgers = department_cards(session, force, departments, quarter, run.as_of) if touched else {}
    by_id = {unit.id: unit for unit in departments}
    rows = [_row(run, by_id[unit], card.light, card.light, None, {}, contents(card)) for unit, card in ledgers.items()]
    return [*cards, *above, *rows]


def rescore(
    database: Database, project_id: int, quarter: int, *, today: dt.date, at: dt.datetime, only: Collection[int] | None
) -> int:
    """Bring the live cards of a quarter up to date; gives the number of cards written.

    Everything is computed while only reading, so that nobody who writes waits for it.
    """
    with database.read() as reading:
        rows = cards_of(reading, project_id, quarter, today=today, at=at, only=only)
    with database.write() as session:
        facts.put_cards(session, rows)
    return len(rows)


def later_quarters(session: ReadSession, path: str, quarter: int, today: dt.date) -> list[int]:
    """The quarter itself and the later ones with cards: fresh observations and repeat rules reach into those."""
    known = {later for later in facts.card_quarters(session, path) if later > quarter}
    return sorted({quarter} | {later for later in known if later <= quarter_of(today)})


def _school_cards(run: Scoring, schools: list[Unit]) -> list[dict[str, Any]]:
    ids = [unit.id for unit in schools if unit.id is not None]
    observed = facts.observations_of(run.session, ids, quarter_before(run.quarter, LOOK_BACK), run.quarter)
    visits = facts.visits_of(run.session, ids, run.quarter)
    records = school_records(run.session, ids, run.quarter, run.as_of, visits, observed)
    expected = _Expected(run)
    rows = []
    for unit in schools:
        assert unit.id is not None
        values = unit_values(run.force, unit, observed.get(unit.id, ()), run.quarter, run.as_of)
        verdicts = unit_verdicts(run.force, unit, values, observed.get(unit.id, ()), run.quarter, run.as_of)
        wanted = expected.of({visit.version for visit in visits.get(unit.id, ())})
        cards = [
            dimension_card(code, verdicts, run.force.catalogue, run.force.rulebook, expected=wanted)
            for code in run.force.catalogue.dimensions
        ]
        card = school_card(cards, records[unit.id], run.force.rulebook)
        whole = _school_json(card, verdicts, values, records[unit.id])
        rows.append(
            _row(run, unit, card.light, card.managed_as, card.score, _small(card), whole),
        )
    return rows


class _Expected:
    """Which indicators completeness counts: those of the regular checklists and of the forms actually sent."""

    def __init__(self, run: Scoring) -> None:
        self._run = run
        self._regular = regular_versions(run.session, run.force.project_id)
        self._known: dict[frozenset[int], frozenset[str]] = {}

    def of(self, versions: set[int]) -> frozenset[str]:
        wanted = self._regular | versions
        if wanted not in self._known:
            found = definitions(self._run.session, wanted).values()
            self._known[wanted] = expected_by(found, self._run.force.catalogue)
        return self._known[wanted]


def _small(card: SchoolCard) -> dict[str, int]:
    return {dimension.dimension: int(dimension.light) for dimension in card.dimensions}


def _school_json(
    card: SchoolCard, verdicts: Mapping[str, Verdict], values: Mapping[str, IndicatorValue], record: Any
) -> dict[str, Any]:
    indicators = {code: {**contents(verdict), "value": values.get(code)} for code, verdict in sorted(verdicts.items())}
    return {**contents(card), "indicators": indicators, "record": record}


def _row(
    run: Scoring,
    unit: Unit,
    light: Light,
    managed: Light,
    score: int | None,
    dimensions: Mapping[str, int],
    card: Mapping[str, Any],
) -> dict[str, Any]:
    versions = {"catalogue_sha256": run.force.catalogue_sha256, "rulebook_sha256": run.force.rulebook_sha256}
    return {
        "unit_id": unit.id,
        "quarter": run.quarter,
        "light": int(light),
        "managed_as": int(managed),
        "score": score,
        "dimensions": canonical(dimensions),
        "card": canonical({**card, **versions, "as_of": run.as_of.isoformat()}),
        "computed_at": run.at,
    }


def _above(
    run: Scoring, schools: list[Unit], only: Collection[int] | None, fresh: Mapping[int, int]
) -> list[dict[str, Any]]:
    """The cards of the towns and groups that these schools belong to; ``fresh`` are lights not stored yet."""
    parents = {unit.parent_id for unit in schools}
    towns = [unit for unit in run.of_kind("town") if only is None or unit.id in parents]
    groups = run.of_kind("group")
    members = facts.members_of_groups(run.session, [unit.id for unit in groups if unit.id is not None])
    touched = {unit.id for unit in schools}
    groups = [unit for unit in groups if only is None or touched & set(members.get(unit.id or 0, ()))]
    below = {town.id: [unit.id for unit in run.of_kind("school") if unit.parent_id == town.id] for town in towns}
    below |= {group.id: members.get(group.id or 0, []) for group in groups}
    wanted = {unit for listed in below.values() for unit in listed if unit is not None}
    lights = {**facts.lights_in(run.session, wanted, run.quarter), **fresh}
    rows = []
    for unit in (*towns, *groups):
        shown = [Light(lights.get(school, Light.GREY)) for school in below[unit.id]]
        card: TownCard = town_card(shown, TownRecord(), run.force.rulebook)
        listed = {str(school): int(light) for school, light in zip(below[unit.id], shown, strict=True)}
        rows.append(_row(run, unit, card.light, card.light, None, {}, {**contents(card), "members": listed}))
    return rows


def _routed(run: Scoring, schools: list[Unit]) -> bool:
    """True if any finding of these schools is a department's."""
    ids = [unit.id for unit in schools if unit.id is not None]
    found = facts.findings_of(run.session, ids, run.as_of)
    return any(finding.department_id for listed in found.values() for finding in listed)
