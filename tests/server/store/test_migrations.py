"""The tables come from migrations alone, on both databases."""

from server.store import migrate
from server.store.db import Database
from tests.people import People


def test_a_new_store_is_brought_to_the_newest_migration(store_url: tuple[str, People]) -> None:
    database = Database(store_url[0])
    assert migrate.revision_of(database) == migrate.newest_revision()
    migrate.upgrade(database)  # a second time changes nothing
    assert migrate.revision_of(database) == migrate.newest_revision()
    database.close()


def test_autogenerate_finds_nothing_left_to_change(store_url: tuple[str, People]) -> None:
    database = Database(store_url[0])
    assert migrate.differences(database) == []
    database.close()
