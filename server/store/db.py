"""The database: one engine, a session that reads, a session that writes, and the only commit of the server."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NewType

from sqlalchemy import DateTime, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from server.problems import Problem

ReadSession = NewType("ReadSession", Session)
WriteSession = NewType("WriteSession", Session)

# Names for every constraint, so that each can be migrated.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA: MetaData = SQLModel.metadata


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment. Refuses naive values; always gives back UTC (SQLite would otherwise return naive datetimes)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, full durability, foreign keys, and our own BEGIN: IMMEDIATE for writers, so that none is lost to a lock."""

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get("liangpai_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def make_engine(url: str, *, pool: int = 10) -> Engine:
    """An engine for SQLite or PostgreSQL. A bare ``postgresql://`` uses psycopg 3."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_size=pool, max_overflow=20, connect_args={"check_same_thread": False})
        _prepare_sqlite(engine)
        return engine
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_size=pool, max_overflow=10, pool_pre_ping=False)


class Database:
    """The store's engine and its two kinds of session. Only ``write`` commits. While ``untold`` is set, a history is
    being written that nobody is told of any more."""

    def __init__(self, url: str, *, pool: int = 10) -> None:
        self.engine = make_engine(url, pool=pool)
        self.untold = False
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """A session that cannot keep what it changes."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            try:
                yield ReadSession(session)
            finally:
                session.expunge_all()  # What was read may be used after the session: a rollback would expire it.
                session.rollback()

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """A transaction: committed when the block ends well, rolled back otherwise.

        Raises Problem("store.unavailable") where the database is locked, gone or refuses the commit.
        """
        with Session(self.engine, expire_on_commit=False, info={"untold": self.untold}) as session:
            try:
                session.connection(execution_options={"liangpai_write": True})
                yield WriteSession(session)
                session.commit()
            except OperationalError as error:
                session.rollback()
                raise Problem("store.unavailable", headers={"Retry-After": "5"}) from error
            except DBAPIError as error:
                session.rollback()
                if error.connection_invalidated:
                    raise Problem("store.unavailable", headers={"Retry-After": "5"}) from error
                raise
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def give_back(session: ReadSession) -> None:
    """Let go of a reading session's connection in its midst: whoever waits keeps none from others.

    What was read stays usable; what is read next is of a later moment.
    """
    session.expunge_all()
    session.rollback()
