"""The cards of departments: the duties they lead or share, and the consultations routed to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import orjson

from analysis.reference import Observation, indicator_values
from analysis.windows import day_number
from forms.catalogue import Indicator
from forms.meaning import Light, quarter_before
from scorecards.deadlines import working_days_between
from scorecards.department import DepartmentCard, Duty, department_card
from scorecards.lights import indicator_light
from scorecards.verdict import IndicatorValue, LightContext, is_lit
from server.services.records import is_open
from server.services.reference import InForce
from server.store import facts
from server.store.db import ReadSession
from server.store.findings import Finding
from server.store.units import Unit

LOOK_BACK = 5


def department_code(unit: Unit) -> str:
    """The catalogue's code of the department that a unit is, from its attributes, else its unit code's last part."""
    named = orjson.loads(unit.attributes).get("department", "")
    return str(named) if named else unit.code.rsplit("-", 1)[-1].lower()


def department_cards(
    session: ReadSession, force: InForce, departments: Sequence[Unit], quarter: int, as_of: dt.date
) -> dict[int, DepartmentCard]:
    """The card of each department by unit id.

    An indicator that any department reported is a duty of those that lead it or share responsibility for it.
    """
    ids = [unit.id for unit in departments if unit.id is not None]
    lights = reported_lights(session, force, ids, quarter, as_of)
    letters = facts.department_findings(session, ids, as_of)
    cards = {}
    for unit in departments:
        assert unit.id is not None
        code = department_code(unit)
        duties = [_duty(force.catalogue.indicators[name], light, code) for name, light in sorted(lights.items())]
        consultations = [_consultation(finding, as_of) for finding in letters.get(unit.id, ())]
        own = [duty for duty in duties if duty is not None]
        cards[unit.id] = department_card([*own, *consultations], force.rulebook)
    return cards


def reported_lights(
    session: ReadSession, force: InForce, departments: Sequence[int], quarter: int, as_of: dt.date
) -> Mapping[str, Light]:
    """The light of each indicator that the departments' returns report; those without data are left out."""
    observed = facts.observations_of(session, departments, quarter_before(quarter, LOOK_BACK), quarter)
    rows = [Observation._make(row)._replace(unit=0) for listed in observed.values() for row in listed]
    catalogue = force.catalogue.indicators
    present = {code: catalogue[code] for code in {row.indicator for row in rows} if code in catalogue}
    context = LightContext(as_of=day_number(as_of))
    found = {}
    for value in indicator_values(rows, [{"unit": 0}], present, quarter=quarter, as_of=as_of):
        verdict = indicator_light(catalogue[value.indicator], IndicatorValue(*value), force.rulebook, context=context)
        if is_lit(verdict.light):
            found[value.indicator] = verdict.light
    return found


def _duty(indicator: Indicator, light: Light, department: str) -> Duty | None:
    lead = department in indicator.lead
    if not lead and department not in indicator.responsible:
        return None
    return Duty(indicator.code, lead=lead, core=indicator.core, on_time=light is Light.GREEN)


def _consultation(finding: Finding, as_of: dt.date) -> Duty:
    still_open = is_open(finding, as_of)
    late = working_days_between(finding.due_on, as_of) if still_open and finding.due_on < as_of else 0
    return Duty(finding.code, r4=True, due=finding.due_on <= as_of, on_time=not still_open, overdue_days=late)
