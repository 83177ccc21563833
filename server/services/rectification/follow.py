"""What follows from a submission once it is stored or reviewed: observations kept or taken back, findings proposed or
found again, and what a re-check says of the findings it names (closed-loop D-2, F0, F7 and F10).
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
from scorecards.lifecycle.recurrence import Known, Seen, What, match
from server.problems import Problem
from server.services.context import Context
from server.services.lights.quarter_facts import attributes_of, department_code
from server.services.rectification import rectify
from server.services.rectification.follow_recheck import recheck
from server.services.rectification.follow_row import from_proposal
from server.services.reference import InForce, definitions, in_force
from server.store import case_rows, facts
from server.store import findings as store
from server.store.db import WriteSession
from server.store.events import Event, record
from server.store.findings import Line
from server.store.submissions import Submission
from server.store.units import Unit, units_with_ids

R4 = 4
EPOCH = dt.date(1970, 1, 1)
LOOK_BACK = dt.timedelta(days=800)  # longer than any month count of relapses and any submission that comes late


class Following:
    """Lets everything derived follow a batch of events. Doing it twice changes nothing.

    What the batch needs is read together: a busy hour must not cost a dozen statements for each submission.
    """

    def __init__(self, session: WriteSession, context: Context, events: Sequence[Event], *, at: dt.datetime) -> None:
        self._session, self._context, self._events, self._at = session, context, events, at
        ids = {orjson.loads(event.data).get("submission") or 0 for event in events}
        self._submissions = store.submissions_with_ids(session, ids)
        self._units = units_with_ids(session, {row.unit_id for row in self._submissions.values() if row.unit_id})
        self._definitions = definitions(session, frozenset(row.form_version_id for row in self._submissions.values()))
        self._made = store.of_submissions(session, ids)
        self._noted = case_rows.submission_steps(session, ids)
        self._lines = store.lines_of(session, set(self._units), self._since())
        self._forces: dict[int, InForce | None] = {}
        self._departments: dict[str, dict[str, int | None]] = {}
        self._new: list[dict[str, object]] = []

    def _since(self) -> dt.date:
        return self._at.date() - LOOK_BACK

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
            recheck(self._session, self._context, submission, unit, definition, answers, at=self._at)
            self._refresh(unit.id or 0)

    def _force(self, project_id: int) -> InForce | None:
        if project_id not in self._forces:
            try:
                self._forces[project_id] = in_force(self._session, project_id)
            except Problem:
                self._forces[project_id] = None
        return self._forces[project_id]

    def _take_back(self, submission: Submission) -> None:
        """A submission that no longer counts: its observations go, and the findings that nobody has touched; the
        others say in their story that what they rest on was taken back."""
        assert submission.id is not None
        self._insert()
        facts.replace_observations(self._session, submission.id, submission.unit_id, submission.quarter, [])
        facts.forget_findings(self._session, submission.id)
        for finding in store.of_submission(self._session, submission.id):
            if (finding.id, submission.id) not in self._noted and finding.closed_on is None:
                self._note(finding.id or 0, submission, "source_taken_back", {"instance": submission.instance_id})
        if submission.unit_id:
            self._refresh(submission.unit_id)

    def _refresh(self, unit: int) -> None:
        self._lines |= store.lines_of(self._session, {unit}, self._since())

    def _propose(
        self, force: InForce, submission: Submission, unit: Unit, definition: FormDefinition, answers: list[Answer]
    ) -> None:
        found_on = EPOCH + dt.timedelta(days=submission.observed_on)
        proposed = propose(definition, answers, force.rulebook, found_on=found_on, catalogue=force.catalogue)
        if definition.kind == "recheck":
            # What a re-check says of a finding moves that finding; it is not a new one.
            repeats = {item.name for item in definition.items if item.repeat and item.role == "item"}
            proposed = [finding for finding in proposed if finding.item not in repeats]
        assert submission.id is not None
        made = self._made.setdefault(submission.id, set())
        for finding in proposed:
            if (finding.item, finding.repeat_index) not in made and self._is_new(force, submission, unit, finding):
                made.add((finding.item, finding.repeat_index))
                self._add(force, submission, unit, finding)

    def _is_new(self, force: InForce, submission: Submission, unit: Unit, finding: ProposedFinding) -> bool:
        """False for what is being rectified already (noted there) and what has come back (reopened there)."""
        assert unit.id is not None and submission.id is not None
        found_on = EPOCH + dt.timedelta(days=submission.observed_on)
        seen = Seen(unit.id, finding.item, finding.repeat_index, finding.severity, found_on)
        months, levels = _terms(force)
        if self._made_before(seen, submission):
            return False
        lines = {line.code: line for line in self._lines[unit.id]}
        verdict = match(seen, [_known(line) for line in lines.values()], months=months, levels=levels)
        if verdict.what is What.NEW:
            return True
        old = lines[verdict.code]
        if (old.id, submission.id) in self._noted:
            return False
        said = {"item": finding.item, "severity": str(finding.severity), "fact": finding.fact[:200]}
        if verdict.what is What.OPEN:
            # Found again in the same batch as the proposal itself: nothing has happened that could be noted there.
            if old.id:
                self._note(old.id, submission, "seen_again", said)
            return False
        return not self._reopen(old, submission, found_on, finding)

    def _made_before(self, seen: Seen, submission: Submission) -> bool:
        """True where this submission has moved a finding of the same item already: doing it twice changes nothing."""
        lines = [line for line in self._lines[seen.unit] if line.item == seen.item and not seen.repeat_index]
        return any((line.id, submission.id) in self._noted for line in lines)

    def _reopen(self, old: Line, submission: Submission, found_on: dt.date, finding: ProposedFinding) -> bool:
        """Reopen what has come back; False where its lifecycle does not allow that: then it is a new finding."""
        assert submission.id is not None
        row = store.with_id(self._session, old.id)
        text = f"{found_on:%Y-%m-%d} 到校督导再次发现：{finding.fact[:200]}"
        try:
            rectify.act(
                self._session,
                self._context,
                row,
                "relapse",
                by=None,
                at=self._at,
                fields={"note": text},
                day=found_on,
                submission_id=submission.id,
            )
        except Problem as problem:
            if problem.code != "step.refused":
                raise
            return False
        self._noted.add((old.id, submission.id))
        self._refresh(old.unit_id)
        return True

    def _note(self, finding_id: int, submission: Submission, action: str, said: Mapping[str, str]) -> None:
        assert submission.id is not None
        self._noted.add((finding_id, submission.id))
        rectify.note(
            self._session,
            store.with_id(self._session, finding_id),
            action,
            by=submission.submitter_id,
            at=self._at,
            day=EPOCH + dt.timedelta(days=submission.observed_on),
            fields=said,
            submission_id=submission.id,
        )

    def _add(self, force: InForce, submission: Submission, unit: Unit, finding: ProposedFinding) -> None:
        department = self._department(force, finding) if finding.route == R4 else None
        row = from_proposal(submission, unit, finding, department, at=self._at)
        self._new.append(row)
        assert unit.id is not None
        line = Line(
            0,
            str(row["code"]),
            unit.id,
            finding.item,
            finding.repeat_index,
            finding.severity,
            "proposed",
            EPOCH + dt.timedelta(days=submission.observed_on),
            None,
            0,
        )
        self._lines[unit.id].append(line)

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
        if not rows:
            return
        taken = store.codes_taken(self._session, {str(row["code"]) for row in rows})
        for row in rows:
            if row["code"] in taken:
                row["code"] = f"{row['code']}-{row['submission_id']}"
            taken.add(str(row["code"]))
        store.insert_findings(self._session, rows)
        self._lines |= store.lines_of(self._session, {int(str(row["unit_id"])) for row in rows}, self._since())


def _known(line: Line) -> Known:
    return Known(
        line.code,
        line.unit_id,
        line.item,
        line.repeat_index,
        line.severity,
        line.state,
        line.found_on,
        line.closed_on,
        line.reopened,
    )


def _terms(force: InForce) -> tuple[int, int]:
    """Months within which a closed finding comes back, and the severity levels that it rises."""
    relapse = force.rulebook["L1.school.red.relapse"].number("months")
    return relapse, force.rulebook["S.relapse"].number("levels")


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
