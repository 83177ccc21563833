"""The one way in which a finding moves: a step is judged by its lifecycle, taken, kept and told, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from forms.meaning import quarter_of
from scorecards.lifecycle import engine
from scorecards.lifecycle.engine import Refusal, Request, Taken
from scorecards.lifecycle.rectification import LIFECYCLE
from scorecards.lifecycle.table import StepSpec
from server.problems import Problem
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.documents import numbers as case_documents
from server.services.rectification import change as rectify_change
from server.services.rectification import telling as rectify_telling
from server.services.rectification.case import (
    Matter,
    actor_of,
    matter_of,
    named_department,
    named_finding,
    reaches,
    require_seen,
    today_of,
    viewer_of,
)
from server.services.rectification.files import Examined, Upload, examine_all
from server.store import case_rows
from server.store.cases import CaseStep
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.findings import Finding

LONGEST: Final = 8000
REASONS: Final = ("reason", "note", "same_reason")

__all__ = ["Offered", "Upload", "act", "note", "offered", "refused"]


@dataclass(frozen=True, slots=True)
class Offered:
    """The steps that somebody may take on a finding now, and the matter they are about."""

    steps: tuple[StepSpec, ...]
    matter: Matter


def offered(session: ReadSession | WriteSession, context: Context, finding: Finding, viewer: Viewer) -> Offered:
    """What a page offers: the steps whose role fits and that no standing rule refuses. Raises Problem("not_found")."""
    matter = matter_of(session, finding)
    require_seen(viewer, matter.unit, matter.department)
    actor = actor_of(viewer, matter.unit, matter.department)
    steps = engine.allowed(
        LIFECYCLE,
        matter.case,
        actor,
        today=context.today(),
        calendar=matter.calendar,
        settings=matter.place.settings,
    )
    return Offered(steps, matter)


def act(
    session: WriteSession,
    context: Context,
    finding: Finding,
    action: str,
    *,
    by: Viewer | None,
    at: dt.datetime,
    fields: Mapping[str, str] | None = None,
    files: Mapping[str, Sequence[Upload]] | None = None,
    day: dt.date | None = None,
    seen: int | None = None,
    submission_id: int | None = None,
    tell: tuple[str, ...] | None = None,
) -> CaseStep:
    """Take a step on a finding; ``by`` None is the system. Everything or nothing is kept.

    ``day`` is the day of the step where it is not that of ``at`` (a visit sent in later); ``seen`` the number of steps
    (``finding.steps``) that whoever acts had before them: if it moved since, they are refused. ``submission_id`` is
    the submission that the step follows from; ``tell`` the roles to tell where not those of the step itself.

    Raises Problem: "step.refused" with ``rule``, ``zh`` and ``en``; "step.stale"; "not_found" for a finding out of
    sight; and those of its files (attachment.too_many, attachment.too_large, attachment.type).
    """
    assert finding.id is not None
    row = case_rows.lock_finding(session, finding.id)
    today = day or today_of(at, context.settings.zone)
    entered = _entered(row.state, action, fields or {})
    candidate = _candidate(session, entered)
    matter = matter_of(session, row, candidate=candidate)
    if by is not None:
        require_seen(by, matter.unit, matter.department)
    if seen is not None and seen != row.steps:
        raise Problem("step.stale")
    step = LIFECYCLE.table.step(row.state, action)
    counts = {name: len(given) for name, given in (files or {}).items()}
    request = Request(action, actor_of(by, matter.unit, matter.department), at, today, entered, counts)
    taken = engine.take(LIFECYCLE, matter.case, request, calendar=matter.calendar, settings=matter.place.settings)
    if isinstance(taken, Refusal):
        raise refused(taken)
    _check_named(session, row, matter, entered, candidate)
    examined = examine_all(context, step, files) if step is not None and files else []
    kept = _keep(session, row, taken, entered, examined, by=by, at=at, today=today, submission_id=submission_id)
    _after(session, row, matter, taken, kept, tell)
    record(
        session,
        f"finding.{action}",
        subject=row.code,
        by=by.person_id if by else None,
        at=at,
        pending=True,
        project=matter.place.project_id,
        unit=row.unit_id,
        quarter=quarter_of(today),
        before=taken.before,
        after=taken.after,
        step=kept.id,
    )
    return kept


def note(
    session: WriteSession,
    finding: Finding,
    action: str,
    *,
    by: int | None,
    at: dt.datetime,
    day: dt.date,
    fields: Mapping[str, str],
    submission_id: int | None = None,
    reason: str = "",
) -> CaseStep:
    """Write something beside the steps into a finding's story that changes nothing: seen again, a refused re-check."""
    assert finding.id is not None
    row = case_rows.lock_finding(session, finding.id)
    row.steps += 1
    step = CaseStep(
        finding_id=row.id,
        number=row.steps,
        action=action,
        before=row.state,
        after=row.state,
        by_id=by,
        at=at,
        day=day,
        reason=reason,
        fields=orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS).decode(),
        submission_id=submission_id,
    )
    session.add_all((row, step))
    session.flush()
    record(session, f"finding.{action}", subject=row.code, by=by, at=at, **dict(fields))
    return step


def refused(refusal: Refusal) -> Problem:
    """The problem that a refusal becomes."""
    return Problem("step.refused", rule=refusal.rule, zh=refusal.zh, en=refusal.en)


def _entered(state: str, action: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What was entered of the fields that the step asks for, without the space around it."""
    step = LIFECYCLE.table.step(state, action)
    names = [spec.name for spec in step.fields] if step else []
    return {name: fields[name].strip()[:LONGEST] for name in names if fields.get(name, "").strip()}


def _candidate(session: WriteSession, entered: Mapping[str, str]) -> Viewer | None:
    given = entered.get("checker", "")
    return viewer_of(session, int(given)) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _check_named(
    session: WriteSession, finding: Finding, matter: Matter, entered: Mapping[str, str], candidate: Viewer | None
) -> None:
    """What only the store knows of the units, people and findings that a step names. Raises Problem("step.refused")."""
    refusal: Refusal | None = None
    if entered.get("department"):
        refusal = named_department(session, entered["department"], matter.place)
    if "checker" in entered and (candidate is None or not reaches(candidate, matter.unit)):
        refusal = Refusal(
            "field.checker", "请选择本地的督学或督导室人员。", "Choose an inspector or somebody of the office here."
        )
    if "into" in entered:
        other = named_finding(session, entered["into"], finding)
        if isinstance(other, Refusal):
            refusal = other
        else:
            finding.merged_into_id = other.id
    if refusal is not None:
        raise refused(refusal)


def _keep(
    session: WriteSession,
    finding: Finding,
    taken: Taken,
    entered: Mapping[str, str],
    files: Sequence[Examined],
    *,
    by: Viewer | None,
    at: dt.datetime,
    today: dt.date,
    submission_id: int | None,
) -> CaseStep:
    """Move the finding and write the step with its files."""
    person = by.person_id if by else None
    rectify_change.apply(finding, taken, entered, by=person, day=today)
    finding.steps += 1
    finding.changed_at = at
    reason = next((entered[name] for name in REASONS if entered.get(name)), "")
    due = taken.term or taken.due
    rows = [file.row for file in files]
    return case_rows.add_step(
        session, finding, taken, entered, rows, by_id=person, at=at, day=today, due_on=due, reason=reason,
        submission_id=submission_id,
    )  # fmt: skip


def _after(
    session: WriteSession,
    finding: Finding,
    matter: Matter,
    taken: Taken,
    step: CaseStep,
    tell: tuple[str, ...] | None,
) -> None:
    """What comes with a step: its numbered document, the receipt of the last one, the messages."""
    assert finding.id is not None
    if taken.document:
        to = matter.department.id if finding.route == 4 and matter.department else finding.unit_id
        case_documents.issue(
            session,
            taken.document,
            district_id=matter.place.district_id,
            unit_id=to or finding.unit_id,
            on=step.day,
            due_on=step.due_on,
            step=step,
            findings=(finding.id,),
        )
    if taken.step.action == "acknowledge":
        for document in case_rows.unacknowledged(session, finding.id):
            document.acknowledged_at, document.acknowledged_by_id = step.at, step.by_id
            session.add(document)
    rectify_telling.tell_step(session, finding, matter, taken, step, tell)
