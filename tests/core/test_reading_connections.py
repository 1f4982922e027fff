"""Connections that the server reads through may die at any time."""

import asyncio

from sqlalchemy import literal, select

from dutybook.book.nouns import CORE
from dutybook.db.engine import Database
from dutybook.testing.databases import run_sql

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def answers(database: Database, times: int, between: str | None = None) -> list[int]:
    async def ask() -> list[int]:
        found = []
        for number in range(times):
            found.append((await database.rows(select(literal(number))))[0][0])
            if between:
                await asyncio.to_thread(run_sql, database.url.render_as_string(hide_password=False), between)
        await database.close()
        return found

    return asyncio.run(ask())


def test_a_read_is_answered_though_the_server_cut_the_connection(database_url: str) -> None:
    database = Database(database_url, CORE)
    assert answers(database, 3, None if database.is_sqlite else CUT) == [0, 1, 2]
