"""Who may work: one holder of a name at a time, across processes."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from server.store.db import Database


@contextmanager
def holding(database: Database, name: str) -> Iterator[bool]:
    """True if this caller holds ``name`` until the block ends. The lock dies with its connection.

    SQLite serves one process of jobs and needs no lock of its own: a job done twice changes nothing.
    """
    if database.is_sqlite:
        yield True
        return
    key = zlib.crc32(name.encode())
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar())
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
