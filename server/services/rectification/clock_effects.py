"""What an action of the clock does: a step by the system, a proposal, or a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from scorecards.lifecycle import measures as measure_table
from scorecards.lifecycle.clock import ClockAction
from scorecards.lifecycle.rectification import TABLE
from scorecards.lifecycle.table import Words
from server.problems import Problem
from server.services.context import Context
from server.services.measures import measures
from server.services.notify import Holders, MessageWords, above, at_unit, nearest, tell
from server.services.rectification import rectify
from server.store import case_rows
from server.store.cases import Draw
from server.store.clock_rows import Waiting, WaitingMeasure
from server.store.db import WriteSession
from server.store.events import record
from server.store.findings import Finding
from server.store.units import Unit

WORDS: Final[Mapping[str, Words]] = {
    "turn": Words("本环节已到期", "This stage is due"),
    "late": Words("本环节严重超期", "This stage is long overdue"),
    "handling": Words("S4处置情况未按时报告", "The handling of an S4 was not reported in time"),
    "extension": Words("延期申请待批", "An extension waits for a decision"),
    "look_back": Words("请安排回头看", "A look-back is due"),
    "statement": Words("申辩期将满，逾期视为无异议", "The time for a statement ends, then silence is no objection"),
    "unconfirmed": Words("问题尚未确认", "A proposed finding was not confirmed yet"),
}
MOVED: Final = "step.stale"


def on_finding(session: WriteSession, context: Context, action: ClockAction, waiting: Waiting) -> None:
    """Do what is due for a finding. Raises Problem where it has moved since the clock looked."""
    row = case_rows.lock_finding(session, waiting.id)
    if (row.state, row.due_on, row.step_due_on) != (waiting.state, waiting.due_on, waiting.step_due_on):
        raise Problem(MOVED)
    at = context.clock()
    if action.action:
        rectify.act(session, context, row, action.action, by=None, at=at, tell=action.tell)
        return
    unit = session.get_one(Unit, row.unit_id)
    if action.measure:
        _propose(session, context, action, row, unit, at)
        return
    state = TABLE.states[row.state].words
    due = action.day if action.kind == "unconfirmed" else row.step_due_on or row.due_on
    words = WORDS[action.kind]
    name, name_en = unit.name, unit.name_en or unit.name
    tell(
        session,
        kind=f"clock.{action.kind}",
        to=holders(session, row, unit, action.tell),
        subject=row.code,
        words=MessageWords(
            f"{words.zh}：{row.title}（{name}）",
            f"{words.en}: {row.title_en or row.title} ({name_en})",
            f"{row.code} S{row.severity}\n目前：{state.zh}\n期限：{due:%Y-%m-%d}\n依据：{action.rule}",
            f"{row.code} S{row.severity}\nNow: {state.en}\nLimit: {due:%Y-%m-%d}\nBy rule: {action.rule}",
        ),
        at=at,
        key=f"clock-{action.key}",
        urgent=row.severity == 4,
        link=f"/findings/{row.code}",
        about=unit.path,
    )
    record(session, f"clock.{action.kind}", subject=row.code, by=None, at=at, key=action.key, rule=action.rule)


def _propose(
    session: WriteSession, context: Context, action: ClockAction, row: Finding, unit: Unit, at: dt.datetime
) -> None:
    """A measure on the unit that must rectify."""
    owner = session.get_one(Unit, row.department_id) if row.route == 4 and row.department_id else unit
    data = {
        "finding": row.code,
        "title": row.title,
        "severity": row.severity,
        "state": row.state,
        "due_on": row.due_on.isoformat(),
        "level": row.level,
        "since": action.day.isoformat(),
    }
    measures.propose(
        session,
        context,
        owner,
        action.measure,
        rule=action.rule,
        data=data,
        origin=action.key,
        finding=row,
        at=at,
    )


def on_measure(session: WriteSession, context: Context, action: ClockAction, waiting: WaitingMeasure) -> None:
    """Do what is due for a measure. Raises Problem where it has moved since the clock looked."""
    row = case_rows.lock_measure(session, waiting.id)
    if (row.state, row.step_due_on) != (waiting.state, waiting.step_due_on):
        raise Problem(MOVED)
    at = context.clock()
    if action.action:
        measures.act(session, context, row, action.action, by=None, at=at)
        return
    unit = session.get_one(Unit, row.unit_id)
    kind, state = measure_table.KINDS[row.kind], measure_table.TABLE.states[row.state].words
    words = WORDS["turn"]
    roles: list[int | Holders] = [_at(unit, unit, role) for role in action.tell]
    tell(
        session,
        kind="clock.measure",
        to=roles,
        subject=row.code,
        words=MessageWords(
            f"{words.zh}：{kind.zh}（{unit.name}）",
            f"{words.en}: {kind.en} ({unit.name_en or unit.name})",
            f"{row.code}\n目前：{state.zh}\n依据：{action.rule}",
            f"{row.code}\nNow: {state.en}\nBy rule: {action.rule}",
        ),
        at=at,
        key=f"clock-{action.key}",
        link=f"/measures/{row.code}",
        about=unit.path,
    )
    record(session, "clock.measure", subject=row.code, by=None, at=at, key=action.key, rule=action.rule)


def holders(session: WriteSession, finding: Finding, unit: Unit, roles: tuple[str, ...]) -> list[int | Holders]:
    """Whom roles mean for a finding; "school" is the unit that must rectify."""
    consulted = finding.route == 4 and finding.department_id
    owner = session.get_one(Unit, finding.department_id) if consulted else unit
    found: list[int | Holders] = []
    for role in roles:
        finder = finding.rechecker_id or finding.opened_by_id
        finder = finder or case_rows.submitter_of(session, finding.submission_id)
        found.append(finder if role == "inspector" and finder else _at(unit, owner, role))
    return found


def _at(unit: Unit, owner: Unit, role: str) -> Holders:
    if role in ("school", "department"):
        return at_unit(owner, "department" if owner.kind == "department" else "school")
    return nearest(unit, "office") if role == "office" else above(unit, role)


def record_draw(session: WriteSession, draw: Draw, at: dt.datetime) -> None:
    """Leave a trace of a draw."""
    subject = f"{draw.project_id}/{draw.occasion}"
    record(session, "recheck.drawn", subject=subject, by=None, at=at, seed=draw.seed, drawn=draw.drawn)
