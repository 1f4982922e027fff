"""What is wrong with plugins: those that cannot be loaded, those this database is not ready for, those that ail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from dutybook.db import migrate
from dutybook.db.owners import orphans
from dutybook.errors import DutybookError, Message
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.plugins import Loaded
from dutybook.lifecycle.views import Health
from dutybook.services.book import Book
from dutybook.services.plugins import known_plugins

DOWN = {"DOWN", "HOOK"}
"""With these a plugin cannot do its work now; the server is then not ready."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing to know of a plugin; where `wrong` is false nobody need do anything about it."""

    plugin: str
    code: str
    message: Message
    wrong: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """How one plugin is: OK, WARN or DOWN, and everything that speaks against OK."""

    state: str
    details: tuple[Message, ...] = ()


def condition(session: Session, book: Book, plugin: Loaded) -> Condition:
    """What the plugin says of itself, and what was seen of it."""
    found = list(_ailments(session, book, plugin))
    state = "DOWN" if any(it.code in DOWN for it in found) else "WARN" if found else "OK"
    return Condition(state, tuple(it.message for it in found))


def _ailments(session: Session, book: Book, plugin: Loaded) -> Iterator[Trouble]:
    """What a loaded plugin suffers from, in a database that is ready for it."""
    yield from _of_health(session, book, plugin)
    for hook, how in book.plugins.measures.recent_failures(plugin.name).items():
        said = Message(f"{hook} 最近一次调用失败（{how}）", f"the latest call of {hook} failed ({how})")
        yield Trouble(plugin.name, "HOOK", said)
    waiting = (*_undelivered(session, book), *_failed_jobs(session, book))
    yield from (it for it in waiting if it.plugin == plugin.name)


def unready(session: Session, book: Book) -> Mapping[str, Message]:
    """The enabled plugins that this database is not ready for, and what to do."""
    known = known_plugins(session, book) if book.plugins.loaded else {}
    told = {}
    for plugin in book.plugins:
        row = known.get(plugin.name)
        if reason := _behind(book, plugin):
            told[plugin.name] = reason
        elif row is None or not row.enabled:
            told[plugin.name] = Message(
                "尚未在本数据库启用；请运行 dutybook db upgrade",
                "it was not enabled in this database yet; run dutybook db upgrade",
            )
    return told


def _behind(book: Book, plugin: Loaded) -> Message | None:
    stands, newest = migrate.current(book.database, plugin), migrate.newest(book.database, plugin)
    if stands == newest:
        return None
    return Message(
        f"表处于迁移 {stands or '-'}，所安装的版本为 {newest or '-'}；请运行 dutybook db upgrade",
        f"its tables stand at {stands or '-'}, and {newest or '-'} is installed; run dutybook db upgrade",
    )


def troubles(session: Session, book: Book, named: Sequence[str]) -> Iterator[Trouble]:
    """Everything there is to tell of the plugins that the settings name, and of those that they name no more."""
    late = unready(session, book)
    yield from (Trouble(name, "NOT_READY", reason) for name, reason in late.items())
    for plugin in book.plugins:
        if plugin.name not in late:
            yield from _of_tables(book, plugin)
            yield from _of_health(session, book, plugin)
    yield from _still_enabled(session, book, named)
    yield from _undelivered(session, book)
    yield from _failed_jobs(session, book)
    for name, tables in orphans(session.connection(), named).items():
        all_of = ", ".join(tables)
        said = Message(f"未启用，其数据仍在：{all_of}", f"it is not enabled, and its data is kept: {all_of}")
        yield Trouble(name, "ORPHAN", said, wrong=False)


def unusable(book: Book) -> Iterator[Trouble]:
    """The plugins that could not be loaded."""
    return (Trouble(name, "UNUSABLE", reason) for name, reason in book.plugins.broken.items())


def _of_tables(book: Book, plugin: Loaded) -> Iterator[Trouble]:
    try:
        found = migrate.differences(book.database, plugin)
    except DutybookError as error:
        yield Trouble(plugin.name, "TABLES", error.message)
        return
    for it in found:
        yield Trouble(plugin.name, "TABLES", Message(f"表与程序不一致：{it}", f"its tables differ from its code: {it}"))


def _of_health(session: Session, book: Book, plugin: Loaded) -> Iterator[Trouble]:
    try:
        health = book.hooks(session).health(plugin, session)
    except PluginFailure as failure:
        health = Health("DOWN", Message(*failure.short))
    if health.state != "OK":
        detail = health.detail or Message("未说明原因", "it does not say why")
        yield Trouble(plugin.name, health.state, detail, wrong=health.state == "DOWN")


def _still_enabled(session: Session, book: Book, named: Sequence[str]) -> Iterator[Trouble]:
    for name, row in known_plugins(session, book).items():
        if row.enabled and name not in named:
            yield Trouble(
                name,
                "STILL_ENABLED",
                Message(
                    "设置中已没有它，但数据库仍记为启用；请运行 dutybook db upgrade",
                    "the settings name it no more, and the database has it as enabled; run dutybook db upgrade",
                ),
            )


def _undelivered(session: Session, book: Book) -> Iterator[Trouble]:
    parked = book.tables["parked"]
    dead = func.sum(cast(parked.c.dead, Integer))
    query: Any = select(parked.c.subscriber, func.count(), dead, func.max(parked.c.error)).group_by(parked.c.subscriber)
    for name, count, given_up, error in session.execute(query).all():
        zh = f"{count} 个对象的事件投递受阻，其中 {given_up} 个已放弃（例如：{error}）；dutybook plugin retry 或 skip"
        en = f"the events of {count} records are held up, {given_up} for good (such as: {error}); dutybook plugin retry or skip"
        yield Trouble(name, "PARKED", Message(zh, en), wrong=given_up > 0)


def _failed_jobs(session: Session, book: Book) -> Iterator[Trouble]:
    job = book.tables["plugin_job"]
    failed = select(job.c.plugin, job.c.name, job.c.attempts, job.c.error).where(job.c.error.is_not(None))
    for plugin, name, attempts, error in session.execute(failed.order_by(job.c.plugin, job.c.name)).all():
        said = f"{name} ({attempts}×): {error}"
        yield Trouble(plugin, "JOB", Message(f"定时任务失败：{said}", f"its job fails: {said}"))
