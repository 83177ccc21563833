"""Brings a store to the newest migration, and says whether tables and migrations still agree."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from server.store.db import Database
from server.store.tables import METADATA

FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply the migrations that are missing. Raises sqlalchemy errors where the store refuses them."""
    with database.engine.connect().execution_options(liangpai_write=True) as connection, connection.begin():
        command.upgrade(_config(connection), revision)


def revision_of(database: Database) -> str | None:
    """The migration that the store is at; None if it has none."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The newest migration there is."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def differences(database: Database) -> list[object]:
    """What autogenerate would still change: empty if migrations and tables agree."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))
