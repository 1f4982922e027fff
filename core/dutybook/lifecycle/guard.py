"""The guard around a hook: what it says to the database is counted, and what it must not say is refused."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from dutybook.errors import DutybookError

_TRANSACTIONS = re.compile(
    r"\s*(COMMIT|END|ROLLBACK(?!\s+(WORK\s+|TRANSACTION\s+)?TO)|ABORT|BEGIN|START)\b", re.IGNORECASE
)
_WRITES = re.compile(
    r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|"
    r"MERGE\s+INTO|COPY|TRUNCATE(?:\s+TABLE)?|(?:CREATE|ALTER|DROP)\s+\w+(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+(?!SET\b)[\"'`\[]?(\w+)",
    re.IGNORECASE,
)
_LITERALS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
_WORDS = ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "COPY", "TRUNCATE", "CREATE", "ALTER", "DROP", "PRAGMA")


class Offence(DutybookError):
    """A hook did what no hook may do."""

    code = "HOOK_OFFENCE"


@dataclass
class HookCall:
    """One call of a hook: what it may write, what it has cost, and whether it was given up."""

    plugin: str
    hook: str
    writes: frozenset[str] | None = frozenset()
    """The tables that it may write; None for any."""
    statements: int = 0
    given_up: bool = False
    offence: Offence | None = None
    lifted: int = field(default=0, repr=False)

    def forbid(self, zh: str, en: str) -> None:
        """Refuses, and remembers it: a hook that swallows the exception is found out all the same."""
        self.offence = self.offence or Offence(
            f"插件 {self.plugin} 的 {self.hook} {zh}", f"{self.plugin}.{self.hook} {en}"
        )
        raise self.offence


_here = threading.local()


def current() -> HookCall | None:
    """The hook that runs in this thread."""
    found: HookCall | None = getattr(_here, "call", None)
    return found


@contextmanager
def running(call: HookCall) -> Iterator[None]:
    """Everything said to any watched database by this thread is said by this hook."""
    before, _here.call = current(), call
    try:
        yield
    finally:
        _here.call = before


@contextmanager
def lifted() -> Iterator[None]:
    """What the core does on behalf of a hook, through `dutybook.api`, is the core's doing."""
    call = current()
    if call is None:
        yield
        return
    call.lifted += 1
    try:
        yield
    finally:
        call.lifted -= 1


def watch(engine: Engine) -> None:
    """Looks at every statement and at the end of every transaction of an engine."""
    event.listen(engine, "before_cursor_execute", _on_statement)
    event.listen(engine, "commit", _on_end)
    event.listen(engine, "rollback", _on_end)


def _on_statement(_conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    call = current()
    if call is None:
        return
    call.statements += 1
    if call.given_up:
        call.forbid("超时后仍在访问数据库。", "went on using the database after it was given up.")
    if not call.lifted:
        _judge(call, statement)


def _judge(call: HookCall, statement: str) -> None:
    if _TRANSACTIONS.match(statement):
        call.forbid("不得提交或回滚事务。", "must not commit or roll back.")
    if call.writes is None or not any(word in statement.upper() for word in _WORDS):
        return
    bare = _LOCKS.sub("", _LITERALS.sub("''", statement))
    if re.match(r"\s*PRAGMA\b", bare, re.IGNORECASE):
        call.forbid("不得使用 PRAGMA。", "must not use PRAGMA.")
    for table in _WRITES.findall(bare):
        if table.lower() not in call.writes:
            mine = "、".join(sorted(call.writes)) or "无 (none)"
            call.forbid(f"不得写入 {table}；允许的表：{mine}。", f"must not write {table}; its own tables are: {mine}.")


def _on_end(_conn: Connection) -> None:
    call = current()
    if call is not None and not call.lifted:
        call.forbid("不得提交或回滚事务。", "must not commit or roll back.")
