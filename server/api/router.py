"""The JSON door: what the lights show and why, for scripts. Signs in by cookie, Bearer token or Basic."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query

from forms.meaning import quarter_name
from scorecards.explain import Explanation, render
from server.api.schemas import Card, CardPage, FindingOut, FindingPage, Health, Me, Told, WholeCard
from server.doors.dependencies import Ctx, Language, Read, SignedIn
from server.security.permissions import require_anywhere
from server.services.lights import cards
from server.services.scope import judged_unit, quarter_named
from server.store import migrate
from server.store.finding_lists import findings_at
from server.store.lights import LiveCard
from server.store.reading import lights as reading
from server.store.units import Unit

router = APIRouter(prefix="/api", tags=["lights"])
KINDS = ("school", "town", "department", "group")


@router.get("/health")
def health(context: Ctx) -> Health:
    """Anybody may ask: is the server up and its store current?"""
    at = migrate.revision_of(context.database) or ""
    return Health(status="ok" if at == migrate.newest_revision() else "migrate", migration=at)


@router.get("/me")
def me(viewer: SignedIn) -> Me:
    """Who is asking."""
    return Me(login=viewer.login, name=viewer.name, roles=sorted(viewer.roles))


@router.get("/cards/{quarter}")
def card_list(quarter: str, viewer: SignedIn, session: Read) -> CardPage:
    """The live cards of every unit that the caller may see."""
    number = quarter_named(quarter)
    paths = require_anywhere(viewer, "card.see")
    rows = reading.units_with_cards(session, paths, number, KINDS)
    listed = [
        Card(
            unit=row.code,
            name=row.name,
            kind=row.kind,
            quarter=quarter_name(number),
            light=row.light,
            managed_as=row.managed_as,
            score=row.score,
            dimensions=orjson.loads(row.dimensions),
            computed_at=row.computed_at.isoformat(),
        )
        for row in rows
        if row.light is not None
    ]
    return CardPage(quarter=quarter_name(number), cards=listed)


@router.get("/units/{code}/cards/{quarter}")
def whole_card(code: str, quarter: str, viewer: SignedIn, session: Read) -> WholeCard:
    """One unit's live card with everything that decided it."""
    number = quarter_named(quarter)
    unit = judged_unit(session, viewer, code).unit
    row, content = cards.live_card(session, unit, number)
    return WholeCard(**_card(unit, row), content=content)


def _card(unit: Unit, row: LiveCard) -> dict[str, object]:
    return {
        "unit": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "quarter": quarter_name(row.quarter),
        "light": row.light,
        "managed_as": row.managed_as,
        "score": row.score,
        "dimensions": orjson.loads(row.dimensions),
        "computed_at": row.computed_at.isoformat(),
    }


@router.get("/units/{code}/explanations/{quarter}")
def explanation(
    code: str,
    quarter: str,
    viewer: SignedIn,
    session: Read,
    language: Language,
    dimension: Annotated[str, Query(max_length=32)] = "",
    indicator: Annotated[str, Query(max_length=64)] = "",
) -> Told:
    """Why a unit, one of its dimensions or one of its indicators shows its light."""
    number = quarter_named(quarter)
    judged = judged_unit(session, viewer, code)
    found: Explanation
    if indicator:
        found = cards.explain_one_indicator(session, judged.project_id, judged.unit, number, indicator)
    elif dimension:
        found = cards.explain_dimension(session, judged.project_id, judged.unit, number, dimension)
    else:
        found = cards.explain_unit(session, judged.project_id, judged.unit, number)
    return Told(sentences=render(found, language), explanation=found.to_json())


@router.get("/units/{code}/findings")
def findings(code: str, viewer: SignedIn, session: Read) -> FindingPage:
    """A unit's findings, newest first; a department's are those routed to it."""
    unit = judged_unit(session, viewer, code, "finding.see").unit
    listed = findings_at(session, unit)
    return FindingPage(
        findings=[
            FindingOut(
                code=row.code,
                unit=unit.code,
                title=row.title,
                fact=row.fact,
                indicators=row.indicators.split(),
                severity=row.severity,
                route=row.route,
                days=row.days,
                found_on=row.found_on.isoformat(),
                due_on=row.due_on.isoformat(),
                closed_on=row.closed_on.isoformat() if row.closed_on else None,
                state=row.state,
            )
            for row in listed
        ]
    )
