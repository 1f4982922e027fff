"""How plugins are: what each says of itself, and what was seen of its hooks and deliveries."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.errors import Message
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.book import Book


@dataclass(frozen=True, slots=True)
class Condition:
    """How one plugin is: OK, WARN or DOWN, and everything that speaks against OK."""

    state: str
    details: tuple[Message, ...] = ()


def condition(session: Session, book: Book, plugin: Loaded) -> Condition:
    """What the plugin says, what its hooks did lately in this process, and what waits for an operator."""
    said, details = "OK", list(_seen(session, book, plugin))
    try:
        health = book.hooks(session).health(plugin, session)
        said = health.state
        if health.detail:
            details.insert(0, health.detail)
    except PluginFailure as failure:
        details.insert(0, Message(*failure.short))
        said = "DOWN"
    failed = bool(book.plugins.measures.recent_failures(plugin.name))
    state = "DOWN" if failed else said if said != "OK" else "WARN" if details else "OK"
    return Condition(state, tuple(dict.fromkeys(details)))


def _seen(session: Session, book: Book, plugin: Loaded) -> Iterator[Message]:
    for hook, reason in book.plugins.measures.recent_failures(plugin.name).items():
        yield Message(f"{hook} 最近一次调用失败（{reason}）", f"the latest call of {hook} failed ({reason})")
    parked = book.tables["parked"]
    ours = select(func.count()).select_from(parked).where(parked.c.subscriber == plugin.name, parked.c.dead)
    if dead := session.scalar(ours):
        zh = f"{dead} 个对象的事件已停止投递；请看 dutybook plugin trace {plugin.name}"
        yield Message(zh, f"events of {dead} records are delivered no more; see dutybook plugin trace {plugin.name}")
