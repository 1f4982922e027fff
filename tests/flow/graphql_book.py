"""A small book with a past, and a way to ask it: the statements that an answer cost are counted."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from graphql import ExecutionResult, execute, parse
from sqlalchemy import event, select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.clock import FrozenClock
from dutybook.book.nouns import CORE
from dutybook.db.engine import Database
from dutybook.db.migrate import upgrade
from dutybook.graphql.context import open_context
from dutybook.graphql.schema import Schema, build_schema
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.services.outcomes import Key

SCHEMA = build_schema(CORE)
READER = Actor("reader", (Grant("reader"),))
EDITOR = Actor("editor", (Grant("editor"),))
APPROVER = Actor("approver", (Grant("approver"),))
PUBLISHER = Actor("publisher", (Grant("publisher"),))
FIRST, SECOND = date(2025, 1, 1), date(2026, 1, 1)
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)

FOUNDING: list[dict[str, dict[str, Any]]] = [
    {"openOrganisation": {"code": "GS", "name": "青山供电公司"}},
    {"openDepartment": {"code": "D001", "name": "经理工作部", "category": "机关类", "quota": 5}},
    {"openDepartment": {"code": "D002", "name": "生产技术部", "category": "机关类"}},
    {"openDepartment": {"code": "D003", "name": "调度所", "category": "基层类", "parent": "D002"}},
    {"openDepartment": {"code": "D004", "name": "营销部", "category": "机关类"}},
    {"openStandardPosition": {"code": "S001", "title": "班组长"}},
    {"addDuty": {"standard": "S001", "text": "全面负责班组的安全生产。"}},
    {"addDuty": {"standard": "S001", "text": "组织班前会。"}},
    {
        "openPosition": {
            "code": "P0001",
            "title": "主任",
            "department": "D001",
            "sections": [{"name": "任职资格", "text": "本科"}],
        }
    },
    {
        "openPosition": {
            "code": "P0002",
            "title": "副主任",
            "department": "D001",
            "reportsTo": "P0001",
            "deputyOf": "P0001",
        }
    },
    {"openPosition": {"code": "P0003", "title": "检修专责", "department": "D002", "grade": "11"}},
    {
        "openPosition": {
            "code": "P0004",
            "title": "调度班长",
            "department": "D003",
            "standard": "S001",
            "reportsTo": "P0003",
        }
    },
    {
        "openPosition": {
            "code": "P0005",
            "title": "值班员",
            "department": "D003",
            "standard": "S001",
            "headcount": 3,
            "reportsTo": "P0004",
            "substitutes": ["P0003", "P0004"],
        }
    },
    {"addDuty": {"position": "P0001", "text": "主持部门全面工作。", "tags": ["核心"]}},
    {"addDuty": {"position": "P0001", "text": "完成领导交办的其他工作。"}},
    {
        "addDuty": {
            "position": "P0003",
            "text": "负责检修计划的编制和执行。",
            "source": {"document": "a.txt", "firstLine": 7},
        }
    },
    {"addDuty": {"position": "P0005", "text": "监督 100%_合格率。"}},
    {"addDuty": {"position": "P0005", "text": "参加检修计划的讨论。", "involvement": "ASSIST"}},
    {"openEmployee": {"number": "E0001", "name": "赵一", "officePhone": "8001", "email": "z@example.com"}},
    {"openEmployee": {"number": "E0002", "name": "钱二"}},
    {"openEmployee": {"number": "E0003", "name": "孙三"}},
    {"appoint": {"employee": "E0001", "position": "P0001"}},
    {"appoint": {"employee": "E0001", "position": "P0003", "kind": "CONCURRENT", "share": 30}},
    {"appoint": {"employee": "E0002", "position": "P0005", "suspended": True}},
    {"appoint": {"employee": "E0003", "position": "P0005"}},
]


def fill(url: str) -> None:
    """A company in two revisions: founded in 2025, changed in 2026."""
    with asked(url) as asking:
        asking.apply(FIRST, FOUNDING)
        asking.apply(SECOND, asking.reform())


@dataclass
class Asking:
    """A book that is asked as somebody, on a day that stands still."""

    book: Book
    statements: list[str] = field(default_factory=list)
    schema: Schema = SCHEMA
    idempotency: Key | None = None

    def apply(self, day: date, sayings: list[dict[str, dict[str, Any]]]) -> int:
        with self.book.database.write() as session:
            return apply_changes(session, self.book, OPERATOR, Proposal("变更", effective_on=day), sayings)

    def reform(self) -> list[dict[str, dict[str, Any]]]:
        """What happened in 2026."""
        plan, meeting = self.duty("检修计划的编制"), self.duty("班前会")
        return [
            {"setPosition": {"position": "P0001", "title": "主任（兼）"}},
            {"movePosition": {"position": "P0002", "department": "D004"}},
            {"splitDuty": {"duty": plan, "into": ["负责检修计划的编制。", "负责检修计划的执行。"]}},
            {"setPosition": {"position": "P0005", "exceptions": [meeting]}},
        ]

    def duty(self, text: str) -> int:
        """The key of the duty that holds a text."""
        rows = self.book.tables.versions["duty"]
        with self.book.database.read() as session:
            return session.scalars(select(rows.c.key).where(rows.c.text.contains(text))).first() or 0

    def result(self, document: str, actor: Actor = OPERATOR, language: str = "en", **variables: Any) -> ExecutionResult:
        """The answer with its errors."""

        async def ask() -> ExecutionResult:
            self.statements.clear()
            context = await open_context(self.book, actor, language, self.idempotency)
            answer = execute(self.schema.graphql, parse(document), context_value=context, variable_values=variables)
            try:
                return answer if isinstance(answer, ExecutionResult) else await answer
            finally:
                if not self.book.database.is_sqlite:
                    await self.book.database.rest()

        with self._counting():
            return asyncio.run(ask())

    def __call__(self, document: str, actor: Actor = OPERATOR, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self.result(document, actor, **variables)
        assert not answer.errors, answer.errors
        return answer.data

    def cost(self, document: str, actor: Actor = OPERATOR, **variables: Any) -> int:
        """How many statements an answer takes."""
        self(document, actor, **variables)
        return len(self.statements)

    @contextmanager
    def _counting(self) -> Iterator[None]:
        engines = self.book.database.readers

        def count(*said: Any) -> None:
            if said[2].lstrip().upper().startswith(("SELECT", "WITH")) and "pg_catalog" not in said[2]:
                self.statements.append(said[2])

        for engine in engines:
            event.listen(engine, "before_cursor_execute", count)
        try:
            yield
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", count)


@contextmanager
def asked(url: str) -> Iterator[Asking]:
    """A migrated book to ask."""
    database = Database(url, CORE)
    upgrade(database)
    with closing(_Open(database)):
        yield Asking(Book(database, FrozenClock(moment=NOW)))


@dataclass
class _Open:
    database: Database

    def close(self) -> None:
        self.database.dispose()
