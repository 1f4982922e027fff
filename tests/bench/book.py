"""Books for the bench: opened, made of synthetic companies, and changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.book.changes import SET, Change
from dutybook.book.nouns import CORE
from dutybook.db.engine import Database
from dutybook.db.migrate import upgrade
from dutybook.demo.generate import generate, write
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, open_changeset, publish
from dutybook.services.drafts import stage

FIRST_DAY = date(2025, 1, 1)
SEED = 7


class Size(NamedTuple):
    """How many of each a company has."""

    departments: int
    positions: int
    duties: int

    def __str__(self) -> str:
        """As a table shows it."""
        return f"{self.departments:,} / {self.positions:,} / {self.duties:,}"

    def printed(self, folder: Path) -> Path:
        """Its catalogue as a text."""
        file = folder / f"{self.positions}.txt"
        with file.open("w", encoding="utf-8", newline="\n") as out:
            write(generate(*self, 0, SEED), out, file.suffix)
        return file

    def parents(self) -> dict[str, str]:
        """The department above each one that has one, by codes as an import of the text gives them."""
        made = list(generate(*self, 0, SEED).departments())
        codes = {department.code: f"D{place:03}" for place, department in enumerate(made, 1)}
        return {codes[one.code]: codes[one.parent] for one in made if one.parent}


@contextmanager
def opened(url: str) -> Iterator[Book]:
    """A migrated book."""
    database = Database(url, CORE)
    upgrade(database)
    yield Book(database)
    database.dispose()


def publish_changes(book: Book, title: str, day: date, changes: Iterable[Change]) -> float:
    """Publishes changes as the next revision; how many seconds the publishing took."""
    with book.database.write() as session:
        changeset = open_changeset(session, book, OPERATOR, Proposal(title, effective_on=day))
        stage(session, book, changeset, changes, 0)
    began = perf_counter()
    with book.database.write() as session:
        publish(session, book, OPERATOR, changeset)
    return perf_counter() - began


def keys(book: Book, kind: str) -> dict[str, int]:
    """The keys of all identities of a coded kind."""
    table = book.tables.identities[kind]
    with book.database.read() as session:
        rows = session.execute(select(table.c.code, table.c.key).order_by(table.c.key))
        return {row.code: row.key for row in rows}


def duty_keys(book: Book) -> list[int]:
    """The keys of all duties."""
    with book.database.read() as session:
        return list(session.scalars(select(book.tables.identities["duty"].c.key)))


def put_in_tree(book: Book, parents: dict[str, str]) -> None:
    """A printed catalogue tells no tree; this puts each department under the one it was generated for."""
    known = keys(book, "department")
    moves = [
        Change(SET, "department", known[code], FIRST_DAY, values={"parent": known[above]})
        for code, above in parents.items()
    ]
    publish_changes(book, "部门树", FIRST_DAY, moves)


def change_headcounts(book: Book, count: int) -> float:
    """Publishes one set of so many changes, and tells how long that took."""
    positions = list(keys(book, "position").values())[:count]
    changes = [Change(SET, "position", key, FIRST_DAY, values={"headcount": 3}) for key in positions]
    return publish_changes(book, "定员", FIRST_DAY, changes)


def grow_history(book: Book, revisions: int) -> None:
    """Publishes so many revisions, a day apart, each with another title for ten positions and another text for ten duties."""
    kinds = {"position": list(keys(book, "position").values()), "duty": duty_keys(book)}
    fields = {"position": "title", "duty": "text"}
    for number in range(1, revisions + 1):
        day = FIRST_DAY + timedelta(days=number)
        changes = [
            Change(SET, kind, some[(number * 10 + step) % len(some)], day, values={fields[kind]: f"第{number}版{step}"})
            for kind, some in kinds.items()
            for step in range(10)
        ]
        publish_changes(book, f"第 {number} 次调整", day, changes)
