"""What the calendar asks for, done: each action once, its key written in the transaction of its effect."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from forms.meaning import quarter_before, quarter_of
from scorecards.deadlines import WorkCalendar
from scorecards.lifecycle.clock import (
    ClockAction,
    ClockRules,
    Watched,
    WatchedMeasure,
    finding_actions,
    measure_actions,
)
from scorecards.lifecycle.draw import ALGORITHM, draw
from server.problems import Problem
from server.services.context import Context
from server.services.measures.by_rule import propose_by_lights
from server.services.rectification import clock_effects
from server.services.reference import in_force
from server.services.work_calendar import calendar_of
from server.store import case_rows, clock_rows
from server.store.cases import Draw
from server.store.clock_rows import Waiting, WaitingMeasure
from server.store.db import ReadSession
from server.store.forms import project_paths

log = logging.getLogger("liangpai.jobs")
LIGHTS_BACK: Final = 2  # quarters whose frozen lights may still lead to a proposal


@dataclass(frozen=True, slots=True)
class Todo:
    """An action that is due for one finding or measure."""

    action: ClockAction
    finding: Waiting | None = None
    measure: WaitingMeasure | None = None


@dataclass(frozen=True)
class Rules:
    """The rules of each project, by its path, the nearest first."""

    by_path: tuple[tuple[str, int, ClockRules], ...]
    calendar: WorkCalendar

    def of(self, path: str) -> ClockRules | None:
        """The rules of the project above a unit; None where there is none."""
        return next((rules for home, _, rules in self.by_path if path.startswith(home)), None)


def tick(context: Context) -> int:
    """Do what is due now; gives how many actions were done. Whatever fails is tried again the next time, alone."""
    with context.database.read() as session:
        rules = rules_of(session)
        todo = list(due(session, context, rules))
        taken = case_rows.keys_taken(session, {entry.action.key for entry in todo})
    done = sum(_do(context, entry) for entry in todo if entry.action.key not in taken)
    return done + _draw_all(context, rules) + _lights(context)


def rules_of(session: ReadSession) -> Rules:
    """The rules in force of every project that has some."""
    found = []
    for project, path in project_paths(session).items():
        try:
            rules = ClockRules.from_rulebook(in_force(session, project).rulebook)
        except Problem:
            continue
        found.append((path, project, rules))
    return Rules(tuple(sorted(found, key=lambda entry: -len(entry[0]))), calendar_of(session))


def due(session: ReadSession, context: Context, rules: Rules) -> Iterator[Todo]:
    """What is due for every finding and measure, done or not."""
    now, today = context.clock(), context.today()
    listed = clock_rows.waiting(session, today)
    measures = clock_rows.taken_measures(session, {row.id for row in listed if row.level >= 3 or row.state == "false"})
    for row in listed:
        own = rules.of(row.path)
        if own is not None:
            case = _watched(row, measures.get(row.id, []), context.settings.zone)
            for action in finding_actions(case, now=now, today=today, rules=own, calendar=rules.calendar):
                yield Todo(action, finding=row)
    for measure in clock_rows.waiting_measures(session):
        own = rules.of(measure.path)
        if own is not None:
            for action in measure_actions(_watched_measure(measure), today=today, rules=own, calendar=rules.calendar):
                yield Todo(action, measure=measure)


def _watched(row: Waiting, measures: list[tuple[str, dt.date]], zone: dt.tzinfo) -> Watched:
    facts = orjson.loads(row.facts)
    since = row.told_on or dt.date.min
    days = {kind: day for kind, day in sorted(measures, key=lambda entry: entry[1]) if day >= since}
    handling, chase = facts.get("handling_by", ""), facts.get("chase_by", "")
    return Watched(
        row.code,
        row.state,
        row.severity,
        row.level,
        row.told_on,
        row.due_on if row.told_on else None,
        row.step_due_on,
        row.step_due_at,
        dt.date.fromisoformat(chase) if chase else None,
        dt.datetime.fromisoformat(handling) if handling else None,
        int(facts.get("extension_asked", 0)),
        row.closed_on,
        days.get("interview"),
        days.get("circular"),
        row.route,
        row.created_at.astimezone(zone).date(),
    )


def _watched_measure(row: WaitingMeasure) -> WatchedMeasure:
    until = orjson.loads(row.facts).get("until", "")
    end = dt.date.fromisoformat(until) if until else None
    return WatchedMeasure(row.code, row.kind, row.state, row.proposed_on, row.step_due_on, end)


def _do(context: Context, todo: Todo) -> bool:
    """One action with its key, in one transaction; False if somebody did it first or it is not allowed any more."""
    finding, measure = todo.finding, todo.measure
    try:
        with context.database.write() as session:
            fresh = case_rows.take_key(
                session,
                todo.action.key,
                action=todo.action.kind,
                finding_id=finding.id if finding else None,
                measure_id=measure.id if measure else None,
                at=context.clock(),
            )
            if not fresh:
                return False
            if finding is not None:
                clock_effects.on_finding(session, context, todo.action, finding)
            elif measure is not None:
                clock_effects.on_measure(session, context, todo.action, measure)
        return True
    except Problem as problem:
        if problem.code == "store.unavailable":
            raise
        # Somebody moved it meanwhile: the key went back with the transaction, and the next look decides anew.
        log.info("%s is not due any more: %s", todo.action.key, problem)
        return False


def _draw_all(context: Context, rules: Rules) -> int:
    """Draw the small findings that are seen on site, in each project where some have handed in their evidence."""
    done = 0
    for path, project_id, own in rules.by_path:
        with context.database.read() as session:
            if not clock_rows.undrawn(session, path, own.number("D.recheck.onsite")):
                continue
        done += _draw(context, project_id, path, own)
    return done


def _draw(context: Context, project_id: int, path: str, rules: ClockRules) -> int:
    at, seed = context.clock(), secrets.token_hex(16)
    occasion = f"{at.astimezone(context.settings.zone):%Y-%m-%dT%H:%M:%S}"
    share = rules.number("D.recheck.sample")
    with context.database.write() as session:
        key = f"draw/{project_id}/{occasion}"
        if not case_rows.take_key(session, key, action="draw", finding_id=None, measure_id=None, at=at):
            return 0
        clock_rows.hold_project(session, project_id)
        listed = clock_rows.undrawn(session, path, rules.number("D.recheck.onsite"))
        pool = {code: number for number, code in listed}
        drawn = draw(pool, seed=seed, share=share, before=clock_rows.drawn_before(session, project_id))
        row = Draw(
            project_id=project_id,
            occasion=occasion,
            seed=seed,
            algorithm=ALGORITHM,
            share=f"{share}%",
            pool=orjson.dumps(sorted(pool)).decode(),
            drawn=orjson.dumps(list(drawn)).decode(),
            at=at,
        )
        clock_rows.keep_draw(session, row, list(pool.values()), {pool[code] for code in drawn})
        clock_effects.record_draw(session, row, at)
    return 1


def _lights(context: Context) -> int:
    """What newly frozen lights give cause for."""
    since = quarter_before(quarter_of(context.today()), LIGHTS_BACK)
    with context.database.read() as session:
        frozen = clock_rows.frozen_quarters(session, since)
        taken = case_rows.keys_taken(session, {f"lights/{project}/{quarter}" for project, quarter in frozen})
    done = 0
    for project_id, quarter in frozen:
        key = f"lights/{project_id}/{quarter}"
        if key in taken:
            continue
        with context.database.write() as session:
            at = context.clock()
            if case_rows.take_key(session, key, action="lights", finding_id=None, measure_id=None, at=at):
                done += len(propose_by_lights(session, context, project_id=project_id, quarter=quarter, at=at))
    return done
