"""Deliveries on their way out: who may send which now, and what became of them.

A delivery is claimed by one conditional UPDATE: of several workers one gets it, and it stays theirs until the lease
ends. Whatever a worker says about a delivery afterwards counts only while it still holds the lease.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, and_, delete, func, true, update
from sqlmodel import col, or_, select

from server.store.db import ReadSession, WriteSession
from server.store.messages import Delivery, Message, MessageChoice, Robot, insert_or_nothing
from server.store.people import Person, RoleGrant
from server.store.reading.lights import Paths, below
from server.store.units import Unit

AnySession = ReadSession | WriteSession


class Channel(NamedTuple):
    """A way out that works or fails as one: the mail server (``robot_id`` 0) or one robot."""

    robot_id: int


class Addressee(NamedTuple):
    """Where a person's mail goes now: "" where there is no mail any more."""

    person_id: int
    name: str
    language: str
    email: str


MAIL = Channel(0)


def _ready(now: dt.datetime, quiet: bool) -> ColumnElement[bool]:
    """The condition that a delivery may be claimed."""
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) < now)
    terms = [col(Delivery.state) == "waiting", col(Delivery.due_at) <= now, free]
    return and_(*terms, col(Delivery.urgent)) if quiet else and_(*terms)


def _through(channel: Channel) -> ColumnElement[bool]:
    if channel.robot_id:
        return col(Delivery.robot_id) == channel.robot_id
    return col(Delivery.robot_id).is_(None)


def channels_due(session: AnySession, now: dt.datetime, *, quiet: bool) -> list[Channel]:
    """The channels for which something may be sent now."""
    query = select(Delivery.robot_id).where(_ready(now, quiet)).distinct()
    return sorted(Channel(robot or 0) for robot in session.exec(query))


def claim(
    session: WriteSession,
    channel: Channel,
    now: dt.datetime,
    *,
    quiet: bool,
    holder: str,
    until: dt.datetime,
    most: int,
) -> list[Delivery]:
    """Take up to ``most`` deliveries of a channel, urgent ones first; nobody else gets them before ``until``."""
    ready = and_(_ready(now, quiet), _through(channel))
    query = select(Delivery.id).where(ready).order_by(col(Delivery.urgent).desc(), col(Delivery.id)).limit(most)
    wanted = list(session.exec(query))
    if not wanted:
        return []
    taking = (
        update(Delivery)
        .where(col(Delivery.id).in_(wanted), ready)
        .values(lease_holder=holder, lease_until=until, tries=col(Delivery.tries) + 1)
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    taken = [row[0] for row in session.connection().execute(taking)]
    found = select(Delivery).where(col(Delivery.id).in_(taken))
    return list(session.exec(found.order_by(col(Delivery.urgent).desc(), col(Delivery.id))))


def settle(
    session: WriteSession, delivery_id: int, holder: str, *, state: str, at: dt.datetime, error: str = ""
) -> bool:
    """Say how a claimed delivery ended; False where the lease was lost to another."""
    return _change(
        session,
        [delivery_id],
        holder,
        {"state": state, "done_at": at, "error": error, "lease_holder": "", "lease_until": None},
    )


def postpone(
    session: WriteSession, ids: Collection[int], holder: str, *, due_at: dt.datetime, error: str, tried: bool
) -> bool:
    """Give claimed deliveries back until ``due_at``; ``tried`` False if they were not even tried."""
    values: dict[str, Any] = {"due_at": due_at, "error": error, "lease_holder": "", "lease_until": None}
    if not tried:
        values["tries"] = col(Delivery.tries) - 1
    return _change(session, ids, holder, values)


def _change(session: WriteSession, ids: Collection[int], holder: str, values: dict[str, Any]) -> bool:
    if not ids:
        return False
    statement = (
        update(Delivery)
        .where(col(Delivery.id).in_(sorted(ids)), col(Delivery.lease_holder) == holder)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(session.connection().execute(statement).rowcount)


def messages_of(session: AnySession, deliveries: Sequence[Delivery]) -> dict[int, list[Message]]:
    """What each delivery carries: its message, or those gathered in a digest, oldest first."""
    own = [row.id for row in deliveries if row.message_id is not None]
    parents = [row.id for row in deliveries if row.message_id is None]
    found: dict[int, list[Message]] = {row.id: [] for row in deliveries if row.id is not None}
    if own:
        query = select(Delivery.id, Message).join(Message, col(Message.id) == Delivery.message_id)
        for delivery, message in session.exec(query.where(col(Delivery.id).in_(own))):
            found[delivery or 0].append(message)
    if parents:
        query = select(Delivery.parent_id, Message).join(Message, col(Message.id) == Delivery.message_id)
        ordered = query.where(col(Delivery.parent_id).in_(parents)).order_by(col(Message.id))
        for parent, message in session.exec(ordered):
            found[parent or 0].append(message)
    return found


def addressees(session: AnySession, persons: Collection[int]) -> dict[int, Addressee]:
    """Where mail to these people goes now; who left or wants no mail any more has no address."""
    query = (
        select(Person.id, Person.name, Person.language, Person.active, MessageChoice.email, MessageChoice.email_mode)
        .outerjoin(MessageChoice, col(MessageChoice.person_id) == Person.id)
        .where(col(Person.id).in_(sorted(persons)))
    )
    return {
        person: Addressee(person, name, language, email if active and email and mode != "off" else "")
        for person, name, language, active, email, mode in session.connection().execute(query)
    }


def robot(session: AnySession, robot_id: int) -> Robot | None:
    """One robot."""
    return session.get(Robot, robot_id)


def held_receivers(session: AnySession, before: dt.datetime) -> list[tuple[int | None, int | None]]:
    """(person, robot) of those for whom something was held for the digest before a moment."""
    query = (
        select(Delivery.person_id, Delivery.robot_id)
        .where(col(Delivery.state) == "held", col(Delivery.created_at) < before)
        .distinct()
    )
    return sorted(session.exec(query), key=str)


def crowded(session: AnySession, now: dt.datetime, above: int) -> list[tuple[int | None, int | None]]:
    """(person, robot) of those for whom more than ``above`` messages that are not urgent wait to be sent at once."""
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) < now)
    query = (
        select(Delivery.person_id, Delivery.robot_id)
        .where(col(Delivery.state) == "waiting", ~col(Delivery.urgent), col(Delivery.message_id).is_not(None), free)
        .group_by(col(Delivery.person_id), col(Delivery.robot_id))
        .having(func.count() > above)
    )
    return sorted(session.exec(query), key=str)


def gather(
    session: WriteSession,
    receiver: tuple[int | None, int | None],
    *,
    state: str,
    before: dt.datetime,
    now: dt.datetime,
    name: str,
) -> bool:
    """Put what is ``held`` (or ``waiting``) for a receiver into one delivery; False where nothing was left to gather.

    The rows are taken by a conditional UPDATE after the listing's row exists, so of two at once one gathers.
    """
    person, robot_id = receiver
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) < now)
    mine = and_(
        col(Delivery.state) == state,
        ~col(Delivery.urgent),
        col(Delivery.message_id).is_not(None),
        col(Delivery.created_at) < before,
        col(Delivery.person_id) == person if person else col(Delivery.person_id).is_(None),
        col(Delivery.robot_id) == robot_id if robot_id else col(Delivery.robot_id).is_(None),
        free,
    )
    first = session.exec(select(func.min(col(Delivery.id))).where(mine)).one()
    if first is None:
        return False
    # The oldest row names the listing: whoever gathers it at the same time meets the unique key.
    key = f"{name}-{first}-{f'person-{person}' if person else f'robot-{robot_id}'}"
    row = {"key": key, "person_id": person, "robot_id": robot_id, "created_at": now, "due_at": now, "error": ""}
    made = insert_or_nothing(session, Delivery, ["key"]).values(**row).returning(col(Delivery.id))
    parent = session.connection().execute(made).scalar_one_or_none()
    if parent is None:
        return False
    taking = (
        update(Delivery)
        .where(mine, col(Delivery.id) != parent)
        .values(state="gathered", parent_id=parent)
        .execution_options(synchronize_session=False)
    )
    if session.connection().execute(taking).rowcount:
        return True
    session.connection().execute(delete(Delivery).where(col(Delivery.id) == parent))
    return False


def again(session: WriteSession, delivery_id: int, at: dt.datetime) -> bool:
    """Let a delivery that was given up be tried anew; False where there is none."""
    statement = (
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state).in_(("failed", "dropped")))
        .values(state="waiting", due_at=at, tries=0, error="", done_at=None, lease_holder="", lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return bool(session.connection().execute(statement).rowcount)


def _seen_from(paths: Paths) -> ColumnElement[bool]:
    """The condition that a delivery's receiver belongs to one of these subtrees."""
    if "/" in paths:
        return true()
    holding = select(RoleGrant.person_id).join(Unit, col(Unit.id) == RoleGrant.unit_id).where(below(paths))
    robots = select(Robot.id).join(Unit, col(Unit.id) == Robot.unit_id).where(below(paths))
    return or_(col(Delivery.person_id).in_(holding), col(Delivery.robot_id).in_(robots))


def log(
    session: AnySession, paths: Paths, *, state: str = "", text: str = "", start: int = 0, most: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many deliveries there are to receivers of these subtrees, and a page of (Delivery, Message or None, person's
    name, robot's name), the newest first."""
    query = (
        select(Delivery, Message, Person.name.label("person_name"), Robot.name.label("robot_name"))  # type: ignore[attr-defined]
        .outerjoin(Message, col(Message.id) == Delivery.message_id)
        .outerjoin(Person, col(Person.id) == Delivery.person_id)
        .outerjoin(Robot, col(Robot.id) == Delivery.robot_id)
        .where(_seen_from(paths))
    )
    if state:
        query = query.where(col(Delivery.state) == state)
    if text:
        searched = (col(Message.subject), col(Message.title_zh), col(Person.name), col(Robot.name))
        query = query.where(or_(*(column.icontains(text, autoescape=True) for column in searched)))
    counted = query.with_only_columns(func.count(), maintain_column_froms=True)
    total = session.connection().execute(counted).scalar_one()
    ordered = query.order_by(col(Delivery.id).desc()).offset(start).limit(most)
    return total, list(session.exec(ordered))  # type: ignore[call-overload]


def counts(session: AnySession, paths: Paths) -> dict[str, int]:
    """How many deliveries to receivers of these subtrees are in each state."""
    query = select(Delivery.state, func.count()).where(_seen_from(paths)).group_by(col(Delivery.state))
    return dict(session.exec(query).all())


def seen_delivery(session: AnySession, paths: Paths, delivery_id: int) -> Delivery | None:
    """One delivery to a receiver of these subtrees."""
    return session.exec(select(Delivery).where(col(Delivery.id) == delivery_id, _seen_from(paths))).first()
