"""What the demo's desk reads of the store: the findings on their way, with who is who."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import orjson
from sqlmodel import col, or_, select

from server.services.context import Context
from server.services.rectification.follow import Following
from server.store.cases import MeasureRow
from server.store.db import ReadSession, WriteSession
from server.store.events import finish, pending
from server.store.findings import Finding
from server.store.people import Person, RoleGrant
from server.store.submissions import Submission
from server.store.units import Unit

BATCH = 5000


class Row(NamedTuple):
    """A finding on its way. ``since`` is the day of its last step; logins are those who act for their units, and
    ``checker`` and ``finder`` the people, 0 for nobody."""

    id: int
    code: str
    state: str
    severity: int
    route: int
    item: str
    title: str
    indicator: str
    unit_code: str
    due_on: dt.date
    since: dt.date
    level: int
    reopened: int
    plan_returns: int
    evidence_returns: int
    falsified: bool
    on_site: bool
    checker: int
    finder: int
    school: str
    inspector: str
    department_login: str


def follow_pending(context: Context) -> None:
    """Let findings follow from what came in; lights are computed when the quarter is."""
    with context.database.read() as session:
        events = pending(session, BATCH)
    if not events:
        return
    with context.database.write() as session:
        Following(session, context, events, at=context.clock()).run()
        finish(session, [event.id for event in events if event.id is not None])


def persons(session: ReadSession | WriteSession) -> dict[str, int]:
    """Everybody by login."""
    return {login: number for login, number in session.exec(select(Person.login, Person.id)) if number is not None}


def moving(session: ReadSession | WriteSession, school: str = "") -> list[tuple[Finding, Row]]:
    """The findings that are open or under watch, of one school or all."""
    query = (
        select(Finding, Unit.code, Submission.submitter_id)
        .join(Unit, col(Unit.id) == Finding.unit_id)
        .outerjoin(Submission, col(Submission.id) == Finding.submission_id)
        .where(or_(col(Finding.closed_on).is_(None), col(Finding.state) == "watching"))
        .order_by(col(Finding.id))
    )
    if school:
        query = query.where(col(Unit.code) == school)
    heads, inspectors = _logins(session, ("school", "department")), _logins(session, ("inspector",))
    found = session.exec(query)
    return [(finding, _row(finding, code, submitter or 0, heads, inspectors)) for finding, code, submitter in found]


def _row(finding: Finding, code: str, submitter: int, heads: dict[int, str], inspectors: dict[int, str]) -> Row:
    facts = orjson.loads(finding.facts)
    since = finding.changed_at or finding.created_at
    return Row(
        finding.id or 0,
        finding.code,
        finding.state,
        finding.severity,
        finding.route,
        finding.item,
        finding.title,
        finding.indicators.split(" ")[0],
        code,
        finding.due_on,
        since.date(),
        finding.level,
        finding.reopened,
        finding.plan_returns,
        int(facts.get("evidence_returns", 0)),
        bool(facts.get("false_evidence", False)),
        finding.on_site,
        finding.rechecker_id or 0,
        finding.opened_by_id or submitter,
        heads.get(finding.unit_id, ""),
        inspectors.get(finding.unit_id, "office"),
        heads.get(finding.department_id or 0, ""),
    )


def _logins(session: ReadSession | WriteSession, roles: tuple[str, ...]) -> dict[int, str]:
    """Who holds one of these roles at a unit itself."""
    query = (
        select(RoleGrant.unit_id, Person.login)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(col(RoleGrant.role).in_(roles))
    )
    return dict(session.exec(query).all())


def talks(session: WriteSession, today: dt.date) -> list[MeasureRow]:
    """The talks whose next step is due: decided a week after their proposal, held on their day, closed a week later."""
    query = select(MeasureRow).where(MeasureRow.kind == "interview", col(MeasureRow.closed_on).is_(None))
    found = []
    for row in session.exec(query.order_by(col(MeasureRow.id))):
        week = today - dt.timedelta(days=7)
        ready = {
            "proposed": row.proposed_on <= week and (row.id or 0) % 3 != 0,
            "decided": True,
            "notified": row.step_due_on is not None and row.step_due_on <= today,
            "held": row.held_on is not None and row.held_on <= week,
        }
        if ready.get(row.state):
            found.append(row)
    return found
