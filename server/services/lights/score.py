"""From facts to live cards: a few units after a submission, or a whole district, by the same road."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from forms.meaning import Light, quarter_bounds, quarter_of
from scorecards.quarter import JudgedQuarter, JudgedSchool, QuarterFacts, judge
from server.services.lights.card_json import canonical, contents
from server.services.lights.quarter_facts import gather
from server.services.reference import InForce, in_force
from server.store import facts as store
from server.store.db import Database, ReadSession


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
    facts = gather(session, force, quarter, day_of_judgement(quarter, today), only=only)
    judged = judge(
        facts, force.catalogue, force.rulebook, schools=only, departments=only is None or _concerns(facts, only)
    )
    return _rows(force, facts, judged, at)


def rescore(
    database: Database, project_id: int, quarter: int, *, today: dt.date, at: dt.datetime, only: Collection[int] | None
) -> int:
    """Bring the live cards of a quarter up to date; gives the number of cards written.

    Everything is computed while only reading, so that nobody who writes waits for it.
    """
    with database.read() as reading:
        rows = cards_of(reading, project_id, quarter, today=today, at=at, only=only)
    with database.write() as session:
        store.put_cards(session, rows)
    return len(rows)


def day_of_judgement(quarter: int, today: dt.date) -> dt.date:
    """Today, or the quarter's last day once it has passed."""
    return min(today, quarter_bounds(quarter)[1])


def later_quarters(session: ReadSession, path: str, quarter: int, today: dt.date) -> list[int]:
    """The quarter itself and the later ones with cards: fresh observations and repeat rules reach into those."""
    known = {later for later in store.card_quarters(session, path) if later > quarter}
    return sorted({quarter} | {later for later in known if later <= quarter_of(today)})


def _concerns(facts: QuarterFacts, only: Collection[int]) -> bool:
    """True if departments have to be judged again: one of them reported, or a school's finding was routed to one."""
    reported = any(unit.id in only for unit in facts.of_kind("department"))
    return reported or any(finding.department for unit in only for finding in facts.findings.get(unit, ()))


def _rows(force: InForce, facts: QuarterFacts, judged: JudgedQuarter, at: dt.datetime) -> list[dict[str, Any]]:
    rows = []
    for unit, school in judged.schools.items():
        card = school.card
        small = {dimension.dimension: int(dimension.light) for dimension in card.dimensions}
        rows.append(_row(force, facts, at, unit, card.light, _school(school), card.managed_as, card.score, small))
    for unit, above in judged.above.items():
        listed = {str(school): int(light) for school, light in judged.members[unit].items()}
        rows.append(_row(force, facts, at, unit, above.light, {**contents(above), "members": listed}))
    for unit, ledger in judged.departments.items():
        rows.append(_row(force, facts, at, unit, ledger.light, contents(ledger)))
    return rows


def _school(school: JudgedSchool) -> dict[str, Any]:
    # An indicator's checks are worked out again when somebody asks why: they would be most of the card's bytes.
    indicators = {
        code: {
            "light": verdict.light,
            "rule": verdict.rule,
            "reason": verdict.reason,
            "conflict": verdict.conflict,
            "value": school.values.get(code),
        }
        for code, verdict in school.verdicts.items()
    }
    return {**contents(school.card), "indicators": indicators, "record": school.record}


def _row(
    force: InForce,
    facts: QuarterFacts,
    at: dt.datetime,
    unit: int,
    light: Light,
    card: Mapping[str, Any],
    managed: Light | None = None,
    score: int | None = None,
    dimensions: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    versions = {"catalogue_sha256": force.catalogue_sha256, "rulebook_sha256": force.rulebook_sha256}
    return {
        "unit_id": unit,
        "quarter": facts.quarter,
        "light": int(light),
        "managed_as": int(light if managed is None else managed),
        "score": score,
        "dimensions": canonical(dimensions or {}),
        "card": canonical({**card, **versions, "as_of": facts.as_of.isoformat()}),
        "computed_at": at,
    }
