"""Plugins that do nothing, but for one hook that does what no hook should; and a book that is ready for every hook."""

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.db import migrate
from dutybook.lifecycle.specs import Specs, hookimpl
from dutybook.services.book import Book
from dutybook.services.periods import open_period
from tests.flow.clerk import Clerk, committed, opened
from tests.plugins.idle import SPECS, idle

MONTH = "2025-01"
DEADLINE = 0.2

release = threading.Event()
"""Set when the tests are over: whatever hangs may end."""


def raises(_: Session | None) -> Any:
    raise ValueError("secret")


def exits(_: Session | None) -> Any:
    raise SystemExit("secret")


def hangs(_: Session | None) -> Any:
    release.wait(60)


def answers_nonsense(_: Session | None) -> Any:
    return object()


def commits(session: Session | None) -> Any:
    assert session
    session.commit()


def commits_in_sql(session: Session | None) -> Any:
    assert session
    session.execute(text("COMMIT"))


def writes_the_book(session: Session | None) -> Any:
    assert session
    session.execute(text("UPDATE head SET revision = 99"))


ANYWHERE = (raises, exits, hangs)
IN_SQL = (commits, commits_in_sql, writes_the_book)
SILENT = {name for name, spec in SPECS.items() if inspect.signature(spec).return_annotation in {None, "None"}}
"""Hooks that answer nothing, whose answer nobody looks at."""

Misdeed = Callable[[Session | None], Any]


def misdeeds(hook: str) -> list[Misdeed]:
    """What can go wrong in a hook."""
    in_sql = IN_SQL if "session" in inspect.signature(vars(Specs)[hook]).parameters else ()
    nonsense = () if hook in SILENT else (answers_nonsense,)
    return [*ANYWHERE, *in_sql, *nonsense]


@dataclass
class Hostile:
    """One such plugin, and whether its hook was really called."""

    hook: str
    misdeed: Misdeed
    called: list[str] = field(default_factory=list)

    @property
    def module(self) -> Any:
        """The plugin."""
        plugin: Any = idle("hostile")
        setattr(plugin, self.hook, hookimpl(self._impl()))
        return plugin

    def _impl(self) -> Callable[..., Any]:
        signature = inspect.signature(SPECS[self.hook])
        wanted = [parameter for parameter in signature.parameters.values() if parameter.name != "self"]

        def hostile(*given: object) -> Any:
            self.called.append(self.hook)
            return self.misdeed(next((it for it in given if isinstance(it, Session)), None))

        bare: Any = hostile
        bare.__name__, bare.__annotations__ = self.hook, SPECS[self.hook].__annotations__
        bare.__signature__ = signature.replace(parameters=wanted)
        return hostile


def ready(url: str) -> None:
    """The small company with a draft and an open period; the plugins are recorded as enabled."""
    with opened(url) as book:
        migrate.upgrade(book.database)
        with committed(book) as clerk:
            clerk.found()
            clerk.draft({"setPosition": {"position": "P0001", "title": "经理"}})
            open_period(clerk.session, book, OPERATOR, MONTH)


def everything(book: Book) -> dict[str, list[str]]:
    """All rows of all tables."""
    tables = [
        table for table in book.tables.metadata.sorted_tables if table.name != "key_counter"
    ]  # keys may be skipped
    with book.database.read() as session:
        return {table.name: sorted(map(str, session.execute(table.select()))) for table in tables}


def draft_of(clerk: Clerk) -> int:
    """The draft that is there."""
    found: int = clerk.session.execute(text("SELECT max(id) FROM changeset")).scalar_one()
    return found
