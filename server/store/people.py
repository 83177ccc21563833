"""People, what they may do where, their sign-ins, and the keys in their phones."""

import datetime as dt

import orjson
from sqlalchemy import CheckConstraint, delete, update
from sqlmodel import Field, SQLModel, col, select

from server.store.db import ReadSession, UtcDateTime, WriteSession
from server.store.events import Event
from server.store.units import Unit

ROLES = ("administrator", "office", "inspector", "leading", "department", "school")


class Person(SQLModel, table=True):
    """Somebody who signs in. Inspectors also have a certificate and a term (督学管理暂行办法)."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=100)
    password_hash: str = Field(max_length=200)
    digest_ha1: str = Field(default="", max_length=64)
    language: str = Field(default="zh", max_length=2)
    active: bool = Field(default=True)
    certificate: str = Field(default="", max_length=64)
    term_from: dt.date | None = Field(default=None)
    term_to: dt.date | None = Field(default=None)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)


class RoleGrant(SQLModel, table=True):
    """A role held at a unit; it reaches that unit's whole subtree. An inspector's areas are grants of ``inspector``."""

    __tablename__ = "role_grant"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    role: str = Field(primary_key=True, max_length=16)
    unit_id: int = Field(foreign_key="unit.id", primary_key=True, index=True)


class SignIn(SQLModel, table=True):
    """A browser's or tool's session; only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)


class PhoneKey(SQLModel, table=True):
    """The credential in a phone's QR code (Central's app user); only the SHA-256 of its token is kept."""

    __tablename__ = "phone_key"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    name: str = Field(default="", max_length=100)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    revoked_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


def person_by_login(session: ReadSession | WriteSession, login: str) -> Person | None:
    """The person with this login, active or not."""
    return session.exec(select(Person).where(col(Person.login) == login)).first()


def grants_of(session: ReadSession | WriteSession, person_id: int) -> list[tuple[str, int, str]]:
    """(role, unit id, unit path) of everything granted to a person."""
    rows = session.exec(
        select(RoleGrant.role, RoleGrant.unit_id, Unit.path)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(col(RoleGrant.person_id) == person_id)
        .order_by(col(RoleGrant.role), col(Unit.path))
    )
    return [(role, unit_id, path) for role, unit_id, path in rows]


def person_of_sign_in(session: ReadSession | WriteSession, token_hash: str, now: dt.datetime) -> Person | None:
    """The active person whose unexpired session this is."""
    return session.exec(
        select(Person)
        .join(SignIn, col(SignIn.person_id) == Person.id)
        .where(col(SignIn.token_hash) == token_hash, col(SignIn.expires_at) > now, col(Person.active))
    ).first()


def person_of_phone(session: ReadSession | WriteSession, token_hash: str) -> tuple[Person, PhoneKey] | None:
    """The active person and key behind an unrevoked phone token."""
    row = session.exec(
        select(Person, PhoneKey)
        .join(PhoneKey, col(PhoneKey.person_id) == Person.id)
        .where(col(PhoneKey.token_hash) == token_hash, col(PhoneKey.revoked_at).is_(None), col(Person.active))
    ).first()
    return (row[0], row[1]) if row else None


def forget_sign_in(session: WriteSession, token_hash: str) -> None:
    """End one session."""
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == token_hash))


def forget_expired(session: WriteSession, now: dt.datetime) -> None:
    """Delete the sessions that have run out."""
    session.exec(delete(SignIn).where(col(SignIn.expires_at) <= now))


def people_with_grants(session: ReadSession | WriteSession) -> list[tuple[Person, str, str, str]]:
    """(person, role, unit code, unit name), a row a grant, by login; people without a grant have "" for all three."""
    rows = session.exec(
        select(Person, RoleGrant.role, Unit.code, Unit.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id, isouter=True)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id, isouter=True)
        .order_by(col(Person.login), col(RoleGrant.role), col(Unit.path))
    )
    return [(person, role or "", code or "", name or "") for person, role, code, name in rows]


def paths_once_held(session: ReadSession | WriteSession, login: str) -> list[str]:
    """The paths of the units at which a person was ever granted a role."""
    data = session.exec(select(Event.data).where(col(Event.kind) == "person.granted", col(Event.subject) == login))
    codes = {orjson.loads(text)["unit"] for text in data}
    return list(session.exec(select(Unit.path).where(col(Unit.code).in_(codes)))) if codes else []


def grant_row(session: WriteSession, person_id: int, role: str, unit_id: int) -> RoleGrant | None:
    """The grant itself, if it exists."""
    return session.get(RoleGrant, (person_id, role, unit_id))


def forget_sign_ins(session: WriteSession, person_id: int) -> None:
    """End every session of a person."""
    session.exec(delete(SignIn).where(col(SignIn.person_id) == person_id))


def keys_of(session: ReadSession | WriteSession, person_id: int, *, revoked: bool = True) -> list[PhoneKey]:
    """A person's phone keys, newest first; ``revoked`` False leaves the revoked ones out."""
    statement = select(PhoneKey).where(col(PhoneKey.person_id) == person_id).order_by(col(PhoneKey.id).desc())
    if not revoked:
        statement = statement.where(col(PhoneKey.revoked_at).is_(None))
    return list(session.exec(statement))


def revoke_keys(session: WriteSession, person_id: int, at: dt.datetime) -> None:
    """Revoke every phone key of a person that is still good."""
    session.exec(
        update(PhoneKey)
        .where(col(PhoneKey.person_id) == person_id, col(PhoneKey.revoked_at).is_(None))
        .values(revoked_at=at)
    )
