"""What a running server holds: settings, store, blobs and a clock. Made by server.app and by each command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from server.blobs.folder import BlobFolder
from server.settings import Settings
from server.store.db import Database

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Context:
    """Handed to doors, jobs and commands; nothing of it is global."""

    settings: Settings
    database: Database
    blobs: BlobFolder
    clock: Clock

    def today(self) -> dt.date:
        """Today in the district's time zone."""
        return self.clock().astimezone(self.settings.zone).date()


def utc_now() -> dt.datetime:
    """The only place that asks the machine for the time."""
    return dt.datetime.now(dt.UTC)


def open_context(settings: Settings, *, clock: Clock = utc_now) -> Context:
    """Open the store and blobs that the settings name; the tables must exist (server.store.migrate)."""
    settings.directory.mkdir(parents=True, exist_ok=True)
    return Context(
        settings, Database(settings.database, pool=settings.database_pool), BlobFolder(settings.blobs), clock
    )
