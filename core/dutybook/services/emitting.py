"""Events of plugins' own: `dutybook.api.emit`."""

from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy.orm import Session

from dutybook.db.events import append, read
from dutybook.errors import Refused
from dutybook.lifecycle.events import Event, EventType
from dutybook.lifecycle.guard import HookCall, current, lifted
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.book import Book
from dutybook.services.plugin_data import book_of

SILENT = ("check_", "preview_", "derive", "reset_projection", "health")
"""Hooks that only read, or run while the head is being moved: `derive` leaves what follows from it to `on_events`."""


def emit(
    session: Session,
    type: str,  # noqa: A002  the word of the log
    key: int,
    payload: Any,
    effective_on: date | None = None,
    *,
    cause: Event | None = None,
) -> Event:
    """Appends an event of yours, `<plugin>.<noun>.<verb>`, about the aggregate `<plugin>.<noun>` of that key.

    `on_events` names the event that it follows from: of one type and key, each cause has one effect, so that a history
    told again emits nothing twice.
    """
    call = current()
    if call is None:
        zh = f"事件 {type} 只能在插件的钩子或任务中发出。"
        raise Refused(zh, f"The event {type} can only be emitted by a hook or a job of a plugin.", path=[type])
    if call.hook.startswith(SILENT):
        call.forbid("不得发出事件；请在 on_events 中发出。", "must not emit; do so in on_events.")
    book = book_of(session)
    declared = _declared(book.plugins[call.plugin], type, payload)
    origin = _origin(session, call, cause)
    with lifted():
        if origin is not None and (before := _before(session, book, type, key, origin)):
            return before
        event = Event(
            sequence=0,
            type=type,
            aggregate=type.rpartition(".")[0],
            key=key,
            recorded_at=book.clock.now(),
            actor=f"plugin:{call.plugin}",
            effective_on=effective_on,
            version=declared.version,
            cause=origin,
            payload=orjson.loads(orjson.dumps(payload, default=_text)),
        )
        return append(session, book.tables, event)


def _declared(plugin: Loaded, name: str, payload: object) -> EventType:
    """The declaration of an event; Refused tells what was declared instead."""
    known = {it.name: it for it in plugin.events}
    if name not in known or not name.startswith(f"{plugin.name}.") or name.count(".") != 2:
        there = ", ".join(known)
        zh = f"插件 {plugin.name} 没有声明事件 {name}（应形如 {plugin.name}.名词.动词）；declare_events 声明了：{there or '无'}。"
        en = f"Plugin {plugin.name} has declared no event {name}, like {plugin.name}.noun.verb; declare_events names: {there or 'none'}."
        raise Refused(zh, en, path=[plugin.name, name])
    wanted = known[name].payload
    if not is_dataclass(payload) or not isinstance(payload, wanted):
        zh = f"事件 {name} 的内容是 {payload.__class__.__name__}，应为 {wanted.__name__}。"
        raise Refused(
            zh, f"The payload of {name} is a {payload.__class__.__name__}, not a {wanted.__name__}.", path=[name]
        )
    return known[name]


def _origin(session: Session, call: HookCall, cause: Event | None) -> int | None:
    """The sequence of the event that is being handled."""
    if call.hook != "on_events":
        return None if cause is None else cause.sequence
    if cause is None or cause.sequence not in session.info["handled"]:
        zh = "发出事件时须指明所处理的事件：emit(…, cause=event)。"
        raise Refused(zh, "Emitting names the event that is being handled: emit(…, cause=event).", path=["cause"])
    return cause.sequence


def _before(session: Session, book: Book, name: str, key: int, cause: int) -> Event | None:
    """What the same cause has led to before."""
    event = book.tables["event"]
    same = (event.c.aggregate == name.rpartition(".")[0], event.c.key == key, event.c.sequence > cause)
    found = read(session, book.tables, *same, event.c.type == name, event.c.cause == cause, limit=1)
    return found[0] if found else None


def _text(value: object) -> str:
    """Decimals are told as text, as everywhere in the log."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError
