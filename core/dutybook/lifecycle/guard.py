"""The guard around a hook: what it says to the database is counted, and what it must not say is refused.

It keeps mistakes from doing harm; a plugin is code of this process, and one that means harm must not be installed.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from dutybook.errors import DutybookError, Message
from dutybook.lifecycle.statements import read

ENDING = Message("不得提交或回滚事务", "must not commit or roll back")


class Offence(DutybookError):
    """A hook did what no hook may do."""

    code = "HOOK_OFFENCE"

    def __init__(self, plugin: str, hook: str, said: Message) -> None:
        super().__init__(f"插件 {plugin} 的 {hook}：{said.zh}。", f"{plugin}.{hook}: it {said.en}.")
        self.said = said


@dataclass
class HookCall:
    """One call of a hook: what it may write, what it has cost, and whether it was given up.

    `caller` is the hook from which it is called, where one plugin calls another's hook.
    """

    plugin: str
    hook: str
    writes: frozenset[str] | None = frozenset()
    """The tables that it may write; None for any."""
    statements: int = 0
    given_up: bool = False
    offence: Offence | None = None
    lifted: int = field(default=0, repr=False)
    caller: "HookCall | None" = field(default=None, repr=False)

    @property
    def over(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.given_up or (self.caller is not None and self.caller.over)

    def note(self, zh: str, en: str) -> Offence:
        """Remembers an offence: a hook that swallows the exception is found out all the same."""
        self.offence = self.offence or Offence(self.plugin, self.hook, Message(zh.rstrip("。"), en.rstrip(".")))
        return self.offence

    def forbid(self, zh: str, en: str) -> None:
        """Refuses what it is about to do."""
        raise self.note(zh, en)

    def forbid_ending(self, *_: object) -> None:
        """Refuses to end the transaction, which is its caller's."""
        self.forbid(*ENDING)


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
    """Looks at every statement, at the end of every transaction and at every further connection of an engine."""
    event.listen(engine, "before_cursor_execute", _on_statement)
    event.listen(engine, "commit", _on_commit)
    event.listen(engine, "rollback", _on_rollback)
    event.listen(engine, "checkout", _on_checkout)


def _on_statement(_conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    call = current()
    if call is None:
        return
    call.statements += 1
    _refuse_late(call)
    if not call.lifted:
        _judge(call, statement)


def _refuse_late(call: HookCall) -> None:
    if call.over:
        call.forbid("超时后仍在访问数据库", "went on using the database after it was given up")


def _judge(call: HookCall, statement: str) -> None:
    said = read(statement)
    if said.ends:
        call.forbid_ending()
    if call.writes is None:
        return
    if said.strange:
        call.forbid(f"不得使用 {said.strange} 语句", f"must not say {said.strange}")
    for table in said.writes:
        if table not in call.writes:
            mine = ", ".join(sorted(call.writes))
            call.forbid(
                f"不得写入 {table}；可写的表：{mine or '无'}",
                f"must not write {table}; it may write {mine or 'no table'}",
            )


def _on_commit(_conn: Connection) -> None:
    call = current()
    if call is not None and not call.lifted:
        call.forbid_ending()


def _on_rollback(_conn: Connection) -> None:
    """Only noted: an error here would hide the one that SQLAlchemy rolls back for, and nothing is stored anyway."""
    call = current()
    if call is None or call.lifted:
        return
    if isinstance(error := sys.exc_info()[1], SQLAlchemyError):
        # A flush that failed: whoever wants to go on after that has to try it within a savepoint.
        what = type(error).__name__
        offence = call.note(
            f"遇到 {what} 后不得回滚事务；可能失败的写入请放在 session.begin_nested() 中",
            f"must not roll back after {what}; try what may fail within session.begin_nested()",
        )
        offence.__cause__ = offence.__cause__ or error
    call.note(*ENDING)


def _on_checkout(_dbapi: Any, _record: Any, _fairy: Any) -> None:
    call = current()
    if call is None:
        return
    _refuse_late(call)
    if not call.lifted:
        call.forbid("不得另开数据库连接", "must not open a connection of its own")
