"""Everybody's inbox: what was told to them, read and unread; the ways in which they want to be told; robots."""

import datetime as dt
from typing import Any

from sqlalchemy import Row, func, update
from sqlmodel import col, or_, select

from server.store.db import ReadSession, WriteSession
from server.store.messages import Message, MessageChoice, MessageCopy, Robot
from server.store.reading.lights import Paths, below
from server.store.units import Unit

AnySession = ReadSession | WriteSession


def unread(session: AnySession, person_id: int) -> int:
    """How many messages somebody has not read: a look into the index of unread copies."""
    query = select(func.count()).select_from(MessageCopy)
    return session.exec(query.where(col(MessageCopy.person_id) == person_id, col(MessageCopy.read_at).is_(None))).one()


def messages(
    session: AnySession,
    person_id: int,
    *,
    only_unread: bool = False,
    urgent: bool = False,
    text: str = "",
    start: int = 0,
    most: int = 30,
) -> tuple[int, list[Row[Any]]]:
    """How many of somebody's messages fit, and a page of (Message, read_at), the newest first."""
    query = (
        select(Message, MessageCopy.read_at)
        .join(MessageCopy, col(MessageCopy.message_id) == Message.id)
        .where(col(MessageCopy.person_id) == person_id)
    )
    if only_unread:
        query = query.where(col(MessageCopy.read_at).is_(None))
    if urgent:
        query = query.where(col(Message.urgent))
    if text:
        query = query.where(
            or_(
                *(
                    column.icontains(text, autoescape=True)
                    for column in (
                        col(Message.title_zh),
                        col(Message.title_en),
                        col(Message.body_zh),
                        col(Message.subject),
                    )
                )
            )
        )
    connection = session.connection()
    total = connection.execute(query.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one()
    # The copy's number orders like the message's and stands in the inbox's own key.
    ordered = query.order_by(col(MessageCopy.message_id).desc()).offset(start).limit(most)
    return total, list(session.exec(ordered))  # type: ignore[arg-type]


def message_for(session: AnySession, person_id: int, message_id: int) -> Row[Any] | None:
    """(Message, read_at) of one message in somebody's own inbox, else None."""
    query = (
        select(Message, MessageCopy.read_at)
        .join(MessageCopy, col(MessageCopy.message_id) == Message.id)
        .where(col(MessageCopy.person_id) == person_id, col(MessageCopy.message_id) == message_id)
    )
    return session.exec(query).first()  # type: ignore[return-value]


def mark_read(session: WriteSession, person_id: int, at: dt.datetime, message_id: int | None = None) -> int:
    """Mark one message of somebody's inbox as read, or all; gives how many were unread."""
    statement = update(MessageCopy).where(col(MessageCopy.person_id) == person_id, col(MessageCopy.read_at).is_(None))
    if message_id is not None:
        statement = statement.where(col(MessageCopy.message_id) == message_id)
    done = session.connection().execute(statement.values(read_at=at).execution_options(synchronize_session=False))
    return done.rowcount


def choice_of(session: AnySession, person_id: int) -> MessageChoice | None:
    """How somebody wants to be told, None if they never said."""
    return session.get(MessageChoice, person_id)


def robots_within(session: AnySession, paths: Paths) -> list[Row[Any]]:
    """(Robot, unit's code, name and English name) of the robots of these subtrees, by name."""
    query = (
        select(Robot, Unit.code, Unit.name.label("unit_name"), Unit.name_en.label("unit_name_en"))  # type: ignore[attr-defined]
        .join(Unit, col(Unit.id) == Robot.unit_id)
        .where(below(paths))
        .order_by(col(Robot.active).desc(), col(Robot.name), col(Robot.id))
    )
    return list(session.exec(query))  # type: ignore[arg-type]


def robot_within(session: AnySession, paths: Paths, robot_id: int) -> tuple[Robot, Unit] | None:
    """One robot of these subtrees with its unit."""
    query = select(Robot, Unit).join(Unit, col(Unit.id) == Robot.unit_id).where(below(paths), col(Robot.id) == robot_id)
    found = session.exec(query).first()
    return (found[0], found[1]) if found else None
