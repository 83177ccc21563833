"""What follows from a submission once it is stored or reviewed: observations kept or taken back, findings proposed,
and findings closed by a re-check (closed-loop D-2, F0, F7 and F8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import orjson

from analysis.observe import observe
from forms.answers import Answer
from forms.definition import FormDefinition
from forms.submission import read_answers
from scorecards.findings import ProposedFinding, propose
from server.problems import Problem
from server.services.department_score import department_code
from server.services.reference import InForce, definition_of, in_force
from server.services.unit_verdicts import attributes_of
from server.store import facts
from server.store import findings as store
from server.store.db import WriteSession
from server.store.events import Event, record
from server.store.findings import Finding
from server.store.forms import FormVersion
from server.store.submissions import Submission
from server.store.units import Unit

R4 = 4
# A re-check names each finding in a repeat and gives its verdict (checklist F12).
RECHECK_CODE, RECHECK_VERDICT = "f12_b01", "f12_b06"
CLOSING, FALSE = frozenset({"done", "mostly"}), "false"
EPOCH = dt.date(1970, 1, 1)


def follow(session: WriteSession, event: Event, *, at: dt.datetime) -> None:
    """Let everything derived from one submission follow what happened to it. Doing it twice changes nothing."""
    data = orjson.loads(event.data)
    submission = session.get(Submission, data.get("submission") or 0)
    if submission is None:
        return
    if submission.number > 1:
        for old in store.earlier_versions(session, submission.root_id, submission.number):
            _take_back(session, old)
    if submission.superseded_by or submission.review_state == "rejected":
        _take_back(session, submission)
        return
    unit = session.get(Unit, submission.unit_id) if submission.unit_id else None
    version = session.get(FormVersion, submission.form_version_id)
    if unit is None or version is None:
        return
    try:
        force = in_force(session, submission.project_id)
    except Problem:
        return
    definition = definition_of(version)
    answers = read_answers(submission.xml, definition)
    if event.kind == "submission.reviewed" and not facts.has_observations(session, submission):
        keep_observations(session, force, submission, unit, definition, answers)
    _propose(session, force, submission, unit, definition, answers, at)
    if definition.kind == "recheck":
        _recheck(session, submission, unit, answers, at)


def keep_observations(
    session: WriteSession,
    force: InForce,
    submission: Submission,
    unit: Unit,
    definition: FormDefinition,
    answers: Iterable[Answer],
) -> None:
    """Store what a submission's answers observe, in place of what was stored of it before."""
    assert submission.id is not None
    head = {
        "submission": submission.id,
        "unit": unit.id,
        "inspector": submission.submitter_id or 0,
        "quarter": submission.quarter,
        "observed_on": submission.observed_on,
    }
    rows = observe(definition, answers, force.catalogue, unit=attributes_of(unit))
    facts.replace_observations(
        session, submission.id, unit.id, submission.quarter, [{**head, **row._asdict()} for row in rows]
    )


def record_failure(session: WriteSession, event: Event, error: str, *, at: dt.datetime) -> None:
    """Leave a trace of an event that could not be worked off; it is not tried again by itself."""
    record(session, "job.failed", subject=event.subject, by=None, at=at, event=event.id, error=error[:500])


def _take_back(session: WriteSession, submission: Submission) -> None:
    """A submission that no longer counts: its observations and the findings only proposed by it go."""
    assert submission.id is not None
    facts.replace_observations(session, submission.id, submission.unit_id, submission.quarter, [])
    facts.forget_findings(session, submission.id)


def _propose(
    session: WriteSession,
    force: InForce,
    submission: Submission,
    unit: Unit,
    definition: FormDefinition,
    answers: list[Answer],
    at: dt.datetime,
) -> None:
    found_on = EPOCH + dt.timedelta(days=submission.observed_on)
    proposed = propose(definition, answers, force.rulebook, found_on=found_on, catalogue=force.catalogue)
    if definition.kind == "recheck":
        # What a re-check says of a finding moves that finding; it is not a new one.
        repeats = {item.name for item in definition.items if item.repeat and item.role == "item"}
        proposed = [finding for finding in proposed if finding.item not in repeats]
    if not proposed:
        return
    assert submission.id is not None and unit.id is not None
    known = store.of_submission(session, submission.id)
    still_open = store.open_items(session, unit.id)
    for finding in proposed:
        place = (finding.item, finding.repeat_index)
        if place in known or (finding.repeat_index == 0 and finding.item in still_open):
            continue
        session.add(_finding(session, force, submission, unit, finding, found_on, at))
        still_open.add(finding.item)


def _finding(
    session: WriteSession,
    force: InForce,
    submission: Submission,
    unit: Unit,
    finding: ProposedFinding,
    found_on: dt.date,
    at: dt.datetime,
) -> Finding:
    assert submission.id is not None and unit.id is not None
    return Finding(
        code=_free_code(session, finding_code(unit.code, finding.item, found_on, finding.repeat_index), submission.id),
        unit_id=unit.id,
        department_id=_department(session, force, finding) if finding.route == R4 else None,
        submission_id=submission.id,
        quarter=submission.quarter,
        item=finding.item,
        repeat_index=finding.repeat_index,
        title=finding.labels.get("zh") or finding.fact,
        title_en=finding.labels.get("en", ""),
        fact=finding.fact,
        indicators=" ".join(finding.indicators),
        light=int(finding.light),
        severity=finding.severity,
        route=finding.route,
        days=finding.days,
        veto=finding.veto,
        found_on=found_on,
        due_on=finding.due.due,
        photos=orjson.dumps(list(finding.photos)).decode(),
        created_at=at,
    )


def finding_code(unit: str, item: str, found_on: dt.date, repeat_index: int = 0) -> str:
    """The number that people quote: ``S012-f01_a02-260315``, with ``-2`` for the second instance of a repeat."""
    return f"{unit}-{item}-{found_on:%y%m%d}" + (f"-{repeat_index}" if repeat_index else "")


def _free_code(session: WriteSession, code: str, submission: int) -> str:
    return code if store.with_code(session, code) is None else f"{code}-{submission}"


def _department(session: WriteSession, force: InForce, finding: ProposedFinding) -> int | None:
    """The department that leads the first indicator of a finding which has a lead here; None leaves it with us."""
    here = {
        department_code(unit): unit.id for unit in facts.units_below(session, force.path) if unit.kind == "department"
    }
    for code in finding.indicators:
        indicator = force.catalogue.indicators.get(code)
        for name in indicator.lead if indicator else ():
            if name in here:
                return here[name]
    return None


def _recheck(
    session: WriteSession, submission: Submission, unit: Unit, answers: Iterable[Answer], at: dt.datetime
) -> None:
    """Close the findings that somebody else than who found them has verified; mark false evidence."""
    named: dict[int, dict[str, str]] = {}
    for answer in answers:
        if answer.item in (RECHECK_CODE, RECHECK_VERDICT):
            named.setdefault(answer.repeat_index, {})[answer.item] = answer.value.strip()
    day = EPOCH + dt.timedelta(days=submission.observed_on)
    for entry in named.values():
        finding = store.with_code(session, entry.get(RECHECK_CODE, ""))
        verdict = entry.get(RECHECK_VERDICT, "")
        if finding is None or finding.unit_id != unit.id or finding.closed_on is not None:
            continue
        _judge(session, submission, finding, verdict, day, at)


def _judge(
    session: WriteSession, submission: Submission, finding: Finding, verdict: str, day: dt.date, at: dt.datetime
) -> None:
    data: Mapping[str, object] = {"verdict": verdict, "submission": submission.id, "before": finding.state}
    by = submission.submitter_id
    if by == store.finder_of(session, finding):
        record(session, "finding.recheck_refused", subject=finding.code, by=by, at=at, reason="same_inspector", **data)
        return
    if verdict in CLOSING:
        finding.state, finding.closed_on = "closed", day
    elif verdict == FALSE:
        finding.state = "false"
    else:
        return
    session.add(finding)
    record(session, "finding.rechecked", subject=finding.code, by=by, at=at, after=finding.state, **data)
