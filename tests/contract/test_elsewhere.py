"""What lies beyond somebody's departments leaves by no exit: a walk through the whole schema as who works in one of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from dutybook.access.actor import READ, Actor, Grant
from dutybook.access.scope import scope_of
from dutybook.book.kinds import Kind, Type, Value
from dutybook.db.head import head
from dutybook.db.in_force import Scope, ever
from dutybook.testing.book import TestBook
from tests.contract.canary_book import BEYOND, ids, key_of
from tests.contract.canary_house import House
from tests.contract.schema_walk import Given

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
"""A refusal in the middle of a large document leaves the rest of it unanswered."""

HERE = "D002"
REFERRED = {"D001", "D003", "P0003", "P0004", "X2"}
"""Beyond the department, but referred to by what is in it: their codes are told, and nothing else of them."""


def local(book: TestBook) -> Actor:
    """Who proposes, approves and publishes in one department."""
    department = key_of(book, "department", HERE)
    roles = ("editor", "approver", "publisher")
    return Actor("local", tuple(Grant(role, department=department) for role in roles), account=1)


def given_here(book: TestBook) -> Given:
    """What leads to that department, where a field must be told."""
    return {
        ("Registry", "position"): {"code": '"P0001"'},
        ("Registry", "department"): {"code": f'"{HERE}"'},
        ("Registry", "search"): {"text": '"采煤"'},
        ("Registry", "suggestStandard"): {"positions": orjson.dumps(ids(book, "position")[1:2]).decode()},
    }


def texts(value: Value) -> Iterator[str]:
    """Every text within a value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def told_by(kind: Kind, values: Mapping[Any, Any]) -> Iterator[str]:
    """What texts a record or a change says in words of its own."""
    for field in kind.fields:
        if field.type in {Type.TEXT, Type.JSON} and not field.choices and not field.personal:
            value = values.get(field.name)
            yield from texts(orjson.loads(value) if field.type is Type.JSON and isinstance(value, str) else value)


def beyond(book: TestBook, scope: Scope) -> set[str]:
    """What only versions, changes and codes beyond a scope say."""
    tables, hidden, shown, seen = book.book.tables, {BEYOND}, set[str](), dict[str, set[int]]()
    with book.session() as session:
        for kind in book.book.kinds:
            rows, inside = tables.versions[kind.name], ever(tables, kind.name, scope).subquery()
            visible = {row.id: row.key for row in session.execute(select(inside.c.id, inside.c.key))}
            seen[kind.name] = set(visible.values())
            for version in session.execute(select(rows)).mappings():
                (shown if version["id"] in visible else hidden).update(told_by(kind, version))
            identity = tables.identities[kind.name]
            for row in session.execute(select(identity)) if kind.coded else ():
                (shown if row.key in seen[kind.name] else hidden).add(row.code)
        for row in session.execute(select(tables["change"])):
            kind, said = book.book.kinds[row.kind], orjson.loads(row.body)
            if kind.scope and row.key not in seen[row.kind]:
                hidden.update(told_by(kind, said.get("values", {})))
    return {text for text in hidden - shown if len(text) > 1} - REFERRED


def test_who_works_in_one_department_is_told_nothing_of_any_other(house: House) -> None:
    actor, book = local(house.book), house.book
    with book.session() as session:
        scope = scope_of(
            session, book.book.tables, actor, READ, head(session, book.book.tables).revision, book.clock.today()
        )
    hidden = beyond(book, scope)
    with capture_logs() as logs:
        answers = house.walk(actor, given_here(book))
    told = {document: orjson.dumps(answer, default=str).decode() for document, answer in answers.items()}
    assert {text: document[:200] for document, told in told.items() for text in hidden if text in told} == {}
    assert not [text for text in hidden if text in str(logs)]
    assert {"已定之名", "外来旧名", "争议之名", "机电班", "CC0002"} <= hidden
    assert "采煤工" in str(told)
