"""A quarter judged: from its facts to the card of every school, town, group and department. The only road there is.

A scorecard is a function of facts, catalogue and rulebook; live cards, frozen quarters and their verification all come
through here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analysis.reference import Observation, indicator_values
from analysis.windows import day_number
from forms.catalogue import Catalogue, Indicator
from forms.meaning import Light, Measure, quarter_before, quarter_bounds
from forms.rulebook import Rulebook
from scorecards.department import DepartmentCard, Duty, department_card
from scorecards.dimension import dimension_card
from scorecards.lights import indicator_light
from scorecards.record import FindingFacts, consultation, school_record
from scorecards.repeats import PastCard
from scorecards.school import SchoolCard, SchoolRecord, school_card
from scorecards.town import TownCard, TownRecord, town_card
from scorecards.verdict import IndicatorValue, LightContext, Verdict, is_lit

R4: Final = 4
LOOK_BACK: Final = 5  # quarters whose observations may still be fresh: administrative figures hold for a year


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as it was when it was judged. ``department`` is the catalogue's code, ``members`` a group's schools."""

    id: int
    code: str
    kind: str
    name: str
    name_en: str = ""
    parent: int = 0
    department: str = ""
    attributes: Mapping[str, object] = field(default_factory=dict)
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class QuarterFacts:
    """Everything that a quarter's cards rest on, seen from one day.

    ``observed`` are the observations of the quarter and the LOOK_BACK quarters before, by unit; ``visits`` the number
    of visits in the quarter; ``expected`` the indicators that completeness counts; ``findings`` and ``past`` by unit;
    ``lights`` those of schools that are not judged again but count for their towns and groups.
    """

    quarter: int
    as_of: dt.date
    units: Mapping[int, UnitFacts]
    observed: Mapping[int, Sequence[Observation]] = field(default_factory=dict)
    visits: Mapping[int, int] = field(default_factory=dict)
    expected: Mapping[int, frozenset[str]] = field(default_factory=dict)
    findings: Mapping[int, Sequence[FindingFacts]] = field(default_factory=dict)
    past: Mapping[int, Sequence[PastCard]] = field(default_factory=dict)
    lights: Mapping[int, Light] = field(default_factory=dict)

    def of_kind(self, *kinds: str) -> list[UnitFacts]:
        """The units of these kinds by id."""
        return [unit for _, unit in sorted(self.units.items()) if unit.kind in kinds]


@dataclass(frozen=True, slots=True)
class JudgedSchool:
    """A school's card, its indicators' verdicts and values, and the record it rests on."""

    card: SchoolCard
    verdicts: Mapping[str, Verdict]
    values: Mapping[str, IndicatorValue]
    record: SchoolRecord


@dataclass(frozen=True, slots=True)
class JudgedQuarter:
    """Cards by unit id; ``above`` are the towns' and groups', ``members`` the lights each of those was made of."""

    schools: Mapping[int, JudgedSchool]
    above: Mapping[int, TownCard]
    members: Mapping[int, Mapping[int, Light]]
    departments: Mapping[int, DepartmentCard]


def judge(
    facts: QuarterFacts,
    catalogue: Catalogue,
    rulebook: Rulebook,
    *,
    schools: Collection[int] | None = None,
    departments: bool = True,
) -> JudgedQuarter:
    """Judge a quarter: these schools (None: all), the towns and groups they belong to, and the departments."""
    wanted = [unit for unit in facts.of_kind("school") if schools is None or unit.id in schools]
    judged = {unit.id: judge_school(facts, unit, catalogue, rulebook) for unit in wanted}
    lights = {**facts.lights, **{unit: school.card.light for unit, school in judged.items()}}
    members = _members(facts, judged.keys() if schools is not None else None)
    shown = {unit: {school: lights.get(school, Light.GREY) for school in below} for unit, below in members.items()}
    above = {unit: town_card(list(below.values()), TownRecord(), rulebook) for unit, below in shown.items()}
    ledgers = judge_departments(facts, catalogue, rulebook) if departments else {}
    return JudgedQuarter(judged, above, shown, ledgers)


def judge_school(facts: QuarterFacts, unit: UnitFacts, catalogue: Catalogue, rulebook: Rulebook) -> JudgedSchool:
    """One school's card."""
    rows = facts.observed.get(unit.id, ())
    values = unit_values(rows, unit, catalogue, facts.quarter, facts.as_of)
    verdicts = unit_verdicts(rows, unit, values, catalogue, rulebook, facts.quarter, facts.as_of)
    expected = facts.expected.get(unit.id, frozenset())
    dimensions = [
        dimension_card(code, verdicts, catalogue, rulebook, expected=expected) for code in catalogue.dimensions
    ]
    record = school_record(
        facts.quarter,
        facts.as_of,
        visits=facts.visits.get(unit.id, 0),
        findings=facts.findings.get(unit.id, ()),
        observed=rows,
        past=facts.past.get(unit.id, ()),
        months=rulebook["L1.school.red.relapse"].number("months"),
    )
    return JudgedSchool(school_card(dimensions, record, rulebook), verdicts, values, record)


def unit_values(
    rows: Sequence[Observation], unit: UnitFacts, catalogue: Catalogue, quarter: int, as_of: dt.date
) -> dict[str, IndicatorValue]:
    """What the observations of one unit amount to, by indicator; those routed R4 are left out."""
    return _values(rows, unit, _present(catalogue, rows), quarter, as_of)


def unit_verdicts(
    rows: Sequence[Observation],
    unit: UnitFacts,
    values: Mapping[str, IndicatorValue],
    catalogue: Catalogue,
    rulebook: Rulebook,
    quarter: int,
    as_of: dt.date,
) -> dict[str, Verdict]:
    """The light of each indicator of one unit, and why; not applicable where every answer of the quarter said so."""
    end = quarter_bounds(quarter)[1]
    earlier = _earlier(rows, unit, values, catalogue, quarter)
    verdicts = {}
    for code, value in values.items():
        context = LightContext(as_of=day_number(as_of), previous=earlier.get(code), period_ended=as_of >= end)
        verdicts[code] = indicator_light(catalogue.indicators[code], value, rulebook, context=context)
    for code in _not_applicable(rows, catalogue, quarter) - verdicts.keys():
        verdicts[code] = Verdict(Light.NA, "L0.items.na", reason="not_applicable")
    return verdicts


def judge_departments(facts: QuarterFacts, catalogue: Catalogue, rulebook: Rulebook) -> dict[int, DepartmentCard]:
    """The card of each department: what any of them reported is a duty of its lead and its responsible ones."""
    units = facts.of_kind("department")
    reported = reported_lights(facts, [unit.id for unit in units], catalogue, rulebook)
    letters: dict[int, list[Duty]] = {}
    for listed in facts.findings.values():
        for finding in listed:
            if finding.department and finding.is_told(facts.as_of):
                letters.setdefault(finding.department, []).append(consultation(finding, facts.as_of))
    cards = {}
    for unit in units:
        duties = [_duty(catalogue.indicators[code], light, unit.department) for code, light in sorted(reported.items())]
        consulted = sorted(letters.get(unit.id, ()), key=lambda duty: duty.code)
        cards[unit.id] = department_card([*(duty for duty in duties if duty), *consulted], rulebook)
    return cards


def reported_lights(
    facts: QuarterFacts, departments: Iterable[int], catalogue: Catalogue, rulebook: Rulebook
) -> dict[str, Light]:
    """The light of each indicator that the departments' returns report; those without data are left out."""
    rows = [row._replace(unit=0) for unit in departments for row in facts.observed.get(unit, ())]
    context = LightContext(as_of=day_number(facts.as_of))
    district = UnitFacts(0, "", "district", "")
    found = {}
    for code, value in _values(
        rows, district, _present(catalogue, rows), facts.quarter, facts.as_of, routes=()
    ).items():
        verdict = indicator_light(catalogue.indicators[code], value, rulebook, context=context)
        if is_lit(verdict.light):
            found[code] = verdict.light
    return found


def _values(
    rows: Sequence[Observation],
    unit: UnitFacts,
    indicators: Mapping[str, Indicator],
    quarter: int,
    as_of: dt.date,
    routes: tuple[int, ...] = (R4,),
) -> dict[str, IndicatorValue]:
    attributes = {**unit.attributes, "unit": unit.id}
    found = indicator_values(rows, [attributes], indicators, quarter=quarter, as_of=as_of, exclude_routes=routes)
    return {value.indicator: IndicatorValue(*value) for value in found}


def _present(catalogue: Catalogue, rows: Iterable[Observation]) -> dict[str, Indicator]:
    codes = {row.indicator for row in rows}
    return {code: catalogue.indicators[code] for code in sorted(codes) if code in catalogue.indicators}


def _earlier(
    rows: Sequence[Observation],
    unit: UnitFacts,
    values: Mapping[str, IndicatorValue],
    catalogue: Catalogue,
    quarter: int,
) -> dict[str, IndicatorValue]:
    """Last period's values of the indicators that may only decrease."""
    wanted = {code: catalogue.indicators[code] for code in values if catalogue.indicators[code].rule == "decrease"}
    before = quarter_before(quarter)
    return _values(rows, unit, wanted, before, quarter_bounds(before)[1]) if wanted else {}


def _not_applicable(rows: Iterable[Observation], catalogue: Catalogue, quarter: int) -> set[str]:
    return {
        row.indicator
        for row in rows
        if row.quarter == quarter and row.measure == Measure.LIGHT and row.light == Light.NA
        if row.indicator in catalogue.indicators
    }


def _duty(indicator: Indicator, light: Light, department: str) -> Duty | None:
    lead = department in indicator.lead
    if not department or (not lead and department not in indicator.responsible):
        return None
    return Duty(indicator.code, lead=lead, core=indicator.core, on_time=light is Light.GREEN)


def _members(facts: QuarterFacts, touched: Collection[int] | None) -> dict[int, tuple[int, ...]]:
    """The schools of each town and group; only of those that hold a touched school."""
    below: dict[int, tuple[int, ...]] = {unit.id: () for unit in facts.of_kind("town")}
    for unit in facts.of_kind("school"):
        if unit.parent in below:
            below[unit.parent] = (*below[unit.parent], unit.id)
    below |= {unit.id: unit.members for unit in facts.of_kind("group")}
    return {unit: schools for unit, schools in below.items() if touched is None or set(schools) & set(touched)}
