"""Phones and browsers that collect: the device behind a key, and what it was last seen with."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import not_, or_, update
from sqlmodel import Field, SQLModel, col, select

from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.people import Person, PhoneKey, RoleGrant
from server.store.units import Unit

AnySession = ReadSession | WriteSession


class Device(SQLModel, table=True):
    """A phone with the web collector, bound to the person whose key it holds.

    ``code`` is the stable name that goes into OpenRosa's deviceID, ``label`` what its holder calls it. ``waiting`` and
    ``drafts`` are what it last said is unsent; ``signed_out_at`` is set when it gave its key back or was told to.
    """

    __tablename__ = "device"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    key_id: int = Field(foreign_key="phone_key.id", unique=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    label: str = Field(default="", max_length=100)
    user_agent: str = Field(default="", max_length=300)
    waiting: int = Field(default=0, ge=0)
    drafts: int = Field(default=0, ge=0)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    seen_at: dt.datetime = Field(sa_type=UtcDateTime)
    signed_out_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class KeyHolder(NamedTuple):
    """A phone's key, revoked or not, its person, and its device if the key was given to a web collector."""

    key: PhoneKey
    person: Person
    device: Device | None

    @property
    def good(self) -> bool:
        """False once the key was revoked or the person's account closed."""
        return self.key.revoked_at is None and self.person.active


def holder_of_key(session: AnySession, token_hash: str) -> KeyHolder | None:
    """Whose key this is, even where it is good no more; None for a token that never was one."""
    row = session.exec(
        select(PhoneKey, Person, Device)
        .join(Person, col(Person.id) == PhoneKey.person_id)
        .outerjoin(Device, col(Device.key_id) == PhoneKey.id)
        .where(col(PhoneKey.token_hash) == token_hash)
    ).first()
    return KeyHolder(*row) if row else None


def mark_seen(session: WriteSession, device_id: int, *, waiting: int, drafts: int, at: dt.datetime) -> None:
    """Note what a device reports."""
    session.exec(update(Device).where(col(Device.id) == device_id).values(waiting=waiting, drafts=drafts, seen_at=at))


def devices_within(session: AnySession, paths: Sequence[str], own: int, most: int = 500) -> list[tuple[Device, Person]]:
    """The devices that hold their key: one's own, and those of people whose roles all lie in these subtrees.

    Those that have most to send come first.
    """
    outside = select(RoleGrant.person_id).join(Unit, col(Unit.id) == RoleGrant.unit_id)
    inside = select(RoleGrant.person_id).join(Unit, col(Unit.id) == RoleGrant.unit_id)
    condition: Any = col(Device.person_id) == own
    if paths:
        here = or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths))
        condition = or_(
            condition,
            col(Device.person_id).in_(inside.where(here)) & col(Device.person_id).not_in(outside.where(not_(here))),
        )
    query = (
        select(Device, Person)
        .join(Person, col(Person.id) == Device.person_id)
        .join(PhoneKey, col(PhoneKey.id) == Device.key_id)
        .where(col(PhoneKey.revoked_at).is_(None), condition)
        .order_by(col(Device.waiting).desc(), col(Device.seen_at).desc())
        .limit(most)
    )
    return [(device, person) for device, person in session.exec(query)]
