"""Measures (closed-loop Q1-Q5) and incentives: proposed by a rule with its data, made real only by a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from forms.meaning import quarter_of
from scorecards.lifecycle import engine
from scorecards.lifecycle.engine import Case, Refusal, Request, Taken
from scorecards.lifecycle.measures import KEPT, KINDS, LIFECYCLE, TABLE, measure_facts
from scorecards.lifecycle.table import StepSpec
from server.problems import Problem
from server.security.permissions import may
from server.security.viewer import Viewer
from server.services.context import Context
from server.services.documents import numbers as case_documents
from server.services.lights.freeze import correct
from server.services.measures import change as measures_change
from server.services.measures import telling as measures_telling
from server.services.rectification.case import Place, actor_of, place_of, today_of
from server.services.rectification.files import Examined, Upload, examine_all
from server.services.rectification.rectify import refused
from server.services.work_calendar import calendar_of
from server.store import case_rows, measure_rows
from server.store.cases import CaseStep, Look, MeasurePerson, MeasureRow
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.findings import Finding
from server.store.units import Unit

LONGEST: Final = 8000
BY_HAND: Final = "hand"
UNDECIDED: Final = ("proposed", "referred", "rejected")


def offered(
    session: ReadSession | WriteSession, context: Context, measure: MeasureRow, viewer: Viewer
) -> tuple[StepSpec, ...]:
    """The steps that somebody may take on a measure now. Raises Problem("not_found") for one out of sight."""
    unit = session.get_one(Unit, measure.unit_id)
    _require_seen(viewer, unit, measure.state)
    return engine.allowed(
        LIFECYCLE,
        _case(session, measure),
        actor_of(viewer, unit),
        today=context.today(),
        calendar=calendar_of(session),
        settings=place_of(session, unit.path).settings,
    )


def act(
    session: WriteSession,
    context: Context,
    measure: MeasureRow,
    action: str,
    *,
    by: Viewer | None,
    at: dt.datetime,
    fields: Mapping[str, str] | None = None,
    files: Mapping[str, Sequence[Upload]] | None = None,
    seen: int | None = None,
) -> CaseStep:
    """Take a step on a measure; ``by`` None is the system. Everything or nothing is kept.

    ``seen`` is the number of steps (``measure.steps``) that whoever acts had before them.

    Raises Problem: "step.refused" with ``rule``, ``zh`` and ``en``; "step.stale"; "not_found" for a measure out of
    sight; and those of its files (attachment.too_many, attachment.too_large, attachment.type).
    """
    assert measure.id is not None
    row = case_rows.lock_measure(session, measure.id)
    unit = session.get_one(Unit, row.unit_id)
    if by is not None:
        _require_seen(by, unit, row.state)
    if seen is not None and seen != row.steps:
        raise Problem("step.stale")
    place, today = place_of(session, unit.path), today_of(at, context.settings.zone)
    step = TABLE.step(row.state, action)
    names = [spec.name for spec in step.fields] if step else []
    given = fields or {}
    entered = {name: given[name].strip()[:LONGEST] for name in names if given.get(name, "").strip()}
    counts = {name: len(listed) for name, listed in (files or {}).items()}
    request = Request(action, actor_of(by, unit), at, today, entered, counts)
    taken = engine.take(LIFECYCLE, _case(session, row), request, calendar=calendar_of(session), settings=place.settings)
    if isinstance(taken, Refusal):
        raise refused(taken)
    examined = examine_all(context, step, files) if step is not None and files else []
    kept = _keep(session, row, taken, entered, examined, by=by, at=at, today=today)
    _after(session, row, unit, taken, kept, place)
    measures_telling.tell_step(session, row, unit, taken, kept)
    record(
        session,
        f"measure.{action}",
        subject=row.code,
        by=by.person_id if by else None,
        at=at,
        before=taken.before,
        after=taken.after,
        corrects=bool(taken.changes.get("corrects")),
        step=kept.id,
    )
    return kept


def _after(session: WriteSession, row: MeasureRow, unit: Unit, taken: Taken, step: CaseStep, place: Place) -> None:
    """What comes with a step: its numbered document, the receipt of the last one, the correction of a frozen card."""
    if taken.document:
        case_documents.issue(
            session,
            taken.document,
            district_id=place.district_id,
            unit_id=row.unit_id,
            on=step.day,
            due_on=step.due_on,
            step=step,
            measure_id=row.id,
        )
    if taken.step.action == "acknowledge":
        measure_rows.acknowledge(session, row.id or 0, at=step.at, by=step.by_id)
    if taken.changes.get("corrects"):
        said = {"measure": row.code, "unit": unit.code, "kind": row.kind, "before": taken.before, "after": taken.after}
        correct(session, project_id=place.project_id, quarter=row.quarter, correction=said, by=step.by_id, at=step.at)


def propose(
    session: WriteSession,
    context: Context,
    unit: Unit,
    kind: str,
    *,
    rule: str,
    data: Mapping[str, Any],
    origin: str = "",
    quarter: int | None = None,
    finding: Finding | None = None,
    by: Viewer | None = None,
    at: dt.datetime,
) -> MeasureRow | None:
    """Propose a measure on a unit, with the rule and the data behind it; None where ``origin`` was proposed before.

    By hand (``by``) the office and the leading group may, and ``rule`` says on which clause they rest. Raises Problem:
    "not_found", "auth.forbidden", "step.refused" for an unknown kind (field.kind) or a proposal without grounds.
    """
    _check_proposal(unit, kind, rule, data, by)
    today = today_of(at, context.settings.zone)
    code = measure_rows.free_code(session, f"{unit.code}-{kind}-{today:%y%m%d}")
    place = place_of(session, unit.path)
    row = MeasureRow(
        code=code,
        kind=kind,
        unit_id=unit.id or 0,
        quarter=quarter or quarter_of(today),
        finding_id=finding.id if finding else None,
        rule=rule.strip()[:64],
        origin=origin or f"{BY_HAND}/{code}",
        data=orjson.dumps(dict(data), option=orjson.OPT_SORT_KEYS).decode(),
        proposed_on=today,
        proposed_by_id=by.person_id if by else None,
        created_at=at,
        changed_at=at,
    )
    if measure_rows.known_origin(session, row.origin):
        return None
    session.add(row)
    session.flush()
    measures_telling.tell_proposal(session, row, unit, at)
    record(
        session,
        "measure.proposed",
        subject=code,
        by=by.person_id if by else None,
        at=at,
        kind_of=kind,
        rule=rule,
        project=place.project_id,
    )
    return row


def _check_proposal(unit: Unit, kind: str, rule: str, data: Mapping[str, Any], by: Viewer | None) -> None:
    if by is not None:
        if not may(by, "measure.see", unit.path):
            raise Problem("not_found")
        if not may(by, "measure.propose", unit.path):
            raise Problem("auth.forbidden")
    if kind not in KINDS:
        raise refused(Refusal("field.kind", "请选择措施。", "Choose the measure."))
    if not rule.strip() or not data:
        raise refused(Refusal("M-40", "建议须写明依据。", "A proposal says what it rests on."))


def name_person(
    session: WriteSession, measure: MeasureRow, *, name: str, post: str = "", by: Viewer, at: dt.datetime
) -> MeasurePerson:
    """Write down whom a measure concerns by name; the office and the leading group alone.

    Raises Problem: "not_found", "auth.forbidden", "step.refused" (field.name).
    """
    unit = session.get_one(Unit, measure.unit_id)
    _require_seen(by, unit, measure.state)
    if not may(by, "measure.names", unit.path):
        raise Problem("auth.forbidden")
    if not name.strip():
        raise refused(Refusal("field.name", "请填写姓名。", "Enter the name."))
    person = MeasurePerson(measure_id=measure.id or 0, name=name.strip()[:100], post=post.strip()[:100])
    session.add(person)
    session.flush()
    record(session, "measure.person_named", subject=measure.code, by=by.person_id, at=at, person=person.id)
    return person


def names(
    session: WriteSession, measure: MeasureRow, *, place: str, by: Viewer, at: dt.datetime
) -> list[MeasurePerson]:
    """The persons that a measure names; that they were looked at, where (``place``) and by whom, is kept.

    Raises Problem: "not_found", "auth.forbidden" for roles that do not see names.
    """
    unit = session.get_one(Unit, measure.unit_id)
    _require_seen(by, unit, measure.state)
    if not may(by, "measure.names", unit.path):
        raise Problem("auth.forbidden")
    found = measure_rows.persons_of(session, measure.id or 0)
    if found:
        session.add(Look(measure_id=measure.id or 0, person_id=by.person_id, at=at, place=place[:100]))
        record(session, "measure.names_seen", subject=measure.code, by=by.person_id, at=at, place=place[:100])
    return found


def visible(viewer: Viewer, unit: Unit, state: str) -> bool:
    """May this person see a measure? The unit concerned sees it once it is decided, never a proposal about itself."""
    if not may(viewer, "measure.see", unit.path):
        return False
    return state not in UNDECIDED or may(viewer, "measure.see_proposed", unit.path)


def _require_seen(viewer: Viewer, unit: Unit, state: str) -> None:
    if not visible(viewer, unit, state):
        raise Problem("not_found")


def _case(session: ReadSession | WriteSession, measure: MeasureRow) -> Case:
    kept = {name: value for name, value in orjson.loads(measure.facts).items() if name in KEPT}
    facts = measure_facts(
        kind=measure.kind,
        rule=measure.rule,
        data="" if measure.data == "{}" else measure.data,
        responsible=frozenset({measure.unit_id}),
        earlier=measure_rows.earlier_kinds(session, measure),
        turn_due=measure.step_due_on,
        **kept,
    )
    return Case(measure.state, facts)


def _keep(
    session: WriteSession,
    measure: MeasureRow,
    taken: Taken,
    entered: Mapping[str, str],
    files: Sequence[Examined],
    *,
    by: Viewer | None,
    at: dt.datetime,
    today: dt.date,
) -> CaseStep:
    """Move the measure and write the step with its files."""
    person = by.person_id if by else None
    measures_change.apply(measure, taken, by=person, day=today, at=at)
    reason = entered.get("reason") or entered.get("note", "")
    rows = [file.row for file in files]
    return case_rows.add_step(
        session, measure, taken, entered, rows, by_id=person, at=at, day=today, due_on=taken.due, reason=reason
    )
