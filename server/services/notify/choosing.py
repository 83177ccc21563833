"""Who is told how: everybody's own choice, and the robots that administrators set up."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from server.problems import Problem
from server.services.notify.robots import refused
from server.services.notify.telling import deliver_to_robot
from server.services.people.people import EVERYWHERE, Reach, unit_named
from server.settings import Settings
from server.store import inbox as store
from server.store import outbox
from server.store.db import ReadSession, WriteSession
from server.store.events import record
from server.store.messages import EMAIL_MODES, ROBOT_KINDS, ROBOT_MODES, MessageChoice, Robot
from server.store.people import ROLES

ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
# What is offered first to somebody who never chose: the leading group reads once a day.
MODES: Final = {"leading": "digest", "administrator": "digest"}


def mode_of_roles(roles: frozenset[str]) -> str:
    """The way in which holders of these roles are told unless they choose another."""
    return "now" if roles - MODES.keys() else "digest"


def choose(session: WriteSession, *, person_id: int, email: str, mode: str, by: int, at: dt.datetime) -> MessageChoice:
    """Keep how somebody wants to be told. Raises Problem: message.email, message.mode."""
    email = email.strip()
    if mode not in EMAIL_MODES:
        raise Problem("message.mode")
    if (email and (not ADDRESS.fullmatch(email) or len(email) > 254)) or (mode != "off" and not email):
        raise Problem("message.email")
    row = store.choice_of(session, person_id) or MessageChoice(person_id=person_id, changed_at=at)
    row.email, row.email_mode, row.changed_at = email, mode, at
    session.add(row)
    record(session, "message.chosen", subject=str(person_id), by=by, at=at, mode=mode)
    return row


def add_robot(
    session: WriteSession,
    settings: Settings,
    *,
    name: str,
    kind: str,
    url: str,
    secret: str,
    role: str,
    unit_code: str,
    language: str,
    mode: str,
    by: int,
    at: dt.datetime,
    within: Reach = EVERYWHERE,
) -> Robot:
    """Set up a robot of a unit in reach. Raises Problem: robot.*, role.unknown, unit.unknown, message.mode.

    The event names the robot and never its address or secret.
    """
    if kind not in ROBOT_KINDS:
        raise Problem("robot.kind")
    if not name.strip():
        raise Problem("robot.name")
    if role and role not in ROLES:
        raise Problem("role.unknown", role=role)
    if mode not in ROBOT_MODES:
        raise Problem("message.mode")
    why = refused(settings, kind, url.strip(), secret.strip())
    if why or len(url) > 1000:
        raise Problem(why or "robot.url")
    unit = unit_named(session, unit_code, within)
    assert unit.id is not None
    row = Robot(
        name=name.strip()[:100],
        kind=kind,
        url=url.strip(),
        secret=secret.strip()[:200],
        role=role,
        unit_id=unit.id,
        language="en" if language == "en" else "zh",
        mode=mode,
        created_at=at,
    )
    session.add(row)
    session.flush()
    record(session, "robot.added", subject=row.name, by=by, at=at, robot=row.id, sort=kind, unit=unit.code)
    return row


def robot_named(session: ReadSession | WriteSession, robot_id: int, within: Reach) -> Robot:
    """A robot in reach. Raises Problem("not_found")."""
    found = store.robot_within(session, within, robot_id)
    if found is None:
        raise Problem("not_found")
    return found[0]


def switch_robot(
    session: WriteSession, *, robot_id: int, active: bool, by: int, at: dt.datetime, within: Reach = EVERYWHERE
) -> None:
    """Switch a robot on or off. Raises Problem("not_found")."""
    row = robot_named(session, robot_id, within)
    row.active = active
    session.add(row)
    record(session, "robot.switched", subject=row.name, by=by, at=at, robot=robot_id, active=active)


def try_robot(session: WriteSession, *, robot_id: int, by: int, at: dt.datetime, within: Reach = EVERYWHERE) -> None:
    """Send a robot a message that says who tries it. Raises Problem("not_found")."""
    row = robot_named(session, robot_id, within)
    deliver_to_robot(session, row, key=f"robot.tried-{robot_id}-{at.isoformat()}", at=at)
    record(session, "robot.tried", subject=row.name, by=by, at=at, robot=robot_id)


def try_again(session: WriteSession, *, delivery_id: int, by: int, at: dt.datetime, within: Reach = EVERYWHERE) -> None:
    """Let a delivery that was given up be sent anew. Raises Problem("not_found")."""
    if outbox.seen_delivery(session, within, delivery_id) is None or not outbox.again(session, delivery_id, at):
        raise Problem("not_found")
    record(session, "delivery.again", subject=str(delivery_id), by=by, at=at)
