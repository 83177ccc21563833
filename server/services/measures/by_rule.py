"""Measures that the repeat rules propose from frozen lights (closed-loop D-3, R.*), each once."""

from __future__ import annotations

import datetime as dt
from typing import Final

from forms.meaning import Light, quarter_before, quarter_name
from scorecards.lifecycle.clock import MEASURE_OF_CLAUSE
from scorecards.repeats import PastCard, repeat_measures
from server.services.context import Context
from server.services.measures import measures
from server.services.reference import in_force
from server.store import facts
from server.store.db import ReadSession, WriteSession
from server.store.units import Unit, units_below

PAST: Final = 3
EXEMPTING: Final = "R.green_four"


def propose_by_lights(
    session: WriteSession, context: Context, *, project_id: int, quarter: int, at: dt.datetime
) -> list[str]:
    """Propose what the lights of a frozen quarter and those before it give cause for; gives the measures' codes.

    Doing it again proposes nothing twice. Raises Problem("catalogue.missing").
    """
    force = in_force(session, project_id)
    schools = {unit.id: unit for unit in units_below(session, [force.path], kinds=("school",)) if unit.id is not None}
    past = _past(session, schools, quarter)
    found = []
    for number, unit in sorted(schools.items()):
        now = next((card.light for card in past[number] if card.quarter == quarter), None)
        if now is None:
            continue
        for proposal in repeat_measures(now, quarter, past[number], 0, force.rulebook):
            kinds = (
                ["exempt"] if proposal.rule == EXEMPTING else [MEASURE_OF_CLAUSE[name] for name in proposal.measures]
            )
            lights = {quarter_name(name): light.word for name, light in proposal.quarters}
            for kind in kinds:
                row = measures.propose(
                    session,
                    context,
                    unit,
                    kind,
                    rule=proposal.rule,
                    data={"lights": lights, "quarter": quarter_name(quarter)},
                    origin=f"{proposal.rule}/{unit.code}/{quarter}/{kind}",
                    quarter=quarter,
                    at=at,
                )
                found += [row.code] if row else []
    return found


def _past(session: ReadSession | WriteSession, schools: dict[int, Unit], quarter: int) -> dict[int, list[PastCard]]:
    """The published lights of this quarter and the ones that the repeat rules look back at, by school."""
    quarters = [quarter, *(quarter_before(quarter, step) for step in range(1, PAST + 1))]
    rows = facts.frozen_lights(session, schools.keys(), quarters)
    return {number: [PastCard(name, Light(light)) for name, light in rows.get(number, ())] for number in schools}
