"""What operators do about deliveries: retry, skip for a reason, rebuild; each is on record."""

from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import ADMINISTER, Actor
from dutybook.access.scope import require_everywhere
from dutybook.book.kinds import Field
from dutybook.db.head import head
from dutybook.errors import Message, NotFound, Refused
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.lanes import insert_lanes, lock
from dutybook.outbox.parking import first_two, go_on
from dutybook.outbox.selection import LANES
from dutybook.services.book import Book

REASON = Field("reason", Message("事由", "Reason"), required=True)

RETRIED, SKIPPED, REBUILT = "RETRIED", "SKIPPED", "REBUILT"

RESET_SECONDS = 60.0


def subscriber_named(book: Book, name: str) -> Loaded:
    """An enabled plugin that events are delivered to."""
    known = {plugin.name: plugin for plugin in book.plugins.implementing("on_events")}
    if name not in known:
        there = ", ".join(known)
        zh = f"没有订阅事件的插件「{name}」；已启用的有：{there or '无'}。"
        en = f"There is no plugin '{name}' that takes events; enabled are: {there or 'none'}."
        raise NotFound(zh, en, path=["plugin"])
    return known[name]


def retry(session: Session, book: Book, actor: Actor, subscriber: str, aggregate: str, key: int) -> None:
    """Lets a parked aggregate, dead or not, be tried at once, and as often as if it were new."""
    row = _locked(session, book, actor, subscriber, aggregate, key)
    fresh = {"attempts": 0, "dead": False, "next_attempt_at": book.clock.now()}
    session.execute(update(book.tables["parked"]).where(*_same(book, row)).values(**fresh))
    _record(session, book, actor, RETRIED, subscriber, row.sequence)


def retry_all(session: Session, book: Book, actor: Actor, subscriber: str) -> int:
    """The same for everything that is parked for a subscriber; gives how many aggregates that is."""
    require_everywhere(actor, ADMINISTER)
    subscriber_named(book, subscriber)
    lock(session, book.tables, subscriber)
    parked = book.tables["parked"]
    fresh = {"attempts": 0, "dead": False, "next_attempt_at": book.clock.now()}
    ours = update(parked).where(parked.c.subscriber == subscriber).values(**fresh).returning(parked.c.key)
    count = len(session.execute(ours).all())
    _record(session, book, actor, RETRIED, subscriber, None)
    return count


def skip(session: Session, book: Book, actor: Actor, subscriber: str, aggregate: str, key: int, reason: str) -> int:
    """Passes the one event that a subscriber could not take, for good; gives its sequence."""
    why = str(REASON.check(reason.strip()))
    row = _locked(session, book, actor, subscriber, aggregate, key)
    lane = book.tables["lane"]
    ours = (lane.c.subscriber == subscriber, lane.c.number == key % LANES)
    cursor = session.scalars(select(lane.c.cursor).where(*ours)).one()
    events = first_two(session, book.tables, book.plugins[subscriber], row, cursor)
    go_on(session, book.tables, row, events[1:], book.clock.now())
    _record(session, book, actor, SKIPPED, subscriber, row.sequence, why)
    sequence: int = row.sequence
    return sequence


def rebuild(session: Session, book: Book, actor: Actor, subscriber: str) -> int:
    """Empties what a subscriber has built and delivers from the first event again; gives how many events there are."""
    require_everywhere(actor, ADMINISTER)
    plugin = subscriber_named(book, subscriber)
    if "reset_projection" not in plugin.hooks:
        zh = f"插件 {subscriber} 没有 reset_projection，重放会重复计算；请其作者实现该钩子。"
        en = f"Plugin {subscriber} has no reset_projection and would count everything twice; its author must add it."
        raise Refused(zh, en, path=[subscriber])
    insert_lanes(session, book, plugin)
    lock(session, book.tables, subscriber)
    hooks, writes = book.hooks(session), plugin.tables
    hooks.ask(plugin, "reset_projection", session=session, writes=writes, seconds=RESET_SECONDS)
    lane, parked = book.tables["lane"], book.tables["parked"]
    session.execute(update(lane).where(lane.c.subscriber == subscriber).values(cursor=0))
    session.execute(delete(parked).where(parked.c.subscriber == subscriber))
    sequence = head(session, book.tables).sequence
    _record(session, book, actor, REBUILT, subscriber, sequence)
    return sequence


def _locked(session: Session, book: Book, actor: Actor, subscriber: str, aggregate: str, key: int) -> Row[Any]:
    """The row of a parked aggregate, whose lane stands still until the transaction ends."""
    require_everywhere(actor, ADMINISTER)
    subscriber_named(book, subscriber)
    lock(session, book.tables, subscriber, key % LANES)
    parked = book.tables["parked"]
    ours = (parked.c.subscriber == subscriber, parked.c.aggregate == aggregate, parked.c.key == key)
    row = session.execute(select(parked).where(*ours)).one_or_none()
    if row is None:
        zh = f"{aggregate} {key} 并未为插件 {subscriber} 搁置；dutybook plugin trace {subscriber} 列出已搁置的。"
        en = f"{aggregate} {key} is not parked for {subscriber}; dutybook plugin trace {subscriber} lists what is."
        raise NotFound(zh, en, path=[aggregate, key])
    return row


def _same(book: Book, row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    parked = book.tables["parked"]
    return (parked.c.subscriber == row.subscriber, parked.c.aggregate == row.aggregate, parked.c.key == row.key)


def _record(
    session: Session,
    book: Book,
    actor: Actor,
    act: str,
    subscriber: str,
    sequence: int | None,
    reason: str | None = None,
) -> None:
    row = {"subscriber": subscriber, "act": act, "sequence": sequence, "reason": reason}
    session.execute(insert(book.tables["delivery_act"]).values(**row, by=actor.name, at=book.clock.now()))
