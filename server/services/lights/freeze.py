"""Freezing a quarter, and recomputing a frozen one from the submissions that it names.

A snapshot holds its own inputs (units, findings, earlier lights, which submissions) beside what they came to, so that
the same catalogue, rulebook and submissions give the same bytes whatever has changed in the store since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from analysis.observe import observe
from analysis.reference import Observation
from forms.meaning import Light, quarter_before, quarter_name
from forms.submission import read_answers
from scorecards import snapshot
from scorecards.explain import Explanation, explain_card, explain_indicator
from scorecards.quarter import LOOK_BACK, JudgedQuarter, QuarterFacts, UnitFacts, judge
from scorecards.record import FindingFacts
from scorecards.repeats import PastCard
from scorecards.snapshot import Difference, Source
from server.problems import Problem
from server.services.context import Context
from server.services.lights.quarter_facts import Expected, by_unit, gather
from server.services.lights.score import day_of_judgement
from server.services.reference import InForce, as_it_was, definitions, in_force, regular_versions
from server.store import snapshots as store
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.facts import VISIT_KINDS
from server.store.lights import Snapshot
from server.store.snapshots import Counted

DAYS: Final = ("found_on", "due_on", "closed_on", "told_on", "handed_on", "false_on")
LATER: Final = ("handed_on", "false_on", "relapsed")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What freezing gave: the snapshot's row, and whether it is new or was there already."""

    snapshot: Snapshot
    new: bool


def freeze(context: Context, *, project_id: int, quarter: int, by: int | None, at: dt.datetime) -> Frozen:
    """Freeze a quarter of a project as it stands. The same content again gives the snapshot that is there.

    Raises Problem: "catalogue.missing", or "snapshot.exists" where the quarter was frozen with other content: then a
    correction is due, which is a verb of its own.
    """
    with context.database.read() as session:
        known = store.newest(session, project_id, quarter)
        corrections = snapshot.read(known.content)["extra"].get("corrections", []) if known else []
        content, lights = _content(session, context, project_id, quarter, corrections)
    digest = snapshot.sha256(content)
    if known is not None:
        if known.sha256 == digest:
            return Frozen(known, False)
        raise Problem("snapshot.exists", quarter=quarter_name(quarter), version=known.version)
    with context.database.write() as session:
        row = Snapshot(
            project_id=project_id, quarter=quarter, content=content, sha256=digest, as_of=at, frozen_by=by, frozen_at=at
        )
        session.add(row)
        store.mark_frozen(session, quarter, lights)
        subject = f"{project_id}/{quarter_name(quarter)}"
        record(session, "quarter.frozen", subject=subject, by=by, at=at, sha256=digest, version=row.version)
    return Frozen(row, True)


def correct(
    session: WriteSession,
    *,
    project_id: int,
    quarter: int,
    correction: Mapping[str, str],
    by: int | None,
    at: dt.datetime,
) -> Snapshot | None:
    """Write a correction into a frozen quarter as a further version; the versions before it stay as they are.

    None where the quarter is not frozen: its live card carries the correction by itself.
    """
    known = store.newest(session, project_id, quarter)
    if known is None:
        return None
    frozen = snapshot.read(known.content)
    entry = {**correction, "on": at.isoformat()}
    frozen["extra"]["corrections"] = [*frozen["extra"].get("corrections", ()), entry]
    content = snapshot.canonical(frozen)
    row = Snapshot(
        project_id=project_id,
        quarter=quarter,
        version=known.version + 1,
        content=content,
        sha256=snapshot.sha256(content),
        as_of=known.as_of,
        frozen_by=by,
        frozen_at=at,
    )
    session.add(row)
    subject = f"{project_id}/{quarter_name(quarter)}"
    record(session, "quarter.corrected", subject=subject, by=by, at=at, version=row.version, correction=entry)
    return row


def verify(context: Context, *, project_id: int, quarter: int) -> tuple[Snapshot, list[Difference]]:
    """Recompute a frozen quarter from its own inputs and the submissions' XML; gives where it differs.

    Raises Problem("snapshot.unknown").
    """
    with context.database.read() as session:
        row = store.newest(session, project_id, quarter)
        if row is None:
            raise Problem("snapshot.unknown", quarter=quarter_name(quarter))
        if snapshot.sha256(row.content) != row.sha256:
            return row, [Difference("sha256", row.sha256, snapshot.sha256(row.content))]
        return row, snapshot.verify(row.content, _recomputed(session, row))


def _content(
    session: ReadSession, context: Context, project_id: int, quarter: int, corrections: Sequence[Mapping[str, str]]
) -> tuple[bytes, dict[int, int]]:
    force = in_force(session, project_id)
    facts = gather(session, force, quarter, day_of_judgement(quarter, context.today()))
    counted = store.counted_submissions(session, project_id, quarter_before(quarter, LOOK_BACK), quarter)
    expected = Expected(session, force, regular_versions(session, project_id))
    judged = judge(facts, force.catalogue, force.rulebook)
    reviewed = sum(row.reviewed for row in counted if row.quarter == quarter)
    content = _frozen(force, facts, judged, counted, expected.regular, reviewed, corrections)
    lights = {unit: int(school.card.light) for unit, school in judged.schools.items()}
    lights |= {unit: int(card.light) for unit, card in (*judged.above.items(), *judged.departments.items())}
    return content, lights


def _frozen(
    force: InForce,
    facts: QuarterFacts,
    judged: JudgedQuarter,
    counted: list[Counted],
    regular: frozenset[int],
    reviewed: int,
    corrections: Sequence[Mapping[str, str]] = (),
) -> bytes:
    values = [value for school in judged.schools.values() for value in school.values.values()]
    return snapshot.freeze(
        facts.quarter,
        as_of=facts.as_of,
        explanations=_explanations(force, facts, judged),
        values=values,
        catalogue=force.catalogue,
        rulebook=force.rulebook,
        submissions=[Source(row.instance_id, row.xml_sha256) for row in counted],
        extra={
            "project": force.project_id,
            "reference": {"catalogue": force.catalogue_sha256, "rulebook": force.rulebook_sha256},
            "regular": sorted(regular),
            "reviewed": reviewed,
            "received": sum(1 for row in counted if row.quarter == facts.quarter),
            "units": [asdict(unit) for _, unit in sorted(facts.units.items())],
            "findings": [_finding(finding) for _, found in sorted(facts.findings.items()) for finding in found],
            "past": {str(unit): [[card.quarter, int(card.light)] for card in listed]
                     for unit, listed in sorted(facts.past.items())},
            **({"corrections": list(corrections)} if corrections else {}),
        },
    )  # fmt: skip


def _finding(finding: FindingFacts) -> dict[str, Any]:
    """A finding with plain dates; what nobody kept when the first snapshots were made is left out where it is empty."""
    plain = asdict(finding)
    for name in DAYS:
        plain[name] = plain[name].isoformat() if plain[name] else None
    plain["relapsed"] = [day.isoformat() for day in finding.relapsed]
    unknown = FindingFacts.__dataclass_fields__["told_on"].default
    if finding.told_on == unknown:
        del plain["told_on"]
    return {name: value for name, value in plain.items() if name not in LATER or value}


def _explanations(force: InForce, facts: QuarterFacts, judged: JudgedQuarter) -> list[Explanation]:
    found: list[Explanation] = []
    rulebook, catalogue, quarter = force.rulebook, force.catalogue, facts.quarter
    for number, school in judged.schools.items():
        unit = facts.units[number]
        parts = {dimension.dimension: dimension.light for dimension in school.card.dimensions}
        known = {"complete": school.card.complete, "needed": school.card.needed}
        labels = _labels(unit)
        found.append(
            explain_card("school", unit.code, labels, school.card, rulebook, quarter=quarter, parts=parts, facts=known)
        )
        for card in school.card.dimensions:
            named = catalogue.dimensions[card.dimension]
            subject = f"{unit.code}/{card.dimension}"
            found.append(explain_card("dimension", subject, named, card, rulebook, quarter=quarter, parts=card.lights))
        for code, verdict in school.verdicts.items():
            indicator = catalogue.indicators[code]
            told = explain_indicator(indicator, school.values.get(code), verdict, rulebook, quarter=quarter)
            found.append(_of_unit(told, unit))
    for number, card in (*judged.above.items(), *judged.departments.items()):
        unit = facts.units[number]
        below = {facts.units[school].code: light for school, light in judged.members.get(number, {}).items()}
        found.append(explain_card(unit.kind, unit.code, _labels(unit), card, rulebook, quarter=quarter, parts=below))
    return found


def _of_unit(told: Explanation, unit: UnitFacts) -> Explanation:
    """An indicator's explanation under the name of the unit that it belongs to."""
    return Explanation(**{**_fields(told), "subject": f"{unit.code}/{told.subject}"})


def _fields(told: Explanation) -> dict[str, Any]:
    return {name: getattr(told, name) for name in Explanation.__dataclass_fields__}


def _labels(unit: UnitFacts) -> Mapping[str, str]:
    return {"zh": unit.name, "en": unit.name_en or unit.name}


def _recomputed(session: ReadSession, row: Snapshot) -> bytes:
    """The bytes that the snapshot's own inputs give today."""
    frozen = snapshot.read(row.content)
    extra = frozen["extra"]
    force = as_it_was(session, row.project_id, extra["reference"]["catalogue"], extra["reference"]["rulebook"])
    named = store.submissions_named(session, [name for name, _ in frozen["submissions"]])
    xml = {row.id: store.xml_of(session, row.id) for row in named}
    counted = [row._replace(xml_sha256=snapshot.sha256(xml[row.id])) for row in named]
    units = {unit["id"]: UnitFacts(**{**unit, "members": tuple(unit["members"])}) for unit in extra["units"]}
    expected = Expected(session, force, frozenset(extra["regular"]))
    facts = _facts_again(session, force, frozen, units, counted, expected, xml)
    judged = judge(facts, force.catalogue, force.rulebook)
    corrections = extra.get("corrections", ())
    return _frozen(force, facts, judged, counted, expected.regular, extra["reviewed"], corrections)


def _facts_again(
    session: ReadSession,
    force: InForce,
    frozen: Mapping[str, Any],
    units: Mapping[int, UnitFacts],
    counted: list[Counted],
    expected: Expected,
    xml: Mapping[int, bytes],
) -> QuarterFacts:
    extra, quarter = frozen["extra"], frozen["quarter"]
    known = definitions(session, frozenset(row.version for row in counted))
    observed: dict[int, list[Observation]] = {}
    versions: dict[int, set[int]] = {}
    visits: dict[int, int] = {}
    for row in counted:
        unit = units.get(row.unit)
        if unit is None:
            continue
        definition = known[row.version]
        answers = read_answers(xml[row.id], definition)
        head = (row.id, row.unit, row.inspector, row.quarter, row.observed_on)
        found = observe(definition, answers, force.catalogue, unit=unit.attributes)
        observed.setdefault(row.unit, []).extend(Observation(*head, *entry) for entry in found)
        if row.quarter == quarter:
            versions.setdefault(row.unit, set()).add(row.version)
            visits[row.unit] = visits.get(row.unit, 0) + (definition.kind in VISIT_KINDS)
    findings = [FindingFacts(**{**finding, **_dates(finding)}) for finding in extra["findings"]]
    schools = [unit.id for unit in units.values() if unit.kind == "school"]
    return QuarterFacts(
        quarter,
        dt.date.fromisoformat(frozen["as_of"]),
        units,
        observed=observed,
        visits=visits,
        expected={unit: expected.of(versions.get(unit, set())) for unit in schools},
        findings=by_unit(findings),
        past={
            int(unit): [PastCard(name, Light(light)) for name, light in listed]
            for unit, listed in extra["past"].items()
        },
    )


def _dates(finding: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: dt.date.fromisoformat(finding[name]) if finding[name] else None for name in DAYS if name in finding}
    return {**days, "relapsed": tuple(dt.date.fromisoformat(day) for day in finding.get("relapsed", ()))}
