"""The tables that migrations make are those that the code wants, on both databases, and hot reads find their index."""

from datetime import date

import pytest
from sqlalchemy import Select, inspect, select, text

from dutybook.book.nouns import CORE
from dutybook.book.times import Time
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.db.owners import CORE_OWNER, version_table_of
from dutybook.services.book import Book
from tests.backends import Backend
from tests.flow.clerk import committed, founded, opened

DEEP = 200


def test_a_migrated_database_is_as_the_code_wants_it_and_migrating_again_changes_nothing(database_url: str) -> None:
    database = Database(database_url, CORE)
    for _ in range(2):
        migrate.upgrade(database)
        assert migrate.current(database) == migrate.newest(database)
        assert migrate.differences(database) == []
    database.dispose()


def test_going_back_to_the_beginning_leaves_nothing_but_the_list_of_steps(database_url: str) -> None:
    database = Database(database_url, CORE)
    migrate.upgrade(database)
    migrate.downgrade(database)
    assert inspect(database.engine).get_table_names() == [version_table_of(CORE_OWNER)]
    assert migrate.current(database) is None
    database.dispose()


def deep(url: str) -> None:
    """Fills a database with many departments, one position of which was changed in each of many revisions."""
    founded(url)
    with opened(url) as book, committed(book) as clerk:
        clerk.apply(*[{"openPosition": {"title": "岗位", "department": f"D00{at % 3 + 1}"}} for at in range(300)])
        for number in range(DEEP):
            clerk.apply({"setPosition": {"position": "P0001", "title": f"主任{number}"}})


def explained(book: Book, query: Select[tuple[object, ...]]) -> str:
    """How the database would answer."""
    plain = query.compile(book.database.engine, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN QUERY PLAN" if book.database.is_sqlite else "EXPLAIN"
    with book.database.write() as session:
        return "\n".join(str(row) for row in session.execute(text(f"{how} {plain}")))


@pytest.mark.parametrize("known_at", [1, 100, DEEP + 2])
@pytest.mark.parametrize(
    ("kind", "field", "index"),
    [
        ("position", "department", "ix_position_version_department"),
        ("position", "key", "ix_position_version_key"),
        ("duty", "position", "ix_duty_version_position"),
        ("assignment", "employee", "ix_assignment_version_employee"),
    ],
)
def test_what_lies_under_a_parent_is_found_by_the_index_on_both_axes(
    backend: Backend, kind: str, field: str, index: str, known_at: int
) -> None:
    with backend.database(deep) as url, opened(url) as book:
        rows = in_force(book.tables, kind, Time(date(2025, 6, 1), known_at), EVERYTHING)
        assert index in explained(book, select(rows).where(rows.c[field] == 2))
