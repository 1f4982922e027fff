"""A desk at which catalogues are imported and exported: the services, with the words that tests use."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.book.clock import FrozenClock
from dutybook.book.nouns import CORE
from dutybook.catalogue.export_read import roster_from
from dutybook.catalogue.read import read_bytes
from dutybook.catalogue.roster import Roster, roster_of
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import head
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes, publish
from dutybook.services.export_catalogue import export_catalogue
from dutybook.services.import_catalogue import Imported, import_catalogue, propose_import
from dutybook.services.revert import revert

COMPANY = "青岚县供水公司"
DAY = date(2026, 1, 1)

Lists = Mapping[str, Mapping[str, Sequence[str]]]
"""Departments with their positions with their duties."""


def migrated(url: str) -> None:
    database = Database(url, CORE)
    migrate.upgrade(database)
    database.dispose()


def printed(lists: Lists, category: str = "") -> str:
    """The lists as a printed catalogue."""
    lines = [f"{COMPANY}岗位职责汇编", f"一、{category}"] if category else [f"{COMPANY}岗位职责汇编"]
    for department, positions in lists.items():
        lines.append(f"## {department}")
        for title, duties in positions.items():
            lines.append(f"### {title}岗位职责")
            lines += [f"{number}. {text}" for number, text in enumerate(duties, start=1)]
    return "\n".join(lines) + "\n"


def read(source: str | bytes | Lists, catalogue: int = 1) -> Roster:
    """What a text, an export or plain lists say."""
    text = printed(source) if isinstance(source, Mapping) else source
    data = text.encode() if isinstance(text, str) else text
    if roster := roster_from("catalogue", data):
        return roster
    reading = read_bytes("catalogue", data)
    return roster_of(reading.catalogues[catalogue - 1], reading.file)


class Desk:
    """One book, and what is done with it."""

    def __init__(self, url: str) -> None:
        self.book = Book(Database(url, CORE), FrozenClock())

    def close(self) -> None:
        self.book.database.dispose()

    def put(self, source: str | bytes | Lists | Roster, on: date = DAY, to: str = COMPANY, **more: Any) -> Imported:
        """Imports and publishes."""
        roster = source if isinstance(source, Roster) else read(source)
        with self.book.database.write() as session:
            done = import_catalogue(session, self.book, OPERATOR, roster, organisation=to, effective_on=on, **more)
            if done.changeset:
                publish(session, self.book, OPERATOR, done.changeset)
        return done

    def proposal(
        self, source: str | bytes | Lists | Roster, on: date = DAY, to: str = COMPANY, **more: Any
    ) -> list[tuple[str, ...]]:
        """What an import would do, as `what, kind, place`; nothing is stored."""
        roster = source if isinstance(source, Roster) else read(source)
        with self.book.database.read() as session:
            proposed = propose_import(session, self.book, roster, organisation=to, effective_on=on, **more)
            return [(act.what, act.kind, act.place) for act in proposed.acts]

    def export(self, form: str = "json", on: date = DAY, to: str = COMPANY, **more: Any) -> bytes:
        with self.book.database.read() as session:
            return export_catalogue(session, self.book, OPERATOR, form, organisation=to, as_of=on, **more)

    def tree(self, on: date = DAY, to: str = COMPANY) -> Any:
        """The departments of an export."""
        return orjson.loads(self.export(on=on, to=to))["departments"]

    def lists(self, on: date = DAY, to: str = COMPANY) -> dict[str, dict[str, list[str]]]:
        """What the book says, in the form of `Lists`."""
        return {
            department["name"]: {
                position["title"]: [duty["text"] for duty in position["duties"]] for position in department["positions"]
            }
            for department in self.tree(on, to)
        }

    def say(self, *sayings: Mapping[str, Any], on: date = DAY) -> None:
        """Publishes what somebody says by hand."""
        with self.book.database.write() as session:
            apply_changes(session, self.book, OPERATOR, Proposal("手工", effective_on=on), sayings)

    def undo(self, revision: int) -> None:
        with self.book.database.write() as session:
            publish(session, self.book, OPERATOR, revert(session, self.book, OPERATOR, revision))

    def revision(self) -> int:
        with self.book.database.read() as session:
            return head(session, self.book.tables).revision

    def identities(self, kind: str) -> set[tuple[int, str]]:
        """All records of a kind that the book has ever known, with their codes."""
        table = self.book.tables.identities[kind]
        with self.book.database.read() as session:
            return {(row.key, row.code) for row in session.execute(select(table.c.key, table.c.code))}

    def keys(self, on: date = DAY) -> dict[str, int]:
        """The keys of all duties in force by their texts."""
        rows = self.book.tables.versions["duty"]
        now = rows.c.valid_from <= on, rows.c.valid_to > on, rows.c.until_revision > self.revision()
        with self.book.database.read() as session:
            return {row.text: row.key for row in session.execute(select(rows.c.text, rows.c.key).where(*now))}

    def lineage(self) -> set[tuple[str, str, int, str, int]]:
        """Every step of lineage: edge, what came, from what."""
        table = self.book.tables["lineage"]
        with self.book.database.read() as session:
            return {(r.edge, r.kind, r.key, r.other_kind, r.other) for r in session.execute(select(table))}
