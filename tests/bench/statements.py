"""How many SQL statements an answer takes, counted in this process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Engine, event

from dutybook.access.actor import OPERATOR
from dutybook.app import engine
from dutybook.http.params import from_body
from dutybook.http.ports import Call
from dutybook.settings import load_settings
from tests.bench.book import opened


def statements(url: str, body: bytes) -> int:
    """The SELECTs behind one answer."""
    with opened(url) as book, _counting() as counted:
        asyncio.run(_answered(book, body))
    return len(counted)


async def _answered(book: Any, body: bytes) -> None:
    graphql, params = engine(load_settings(), book), from_body(body, 32)
    operation = await graphql.read(params, OPERATOR)
    answer = await graphql.execute(operation, params, Call(OPERATOR, "bench", "en"))
    assert "errors" not in answer.payload, orjson.dumps(answer.payload["errors"])
    await book.database.close()


@contextmanager
def _counting() -> Iterator[list[str]]:
    counted: list[str] = []

    def count(*said: Any) -> None:
        if said[2].lstrip().upper().startswith(("SELECT", "WITH")) and "pg_catalog" not in said[2]:
            counted.append(said[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", count)
