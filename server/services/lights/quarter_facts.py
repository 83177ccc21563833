"""The facts of a quarter, gathered from the store for the pure room that judges them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import orjson

from forms.meaning import Light, quarter_before
from scorecards.dimension import expected_by
from scorecards.quarter import LOOK_BACK, QuarterFacts, UnitFacts
from scorecards.record import FindingFacts
from scorecards.repeats import PastCard
from server.services.reference import InForce, definitions, regular_versions
from server.store import facts as store
from server.store.case_rows import relapse_days
from server.store.db import ReadSession, WriteSession
from server.store.facts import VISIT_KINDS
from server.store.findings import Finding
from server.store.units import Unit

AnySession = ReadSession | WriteSession
R4 = 4
PAST = 3  # quarters that the repeat rules look back


def gather(
    session: ReadSession, force: InForce, quarter: int, as_of: dt.date, *, only: Collection[int] | None = None
) -> QuarterFacts:
    """The facts of a quarter: of the units named by ``only`` and whatever their towns need, or of all."""
    units = unit_facts(session, store.units_below(session, force.path))
    schools = [unit.id for unit in units.values() if unit.kind == "school" and (only is None or unit.id in only)]
    departments = [unit.id for unit in units.values() if unit.kind == "department"]
    first = quarter_before(quarter, LOOK_BACK)
    visits = store.visits_of(session, schools, quarter)
    expected = Expected(session, force, regular_versions(session, force.project_id))
    findings = [*store.findings_of(session, schools, as_of).values()]
    routed = any(finding.department_id for listed in findings for finding in listed)
    concerned = departments if only is None or routed or set(departments) & set(only) else []
    findings += [*store.department_findings(session, concerned, as_of).values()]
    observed = store.observations_of(session, [*schools, *concerned], first, quarter)
    past = store.past_lights(session, schools, [quarter_before(quarter, step) for step in range(1, PAST + 1)])
    others = [unit.id for unit in units.values() if unit.kind == "school" and unit.id not in set(schools)]
    return QuarterFacts(
        quarter,
        as_of,
        units,
        observed=observed,
        visits={unit: sum(visit.kind in VISIT_KINDS for visit in listed) for unit, listed in visits.items()},
        expected={unit: expected.of({visit.version for visit in visits.get(unit, ())}) for unit in schools},
        findings=by_unit(findings_as_facts(session, [finding for listed in findings for finding in listed])),
        past={unit: [PastCard(name, Light(light)) for name, light in listed] for unit, listed in past.items()},
        lights={unit: Light(light) for unit, light in store.lights_in(session, others, quarter).items()},
    )


class Expected:
    """Which indicators completeness counts: those of the regular checklists and of the forms actually sent."""

    def __init__(self, session: AnySession, force: InForce, regular: frozenset[int]) -> None:
        self._session, self._force, self.regular = session, force, regular
        self._known: dict[frozenset[int], frozenset[str]] = {}

    def of(self, versions: set[int]) -> frozenset[str]:
        """The codes expected where these form versions were sent."""
        wanted = self.regular | versions
        if wanted not in self._known:
            found = definitions(self._session, wanted).values()
            self._known[wanted] = expected_by(found, self._force.catalogue)
        return self._known[wanted]


def unit_facts(session: AnySession, units: Iterable[Unit]) -> dict[int, UnitFacts]:
    """Units as scoring needs them, by id."""
    listed = list(units)
    groups = [unit.id for unit in listed if unit.kind == "group" and unit.id is not None]
    members = store.members_of_groups(session, groups) if groups else {}
    found = {}
    for unit in listed:
        assert unit.id is not None
        found[unit.id] = UnitFacts(
            unit.id,
            unit.code,
            unit.kind,
            unit.name,
            unit.name_en,
            unit.parent_id or 0,
            department_code(unit) if unit.kind == "department" else "",
            attributes_of(unit),
            tuple(sorted(members.get(unit.id, ()))),
        )
    return found


def attributes_of(unit: Unit) -> dict[str, object]:
    """A unit's attributes as ``where`` conditions name them."""
    more = orjson.loads(unit.attributes)
    return {**more, "code": unit.code, "stage": unit.stage, "enrolment": unit.enrolment, "kind": unit.kind}


def department_code(unit: Unit) -> str:
    """The catalogue's code of the department that a unit is, from its attributes, else its unit code's last part."""
    named = orjson.loads(unit.attributes).get("department", "")
    return str(named) if named else unit.code.rsplit("-", 1)[-1].lower()


def findings_as_facts(session: AnySession, findings: Sequence[Finding]) -> list[FindingFacts]:
    """Findings as scoring needs them, with the days on which they came back."""
    again = {finding.id for finding in findings if finding.reopened and finding.id is not None}
    relapsed = relapse_days(session, again) if again else {}
    return [finding_facts(finding, tuple(relapsed.get(finding.id or 0, ()))) for finding in findings]


def finding_facts(finding: Finding, relapsed: tuple[dt.date, ...] = ()) -> FindingFacts:
    """A finding as scoring needs it. Only what is routed R4 is a department's."""
    return FindingFacts(
        finding.code,
        finding.unit_id,
        finding.submission_id or 0,
        finding.item,
        finding.repeat_index,
        finding.severity,
        finding.route,
        finding.state,
        finding.found_on,
        finding.due_on,
        finding.closed_on,
        (finding.department_id or 0) if finding.route == R4 else 0,
        finding.told_on,
        finding.handed_on,
        finding.false_on,
        relapsed,
    )


def by_unit(findings: Iterable[FindingFacts]) -> Mapping[int, list[FindingFacts]]:
    """Findings by the unit where they were found, each once, in the order of their codes."""
    found: dict[int, dict[str, FindingFacts]] = {}
    for finding in findings:
        found.setdefault(finding.unit, {})[finding.code] = finding
    return {unit: [listed[code] for code in sorted(listed)] for unit, listed in found.items()}
