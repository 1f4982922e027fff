"""Events: what a plugin makes of them is the same after a crash on the way, and when it is built again."""

from collections.abc import Iterator

from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.deliveries import rebuild
from dutybook.services.worker import Worker
from dutybook.testing.book import TestBook
from dutybook.testing.crashes import dying
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.specimens import Specimens
from dutybook.testing.verify.state import State, difference, own_tables, state_of


def try_events(specimens: Specimens, plugin: Loaded) -> Iterator[Finding]:
    """Delivers a history and changes after it; builds all of it again; lets a delivery die, and builds again."""
    book = specimens.book
    if "on_events" not in plugin.hooks:
        return
    if "reset_projection" not in plugin.hooks:
        zh, en = "请清空 on_events 所写的表，随后会重放全部事件", "empty what on_events writes; all events follow"
        yield finding(Code.NO_RESET, plugin.name, zh, en)
        return
    for number, (code, crash) in enumerate(((Code.REBUILD_DIFFERS, False), (Code.CRASH_DIFFERS, True))):
        _live(specimens, plugin, number, crash=crash)
        if stuck := list(_stuck(book, plugin)):
            yield from stuck
            return
        live = _state(book, plugin)
        _rebuild(book, plugin)
        if found := difference(live, _state(book, plugin)):
            zh, en = (
                f"{found}；事件应足以得出这些表的全部内容",
                f"{found}; events must be enough to come to all of these tables",
            )
            yield finding(code, f"{plugin.name}.on_events", zh, en)
            return


def _live(specimens: Specimens, plugin: Loaded, number: int, *, crash: bool) -> None:
    """Changes as they come, delivered after each; where it is to crash, each delivery begins with one that dies."""
    for sayings in specimens.changes(plugin, number):
        specimens.say(sayings)
        if crash:
            with dying(specimens.book.book):
                Worker(specimens.book.book).drain()
        Worker(specimens.book.book).drain()


def _state(book: TestBook, plugin: Loaded) -> State:
    with book.session() as session:
        return state_of(session, own_tables(plugin))


def _rebuild(book: TestBook, plugin: Loaded) -> None:
    with book.book.database.write() as session:
        rebuild(session, book.book, OPERATOR, plugin.name)
    Worker(book.book).drain()


def _stuck(book: TestBook, plugin: Loaded) -> Iterator[Finding]:
    parked = book.book.tables["parked"]
    with book.session() as session:
        for row in session.execute(select(parked).where(parked.c.subscriber == plugin.name)):
            place = f"{plugin.name}.on_events"
            zh, en = f"{row.aggregate} {row.key}：{row.error}", f"{row.aggregate} {row.key}: {row.error}"
            yield finding(Code.DELIVERY_STUCK, place, zh, en)
