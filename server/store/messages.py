"""Notifications: what was told to whom, by which channel, and what is still to be delivered.

A message is written in the transaction of what it tells about, with a copy for each reader (the inbox) and a delivery
for each way out (the outbox). Deliveries are sent later, by whoever claims them (server.services.notify.sending).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Text, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col, or_, select

from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.people import Person, RoleGrant
from server.store.units import Unit

ROBOT_KINDS = ("wecom", "dingtalk", "generic")
EMAIL_MODES = ("off", "now", "digest")
ROBOT_MODES = ("now", "digest")
# waiting: to be sent; held: for the next digest; gathered: went into one (``parent_id``); dropped: its channel is off.
DELIVERY_STATES = ("waiting", "held", "gathered", "sent", "failed", "dropped")
_ID = BigInteger().with_variant(Integer, "sqlite")
CHUNK = 400


class Message(SQLModel, table=True):
    """Something told. ``key`` is unique: the same thing is told once, whatever is repeated."""

    __tablename__ = "message"

    id: int | None = Field(default=None, sa_column=Column(_ID, primary_key=True, autoincrement=True))
    key: str = Field(unique=True, max_length=255)
    kind: str = Field(max_length=64)
    subject: str = Field(default="", max_length=255, index=True)
    title_zh: str = Field(max_length=300)
    title_en: str = Field(default="", max_length=300)
    body_zh: str = Field(default="", sa_column=Column(Text, nullable=False))
    body_en: str = Field(default="", sa_column=Column(Text, nullable=False))
    link: str = Field(default="", max_length=500)
    urgent: bool = Field(default=False)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class MessageCopy(SQLModel, table=True):
    """A message in somebody's inbox; unread while ``read_at`` is None."""

    __tablename__ = "message_copy"
    __table_args__ = (
        Index(
            "ix_message_copy_unread",
            "person_id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
    )

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    message_id: int = Field(
        sa_column=Column(_ID, ForeignKey("message.id"), primary_key=True, autoincrement=False, index=True),
    )
    read_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class MessageChoice(SQLModel, table=True):
    """How somebody wants to be told beside the inbox, which is always filled."""

    __tablename__ = "message_choice"
    __table_args__ = (CheckConstraint(f"email_mode IN {EMAIL_MODES}", name="email_mode"),)

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    email: str = Field(default="", max_length=254)
    email_mode: str = Field(default="off", max_length=8)
    changed_at: dt.datetime = Field(sa_type=UtcDateTime)


class Robot(SQLModel, table=True):
    """A group chat's robot or another receiver of webhooks: it hears what the holders of ``role`` at or above the
    matter's unit hear, for units below its own; role "" hears all. ``url`` and ``secret`` are never shown again."""

    __tablename__ = "robot"
    __table_args__ = (
        CheckConstraint(f"kind IN {ROBOT_KINDS}", name="kind"),
        CheckConstraint(f"mode IN {ROBOT_MODES}", name="mode"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    url: str = Field(max_length=1000)
    secret: str = Field(default="", max_length=200)
    role: str = Field(default="", max_length=16)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    language: str = Field(default="zh", max_length=2)
    mode: str = Field(default="now", max_length=8)
    active: bool = Field(default=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class Delivery(SQLModel, table=True):
    """A message on its way out to one person's mailbox or one robot; ``message_id`` is None for a digest.

    Whoever sets ``lease_holder`` by a conditional update sends it. ``key`` is what the receiver recognises a
    repetition by.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(f"state IN {DELIVERY_STATES}", name="state"),
        Index("ix_delivery_due", "state", "due_at"),
        Index("ix_delivery_parent", "parent_id"),
        Index("ix_delivery_message", "message_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(_ID, primary_key=True, autoincrement=True))
    key: str = Field(unique=True, max_length=255)
    message_id: int | None = Field(default=None, sa_column=Column(_ID, ForeignKey("message.id"), nullable=True))
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    robot_id: int | None = Field(default=None, foreign_key="robot.id", index=True)
    parent_id: int | None = Field(default=None, sa_column=Column(_ID, ForeignKey("delivery.id"), nullable=True))
    state: str = Field(default="waiting", max_length=16)
    urgent: bool = Field(default=False)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    due_at: dt.datetime = Field(sa_type=UtcDateTime)
    tries: int = Field(default=0)
    lease_holder: str = Field(default="", max_length=100)
    lease_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", sa_column=Column(Text, nullable=False))
    done_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Choice(NamedTuple):
    """Where a person's mail goes, and when."""

    person_id: int
    email: str
    mode: str


def add_message(session: WriteSession, row: dict[str, Any]) -> int | None:
    """Add a message; its id, or None where one with this key exists already.

    The key decides in the store itself: two writers at once add one message, and neither's transaction breaks.
    """
    statement = insert_or_nothing(session, Message, ["key"]).values(**row).returning(col(Message.id))
    return session.connection().execute(statement).scalar_one_or_none()


def insert_or_nothing(session: WriteSession, table: type[SQLModel], unique: Sequence[str]) -> Any:
    """An INSERT that adds nothing, and breaks nothing, where a row with the same ``unique`` columns exists."""
    made = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return made(table).on_conflict_do_nothing(index_elements=list(unique))


def add_copies(session: WriteSession, message_id: int, persons: Collection[int]) -> None:
    """Put a message into these inboxes."""
    if persons:
        rows = [{"person_id": person, "message_id": message_id} for person in sorted(persons)]
        session.connection().execute(insert(MessageCopy), rows)


def add_deliveries(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Add deliveries."""
    if rows:
        session.connection().execute(insert(Delivery), list(rows))


def choices_of(session: ReadSession | WriteSession, persons: Collection[int]) -> list[Choice]:
    """The wishes of those of these people who want mail and have an address."""
    found: list[Choice] = []
    listed = sorted(persons)
    for start in range(0, len(listed), CHUNK):
        query = select(MessageChoice.person_id, MessageChoice.email, MessageChoice.email_mode).where(
            col(MessageChoice.person_id).in_(listed[start : start + CHUNK]),
            col(MessageChoice.email_mode) != "off",
            col(MessageChoice.email) != "",
        )
        found += [Choice(*row) for row in session.exec(query)]
    return found


def robots_for(session: ReadSession | WriteSession, path: str, roles: Collection[str]) -> list[Robot]:
    """The active robots around a unit that hear what is told to these roles."""
    query = (
        select(Robot)
        .where(
            col(Robot.unit_id).in_(_ids(path)),
            col(Robot.active),
            or_(col(Robot.role) == "", col(Robot.role).in_(roles)),
        )
        .order_by(col(Robot.id))
    )
    return list(session.exec(query)) if path else []


def active_of(session: ReadSession | WriteSession, persons: Collection[int]) -> set[int]:
    """Those of these people who may still sign in."""
    found: set[int] = set()
    listed = sorted(persons)
    for start in range(0, len(listed), CHUNK):
        query = select(Person.id).where(col(Person.id).in_(listed[start : start + CHUNK]), col(Person.active))
        found.update(person for person in session.exec(query) if person is not None)
    return found


def holders_around(session: ReadSession | WriteSession, role: str, path: str) -> list[tuple[int, int]]:
    """(person, depth) of the active people who hold a role at a unit or at one of its ancestors; depth 1 is the top."""
    query = (
        select(RoleGrant.person_id, Unit.path)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(col(RoleGrant.role) == role, col(RoleGrant.unit_id).in_(_ids(path)), col(Person.active))
    )
    return [(person, place.count("/") - 1) for person, place in session.exec(query)]


def holders_within(session: ReadSession | WriteSession, role: str, path: str) -> list[int]:
    """The active people who hold a role at a unit or anywhere below it."""
    query = (
        select(RoleGrant.person_id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(
            col(RoleGrant.role) == role,
            col(Unit.path).startswith(path, autoescape=True),
            col(Person.active),
        )
        .distinct()
    )
    return list(session.exec(query))


def _ids(path: str) -> list[int]:
    """The ids that a path lists."""
    return [int(part) for part in path.split("/") if part]
