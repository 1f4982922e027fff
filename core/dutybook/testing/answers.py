"""Asking a book of tests over GraphQL: in this process, as somebody of a role, with the statements counted."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLSchema
from sqlalchemy import Engine, event

from dutybook.access.actor import ROLES, Actor, Grant
from dutybook.app import engine
from dutybook.errors import BadInput, DutybookError
from dutybook.graphql.gifts import schema_with
from dutybook.http.engine import refused
from dutybook.http.params import Params
from dutybook.http.ports import Call
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.book import Book
from dutybook.settings import Settings


class QueryFailed(Exception):
    """An answer with errors; `codes` names them, `data` is what was answered all the same."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.errors: list[dict[str, Any]] = payload["errors"]
        self.data: dict[str, Any] | None = payload.get("data")
        super().__init__("; ".join(f"{error['extensions']['code']}: {error['message']}" for error in self.errors))

    @property
    def codes(self) -> list[str]:
        """The codes of the errors, in order."""
        return [error["extensions"]["code"] for error in self.errors]


def actor_of(role: str, department: int | None = None) -> Actor:
    """Somebody of a role, in the whole book or in one department and all below it."""
    if role not in ROLES:
        known = ", ".join(ROLES)
        raise BadInput(f"没有名为「{role}」的角色，已有 {known}。", f"There is no role '{role}'; known are {known}.")
    return Actor(role, (Grant(role, department=department),))


_built: dict[int, tuple[Plugins, GraphQLSchema]] = {}


def _schema(book: Book) -> GraphQLSchema:
    """The schema of a book; building one takes longer than most tests, and it depends on the plugins alone."""
    plugins, schema = _built.get(id(book.plugins), (None, None))
    if plugins is not book.plugins or schema is None:
        schema = schema_with(book.kinds, book.plugins).graphql
        _built[id(book.plugins)] = (book.plugins, schema)
    return schema


class Asking:
    """The GraphQL of one book."""

    def __init__(self, book: Book, **limits: Any) -> None:
        self.book = book
        # Neither the environment nor a dutybook.toml has a say in tests.
        self.engine = engine(Settings.model_construct(**limits), book, _schema(book))
        self.statements: list[str] = []

    def __call__(self, query: str, actor: Actor, variables: Mapping[str, Any], language: str) -> dict[str, Any]:
        """The data of an answer without errors."""
        self.statements.clear()
        with _counted(self.statements):
            payload = asyncio.run(self._answer(Params(query, dict(variables), None), actor, language))
        if "errors" in payload:
            raise QueryFailed(payload)
        data: dict[str, Any] = payload["data"]
        return data

    async def _answer(self, params: Params, actor: Actor, language: str) -> dict[str, Any]:
        try:
            operation = await self.engine.read(params, actor)
            return (await self.engine.execute(operation, params, Call(actor, "test", language))).payload
        except DutybookError as error:
            return refused(error, language).payload
        finally:
            # Connections of asyncpg belong to the event loop, which ends with this answer.
            if not self.book.database.is_sqlite:
                await self.book.database.close()


@contextmanager
def _counted(statements: list[str]) -> Iterator[None]:
    """Notes every select of this process; asyncpg's own look at the catalogue does not count."""

    def count(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "pg_catalog" not in statement:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", count)
