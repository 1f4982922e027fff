"""The tables that migrations make are those that the code wants, on both databases."""

from dutybook.book.nouns import CORE
from dutybook.db import migrate
from dutybook.db.engine import Database


def test_a_migrated_database_is_as_the_code_wants_it_and_migrating_again_changes_nothing(database_url: str) -> None:
    database = Database(database_url, CORE)
    for _ in range(2):
        migrate.upgrade(database)
        assert migrate.current(database) == migrate.newest(database)
        assert migrate.differences(database) == []
    database.dispose()
