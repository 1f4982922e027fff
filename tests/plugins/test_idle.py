"""Plugins that do nothing cost nothing: not one statement, neither of a query nor of a publication."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.changes import SET, Change
from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, open_changeset, publish
from dutybook.services.drafts import stage
from tests.backends import Backend
from tests.flow.graphql_book import FIRST, Asking, asked, fill
from tests.flow.test_graphql_cost import DOCUMENTS
from tests.made_plugins import loaded
from tests.plugins.idle import NAMES, SPECS, idleone, idlethree, idletwo

CHANGES = 1_000


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return loaded(idleone, idletwo, idlethree)


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def statements(book: Book, count: int) -> list[str]:
    """What publishing so many changes says to the database; it is taken back."""
    said: list[str] = []
    with Session(book.database.engine, autoflush=False) as session:
        changeset = open_changeset(session, book, OPERATOR, Proposal("定员", effective_on=FIRST))
        table = book.tables.identities["position"]
        keys = [row.key for row in session.execute(table.select())]
        changes = [
            Change(SET, "position", keys[n % len(keys)], FIRST, values={"grade": f"{n % 9}"}) for n in range(count)
        ]
        stage(session, book, changeset, changes, 0)
        event.listen(session.connection(), "before_cursor_execute", lambda *given: said.append(given[2]))
        publish(session, book, OPERATOR, changeset)
        session.rollback()
    return said


def test_they_implement_every_hook(plugins: Plugins) -> None:
    assert [plugin.name for plugin in plugins] == list(NAMES)
    assert {name for plugin in plugins for name in plugin.hooks} == set(SPECS)


def test_a_publication_of_a_thousand_changes_takes_the_same_statements(ask: Asking, plugins: Plugins) -> None:
    without = statements(ask.book, CHANGES)
    asked_of = plugins.measures.of("idletwo", "check_position")
    before = asked_of.calls
    assert statements(replace(ask.book, plugins=plugins), CHANGES) == without
    assert (asked_of.calls - before, asked_of.statements) == (1, 0)


@pytest.mark.parametrize("name", ["W1", "W2", "W3", "W4"])
def test_a_query_takes_the_same_statements(ask: Asking, plugins: Plugins, name: str) -> None:
    document, _ = DOCUMENTS[name]
    schema = schema_with(ask.book.kinds, plugins)
    together = Asking(replace(ask.book, plugins=plugins), schema=schema)
    assert together(document) == ask(document)
    assert sorted(together.statements) == sorted(ask.statements)
