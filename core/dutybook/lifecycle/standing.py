"""The transaction that a hook is called in: it must be left as it was found, open and able to go on."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session, SessionTransaction

from dutybook.errors import Message
from dutybook.lifecycle.guard import ENDING, HookCall

SECONDS = 1.0
"""For which the server is waited for to take a request to interrupt."""

_LOST = Message("事务已被其关闭", "closed the transaction")
_FAILED = Message(
    "有语句失败后事务已不可用；可能失败的语句请放在 session.begin_nested() 中",
    "left the transaction failed by a statement of its own; try what may fail within session.begin_nested()",
)
_NESTED = Message("留下了未结束的保存点", "left a savepoint open")


@dataclass(frozen=True, slots=True)
class Standing:
    """A session's transaction, savepoint and connection before a hook."""

    session: Session
    root: SessionTransaction | None
    nested: SessionTransaction | None
    connection: Connection
    driver: Any
    begun: bool

    @classmethod
    def of(cls, session: Session) -> "Standing":
        """How it stands now; a transaction is begun where there is none, which is not for a hook to do."""
        connection = session.connection()
        driver: Any = connection.connection.driver_connection
        begun = _state(driver) == "INTRANS"
        return cls(session, session.get_transaction(), session.get_nested_transaction(), connection, driver, begun)

    def settle(self) -> Message | None:
        """What a hook has done to it; None where it can go on. A lost one takes its connection with it: who knows what is in it."""
        wrong = self._wrong()
        if wrong is _LOST:
            self.abandon()
        return wrong

    def _wrong(self) -> Message | None:
        session, root = self.session, self.root
        if session.get_transaction() is not root or root is None or not root.is_active:
            return _LOST
        if self.connection.closed or self.connection.invalidated:
            return _LOST
        if (state := _state(self.driver)) == "INERROR":
            return _FAILED
        if state not in {"INTRANS", "IDLE"} or (self.begun and state == "IDLE"):
            return _LOST
        return _NESTED if session.get_nested_transaction() is not self.nested else None

    def interrupt(self) -> None:
        """Ends the statement that the connection is busy with."""
        with suppress(Exception):
            if isinstance(self.driver, sqlite3.Connection):
                self.driver.interrupt()
            else:
                self.driver.cancel_safe(timeout=SECONDS)

    def abandon(self) -> None:
        """Closes the connection: somebody who cannot be stopped still holds it."""
        with suppress(Exception):
            Connection.invalidate(self.connection)


def _state(driver: Any) -> str:
    """IDLE, INTRANS, INERROR or UNKNOWN, as psycopg names them."""
    try:
        if isinstance(driver, sqlite3.Connection):
            return "INTRANS" if driver.in_transaction else "IDLE"
        name: str = driver.info.transaction_status.name
    except Exception:
        return "UNKNOWN"
    return name


_WRITING = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
_UNWANTED = {sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, *_WRITING}


_OF_SESSION = ("commit", "rollback", "close", "reset", "invalidate", "prepare")
_OF_CONNECTION = ("commit", "rollback", "close", "invalidate", "detach")
_OF_DRIVER = ("commit", "rollback")


@contextmanager
def shielded(it: HookCall, standing: Standing) -> Iterator[None]:
    """While a hook runs, its session and connection refuse to end: before SQLAlchemy has begun to, which would leave it halfway.

    So does the driver. SQLite's also refuses whatever else is said to it past SQLAlchemy.
    """
    _shield(it, standing)
    try:
        yield
    finally:
        _shield(it.caller, standing)


def _shield(it: HookCall | None, standing: Standing) -> None:
    _bar(it, standing.session, _OF_SESSION)
    _bar(it, standing.connection, _OF_CONNECTION)
    if not isinstance(standing.driver, sqlite3.Connection):
        _bar(it, standing.driver, _OF_DRIVER)
        return
    with suppress(sqlite3.ProgrammingError):  # it was closed, for the sake of a hook that nobody could stop
        standing.driver.set_authorizer(None if it is None else _authorizer(it))


def _bar(it: HookCall | None, target: object, names: Sequence[str]) -> None:
    for name in names:
        vars(target).pop(name, None)
        if it is not None:
            vars(target)[name] = it.forbid_ending


def _authorizer(it: HookCall) -> Callable[..., int]:
    """Asked by SQLite what a statement may do, when it is prepared."""

    def may(action: int, about: str | None, *_: object) -> int:
        table = (about or "").lower()
        if it.lifted:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_TRANSACTION:
            it.note(*ENDING)
            return sqlite3.SQLITE_DENY
        if it.writes is None or action not in _UNWANTED or (action in _WRITING and table in it.writes):
            return sqlite3.SQLITE_OK
        it.note(f"不得写入或更改 {table}", f"must not write or alter {table}")
        return sqlite3.SQLITE_DENY

    return may
