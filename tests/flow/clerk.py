"""A clerk at a small company's book: says, publishes and looks things up within one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor
from dutybook.book.clock import FrozenClock
from dutybook.book.ids import GlobalId, type_name
from dutybook.book.nouns import CORE
from dutybook.book.times import STILL_KNOWN, Time
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import Head, head
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.errors import DutybookError
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, add_changes, apply_changes, open_changeset, publish
from dutybook.services.drafts import changeset_row
from dutybook.services.revert import revert
from dutybook.services.say import Saying

NEW_YEAR = date(2025, 1, 1)
FOUNDING: Sequence[Saying] = (
    {"openOrganisation": {"name": "青溪县供电公司"}},
    {"openDepartment": {"name": "办公室"}},
    {"openDepartment": {"name": "生产部"}},
    {"openDepartment": {"name": "运行班", "parent": "D002"}},
    {"openStandardPosition": {"title": "班组长"}},
    {"addDuty": {"standard": "S001", "text": "主持班前会"}},
    {"addDuty": {"standard": "S001", "text": "检查安全工器具"}},
    {"openPosition": {"title": "主任", "department": "D001", "headcount": 1}},
    {"openPosition": {"title": "文秘", "department": "D001", "reportsTo": "P0001"}},
    {"openPosition": {"title": "班长", "department": "D003", "standard": "S001", "reportsTo": "P0001"}},
    {"addDuty": {"position": "P0001", "text": "全面负责办公室工作"}},
    {"addDuty": {"position": "P0001", "text": "审核公文"}},
    {"addDuty": {"position": "P0001", "text": "完成领导交办的其他工作"}},
    {"addDuty": {"position": "P0002", "text": "负责收发文件"}},
    {"openEmployee": {"number": "E0001", "name": "甲一", "officePhone": "0000-1001"}},
    {"openEmployee": {"number": "E0002", "name": "乙二"}},
    {"appoint": {"employee": "E0001", "position": "P0001"}},
    {"appoint": {"employee": "E0002", "position": "P0002"}},
)


@contextmanager
def opened(url: str) -> Iterator[Book]:
    """A book with a clock that stands still and secrets of its own."""
    database = Database(url, CORE)
    try:
        yield Book(database, FrozenClock(), Random(url).randbytes)
    finally:
        database.dispose()


def founded(url: str) -> None:
    """Fills a database with the small company."""
    with opened(url) as book:
        migrate.upgrade(book.database)
        with committed(book) as clerk:
            clerk.found()


class Clerk:
    """One transaction at a book. Duties and assignments, which have no codes, are called by their place in it."""

    def __init__(self, session: Session, book: Book) -> None:
        self.session, self.book = session, book

    def found(self) -> "Clerk":
        self.apply(*FOUNDING)
        return self

    def apply(self, *sayings: Saying, on: date = NEW_YEAR) -> int:
        """Publishes at once, and gives the revision."""
        apply_changes(self.session, self.book, OPERATOR, Proposal("变更", effective_on=on), sayings)
        return self.head.revision

    def refused(self, *sayings: Saying, on: date = NEW_YEAR) -> DutybookError:
        """Why a publication is refused; what it wrote until then is taken back."""
        savepoint = self.session.begin_nested()
        with pytest.raises(DutybookError) as refusal:
            self.apply(*sayings, on=on)
        savepoint.rollback()
        return refusal.value

    def draft(
        self,
        *sayings: Saying,
        on: date = NEW_YEAR,
        base: int | None = None,
        by: Actor = OPERATOR,
        route: Sequence[Sequence[str]] | None = None,
    ) -> int:
        proposal = Proposal("草稿", effective_on=on, base_revision=base, route=route)
        changeset = open_changeset(self.session, self.book, by, proposal)
        add_changes(self.session, self.book, by, changeset, sayings)
        return changeset

    def publish(self, changeset: int) -> int:
        return publish(self.session, self.book, OPERATOR, changeset).revision

    def revert(self, revision: int) -> int:
        """Reverts and publishes, and gives the new revision."""
        return self.publish(revert(self.session, self.book, OPERATOR, revision))

    def set(self, changeset: int) -> Row[Any]:
        return changeset_row(self.session, self.book, changeset)

    def changes(self, changeset: int) -> list[str]:
        """The canonical changes of a set."""
        change = self.book.tables["change"]
        ours = select(change.c.body).where(change.c.changeset == changeset)
        return list(self.session.scalars(ours.order_by(change.c.ordinal)))

    def events(self, after: int = 0) -> list[str]:
        """The types of events behind a sequence."""
        event = self.book.tables["event"]
        return list(
            self.session.scalars(select(event.c.type).where(event.c.sequence > after).order_by(event.c.sequence))
        )

    @property
    def head(self) -> Head:
        return head(self.session, self.book.tables)

    def in_force(self, kind: str, day: date = NEW_YEAR, known_at: int | None = None) -> list[dict[str, Any]]:
        """All records of a kind at a time, in official order."""
        rows = in_force(
            self.book.tables, kind, Time(day, self.head.revision if known_at is None else known_at), EVERYTHING
        )
        order = [rows.c.rank, rows.c.key] if "rank" in rows.c else [rows.c.key]
        return [dict(row) for row in self.session.execute(select(rows).order_by(*order)).mappings()]

    def named(self, kind: str, day: date = NEW_YEAR, **wanted: object) -> list[str]:
        """The names, titles or texts of records that hold these values."""
        fits = [row for row in self.in_force(kind, day) if all(row[name] == value for name, value in wanted.items())]
        return [row.get("text") or row.get("title") or row["name"] for row in fits]

    def duties(self, position: str, day: date = NEW_YEAR) -> list[str]:
        return self.named("duty", day, position=self.key("position", position))

    def key(self, kind: str, code: str) -> int:
        table = self.book.tables.identities[kind]
        found: int = self.session.scalars(select(table.c.key).where(table.c.code == code)).one()
        return found

    def id(self, kind: str, at: int | str) -> str:
        """The id of a record by its code, or of that which was opened as number `at`, from 0."""
        if isinstance(at, str):
            return str(GlobalId(type_name(kind), self.key(kind, at)))
        table = self.book.tables.identities[kind]
        keys = self.session.scalars(select(table.c.key).order_by(table.c.key)).all()
        return str(GlobalId(type_name(kind), keys[at]))

    def of(self, kind: str, code: str, day: date = NEW_YEAR, known_at: int | None = None) -> dict[str, Any] | None:
        """A record in force, by its code."""
        return next((row for row in self.in_force(kind, day, known_at) if row["code"] == code), None)

    def title(self, code: str, day: date = NEW_YEAR, known_at: int | None = None) -> str | None:
        row = self.of("position", code, day, known_at)
        return row["title"] if row else None

    def lineage(self) -> list[tuple[str, str, int, str, int]]:
        """Every step of lineage that holds at the head."""
        table = self.book.tables["lineage"]
        columns = (table.c.edge, table.c.kind, table.c.key, table.c.other_kind, table.c.other)
        rows = self.session.execute(select(*columns).where(table.c.until_revision == STILL_KNOWN))
        return sorted((r[0], r[1], r[2], r[3], r[4]) for r in rows)

    def state(self) -> dict[str, list[Any]]:
        """All that the head says: the rows of every kind, steps included, and lineage."""
        return {"lineage": self.lineage(), **{kind.name: self.rows(kind.name) for kind in self.book.kinds}}

    def rows(self, kind: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """The version rows of a kind, but for their ids; those of the head carry no revisions."""
        table = self.book.tables.versions[kind]
        left_out = {"id"} if everything else {"id", "since_revision", "until_revision"}
        columns = [column for column in table.c if column.name not in left_out]
        query = select(*columns).order_by(table.c.key, table.c.valid_from, table.c.since_revision)
        if not everything:
            query = query.where(table.c.until_revision == STILL_KNOWN)
        return [dict(row) for row in self.session.execute(query).mappings()]

    def identities(self, kind: str) -> list[tuple[Any, ...]]:
        table = self.book.tables.identities[kind]
        return [tuple(row) for row in self.session.execute(select(table).order_by(table.c.key))]

    def revisions(self) -> list[tuple[Any, ...]]:
        """Every revision but for the number of its set."""
        table = self.book.tables["revision"]
        columns = [column for column in table.c if column.name != "changeset"]
        return [tuple(row) for row in self.session.execute(select(*columns).order_by(table.c.number))]

    def counts(self) -> Mapping[str, int]:
        """How many rows each table has. Keys may be skipped, so their counter does not matter."""
        tables = self.book.tables.metadata.tables
        return {
            name: self.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
        }


@contextmanager
def undone(book: Book) -> Iterator[Clerk]:
    """A clerk whose work is taken back at the end, so that one database serves any number of examples."""
    with Session(book.database.engine, autoflush=False) as session:
        try:
            yield Clerk(session, book)
        finally:
            session.rollback()


@contextmanager
def committed(book: Book) -> Iterator[Clerk]:
    """A clerk whose work stays."""
    with book.database.write() as session:
        yield Clerk(session, book)
