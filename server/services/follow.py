"""What follows from a submission once it is stored or reviewed: observations kept or taken back, findings proposed,
and findings closed by a re-check (closed-loop D-2, F0, F7 and F8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import orjson

from analysis.observe import observe
from forms.answers import Answer
from forms.definition import FormDefinition
from forms.submission import read_answers
from scorecards.findings import ProposedFinding, propose
from server.problems import Problem
from server.services.quarter_facts import attributes_of, department_code
from server.services.reference import InForce, definitions, in_force
from server.store import facts
from server.store import findings as store
from server.store.db import WriteSession
from server.store.events import Event, record
from server.store.findings import Finding
from server.store.submissions import Submission
from server.store.units import Unit, units_with_ids

R4 = 4
# A re-check names each finding in a repeat and gives its verdict (checklist F12).
RECHECK_CODE, RECHECK_VERDICT = "f12_b01", "f12_b06"
CLOSING, FALSE = frozenset({"done", "mostly"}), "false"
EPOCH = dt.date(1970, 1, 1)


class Following:
    """Lets everything derived follow a batch of events. Doing it twice changes nothing.

    What the batch needs is read together: a busy hour must not cost a dozen statements for each submission.
    """

    def __init__(self, session: WriteSession, events: Sequence[Event], *, at: dt.datetime) -> None:
        self._session, self._events, self._at = session, events, at
        ids = {orjson.loads(event.data).get("submission") or 0 for event in events}
        self._submissions = store.submissions_with_ids(session, ids)
        self._units = units_with_ids(session, {row.unit_id for row in self._submissions.values() if row.unit_id})
        self._definitions = definitions(session, frozenset(row.form_version_id for row in self._submissions.values()))
        self._known = store.of_submissions(session, ids)
        self._open = store.open_items(session, set(self._units))
        self._forces: dict[int, InForce | None] = {}
        self._departments: dict[str, dict[str, int | None]] = {}
        self._new: list[dict[str, object]] = []

    def run(self) -> None:
        """Work through the events in order."""
        for event in self._events:
            submission = self._submissions.get(orjson.loads(event.data).get("submission") or 0)
            if submission is not None:
                self._follow(event, submission)
        self._insert()

    def _follow(self, event: Event, submission: Submission) -> None:
        if submission.number > 1:
            for old in store.earlier_versions(self._session, submission.root_id, submission.number):
                self._take_back(old)
        if submission.superseded_by or submission.review_state == "rejected":
            self._take_back(submission)
            return
        unit = self._units.get(submission.unit_id or 0)
        force = self._force(submission.project_id)
        if unit is None or force is None:
            return
        definition = self._definitions[submission.form_version_id]
        answers = read_answers(submission.xml, definition)
        if event.kind == "submission.reviewed" and not facts.has_observations(self._session, submission):
            keep_observations(self._session, force, submission, unit, definition, answers)
        self._propose(force, submission, unit, definition, answers)
        if definition.kind == "recheck":
            self._insert()
            recheck(self._session, submission, unit, answers, self._at)

    def _force(self, project_id: int) -> InForce | None:
        if project_id not in self._forces:
            try:
                self._forces[project_id] = in_force(self._session, project_id)
            except Problem:
                self._forces[project_id] = None
        return self._forces[project_id]

    def _take_back(self, submission: Submission) -> None:
        """A submission that no longer counts: its observations and the findings only proposed by it go."""
        assert submission.id is not None
        self._insert()
        facts.replace_observations(self._session, submission.id, submission.unit_id, submission.quarter, [])
        facts.forget_findings(self._session, submission.id)
        if submission.unit_id:
            self._open[submission.unit_id] = store.open_items(self._session, {submission.unit_id})[submission.unit_id]

    def _propose(
        self, force: InForce, submission: Submission, unit: Unit, definition: FormDefinition, answers: list[Answer]
    ) -> None:
        found_on = EPOCH + dt.timedelta(days=submission.observed_on)
        proposed = propose(definition, answers, force.rulebook, found_on=found_on, catalogue=force.catalogue)
        if definition.kind == "recheck":
            # What a re-check says of a finding moves that finding; it is not a new one.
            repeats = {item.name for item in definition.items if item.repeat and item.role == "item"}
            proposed = [finding for finding in proposed if finding.item not in repeats]
        assert submission.id is not None and unit.id is not None
        known, still_open = self._known.get(submission.id, set()), self._open[unit.id]
        for finding in proposed:
            if (finding.item, finding.repeat_index) in known:
                continue
            if finding.repeat_index == 0 and finding.item in still_open:
                continue
            self._new.append(self._row(force, submission, unit, finding, found_on))
            still_open.add(finding.item)

    def _row(
        self, force: InForce, submission: Submission, unit: Unit, finding: ProposedFinding, found_on: dt.date
    ) -> dict[str, object]:
        return {
            "code": finding_code(unit.code, finding.item, found_on, finding.repeat_index),
            "unit_id": unit.id,
            "department_id": self._department(force, finding) if finding.route == R4 else None,
            "submission_id": submission.id,
            "quarter": submission.quarter,
            "item": finding.item,
            "repeat_index": finding.repeat_index,
            "title": finding.labels.get("zh") or finding.fact,
            "title_en": finding.labels.get("en", ""),
            "fact": finding.fact,
            "indicators": " ".join(finding.indicators),
            "light": int(finding.light),
            "severity": finding.severity,
            "route": finding.route,
            "days": finding.days,
            "veto": finding.veto,
            "found_on": found_on,
            "due_on": finding.due.due,
            "photos": orjson.dumps(list(finding.photos)).decode(),
            "state": "proposed",
            "created_at": self._at,
        }

    def _department(self, force: InForce, finding: ProposedFinding) -> int | None:
        """The department that leads the first indicator which has a lead here; None leaves the finding with us."""
        if force.path not in self._departments:
            listed = facts.units_below(self._session, force.path)
            here = {department_code(unit): unit.id for unit in listed if unit.kind == "department"}
            self._departments[force.path] = here
        here = self._departments[force.path]
        for code in finding.indicators:
            indicator = force.catalogue.indicators.get(code)
            for name in indicator.lead if indicator else ():
                if name in here:
                    return here[name]
        return None

    def _insert(self) -> None:
        """Write the findings gathered so far; a code that is taken gets its submission's number behind it."""
        rows, self._new = self._new, []
        taken = store.codes_taken(self._session, {str(row["code"]) for row in rows})
        for row in rows:
            if row["code"] in taken:
                row["code"] = f"{row['code']}-{row['submission_id']}"
            taken.add(str(row["code"]))
        store.insert_findings(self._session, rows)


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


def finding_code(unit: str, item: str, found_on: dt.date, repeat_index: int = 0) -> str:
    """The number that people quote: ``S012-f01_a02-260315``, with ``-2`` for the second instance of a repeat."""
    return f"{unit}-{item}-{found_on:%y%m%d}" + (f"-{repeat_index}" if repeat_index else "")


def recheck(
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
