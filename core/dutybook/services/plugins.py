"""Which plugins this database knows: enabled, disabled, forgotten. Each step is an event of the log."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

import orjson
from pydantic import BaseModel, Secret, SecretBytes, SecretStr
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.kinds import Value
from dutybook.db.head import head
from dutybook.db.owners import drop_tables_of, tables_by_owner
from dutybook.errors import Message, NotFound, Refused
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.book import Book
from dutybook.services.events import note
from dutybook.services.kind_history import restore

PATIENCE = 60.0
"""Seconds that a hook may take while an administrator waits for it."""

PASSWORD = re.compile(r"(://[^\s/@:]*:)[^\s/@]*@")
"""What an address of a database or a server may hold."""

ENABLED, DISABLED, FORGOTTEN = "plugin.enabled", "plugin.disabled", "plugin.forgotten"
SETTINGS_CHANGED = "plugin.settings_changed"


@dataclass(frozen=True, slots=True)
class Known:
    """A plugin as the database knows it; `settings` are JSON without secrets."""

    name: str
    version: str
    enabled: bool
    settings: str
    changed_at: datetime


def known_plugins(session: Session, book: Book) -> Mapping[str, Known]:
    """The plugins that this database knows, by name."""
    table = book.tables["plugin"]
    rows = session.execute(select(*(table.c[name] for name in Known.__dataclass_fields__)).order_by(table.c.name))
    return {row.name: Known(*row) for row in rows}


def settle(session: Session, book: Book, plugin: Loaded, *, demo: bool = False) -> str | None:
    """Records an enabled plugin, its version and its settings; gives the event if there was anything to record.

    Tables of its kinds that were dropped are made again from the book. In a `demo`, one that this database did not know
    fills its tables.
    """
    head(session, book.tables, lock=True)  # two who upgrade at once take turns
    before, settings = known_plugins(session, book).get(plugin.name), shown_settings(plugin.settings)
    for kind in plugin.kinds:
        restore(session, book, kind)
    if before is None or not before.enabled:
        _record(session, book, plugin, settings)
        _note(session, book, ENABLED, plugin.name, plugin.meta.version)
        _ask(session, book, book.plugins, plugin, "on_enable")
        if demo and before is None:
            _ask(session, book, book.plugins, plugin, "contribute_demo")
        return ENABLED
    told = None
    if before.version != plugin.meta.version:
        told = ENABLED
        _note(session, book, told, plugin.name, plugin.meta.version)
    if changed := _differing(before.settings, settings):
        told = SETTINGS_CHANGED
        _note(session, book, told, plugin.name, plugin.meta.version, settings=changed)
    if told:
        _record(session, book, plugin, settings)
    return told


def disable(session: Session, book: Book, name: str, installed: Plugins) -> Message | None:
    """Records that a plugin is enabled no more; its data stays. Tells how its own hook failed, which keeps nobody from it."""
    head(session, book.tables, lock=True)
    trouble, table = None, book.tables["plugin"]
    if name in installed:
        try:
            with session.begin_nested():
                _ask(session, book, installed, installed[name], "on_disable")
        except PluginFailure as failure:
            if failure.fatal:
                raise
            trouble = failure.message
    session.execute(update(table).where(table.c.name == name).values(enabled=False, changed_at=book.clock.now()))
    _note(session, book, DISABLED, name, known_plugins(session, book)[name].version)
    return trouble


def forget(session: Session, book: Book, name: str, installed: Plugins, *, keep_data: bool = False) -> Sequence[str]:
    """Drops what a disabled plugin has in this database, and tells the tables; the book's history remains.

    With `keep_data` its tables stay, and how far events were delivered to it, so that it may go on where it stood.
    """
    head(session, book.tables, lock=True)
    row = known_plugins(session, book).get(name)
    _refuse_unforgettable(session, book, name, row)
    if name in installed:
        _tell_uninstalled(session, book, installed, name, keep_data)
    owned = {"plugin": "name", "plugin_job": "plugin"}
    if not keep_data:
        owned |= {"lane": "subscriber", "parked": "subscriber", "delivery_act": "subscriber"}
        _erase_personal(session, book, name)
    for table, column in owned.items():
        session.execute(delete(book.tables[table]).where(book.tables[table].c[column] == name))
    _note(session, book, FORGOTTEN, name, row.version if row else "", keptData=keep_data)
    return [] if keep_data else _drop(session, name)


def _tell_uninstalled(session: Session, book: Book, installed: Plugins, name: str, keep_data: bool) -> None:
    try:
        _ask(session, book, installed, installed[name], "on_uninstall", keep_data=keep_data)
    except PluginFailure as failure:
        zh = f"插件 {name} 的 on_uninstall 出错：{failure.short[0]}。什么也没有删除；请修正它，或先卸载其软件包再清除。"
        en = f"Plugin {name} failed in on_uninstall: {failure.short[1]}. Nothing was dropped; "
        raise Refused(zh, f"{en}mend it, or remove its package and forget it then.", path=[name]) from failure


def _drop(session: Session, name: str) -> Sequence[str]:
    try:
        return drop_tables_of(session.connection(), name)
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        zh = f"插件 {name} 的表无法删除：{reason}。什么也没有删除；请先清除引用它们的插件。"
        en = f"The tables of plugin {name} cannot be dropped: {reason}. Nothing was; forget the plugin that refers to them first."
        raise Refused(zh, en, path=[name]) from error


def shown_settings(settings: BaseModel) -> str:
    """The settings as JSON, in which whatever is secret says only that it is there."""
    return orjson.dumps(_shown(settings), option=orjson.OPT_SORT_KEYS).decode()


def _shown(value: Any) -> Value:
    """Looks at the values themselves: a model may have a serialiser that gives secrets away."""
    match value:
        case Secret() | SecretStr() | SecretBytes():
            return "***"
        case BaseModel():
            told = type(value).model_fields
            return {name: _shown(part) if told[name].repr else "***" for name, part in value if name in told}
        case Mapping():
            return {str(name): _shown(part) for name, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_shown(part) for part in value]
        case None | bool() | int():
            return value
        case _:
            return PASSWORD.sub(r"\1***@", str(value))


def _differing(before: str, after: str) -> list[Value]:
    """The names of the settings that differ."""
    old, new = orjson.loads(before), orjson.loads(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _record(session: Session, book: Book, plugin: Loaded, settings: str) -> None:
    table = book.tables["plugin"]
    session.execute(delete(table).where(table.c.name == plugin.name))
    row = {"name": plugin.name, "version": plugin.meta.version, "settings": settings}
    session.execute(insert(table).values(**row, enabled=True, changed_at=book.clock.now()))


def _note(session: Session, book: Book, event: str, name: str, version: str, **more: Value) -> None:
    """The key is made from the name, so that it is the same in every database and after a plugin was forgotten."""
    note(session, book, event, crc32(name.encode()), OPERATOR.name, {"name": name, "version": version, **more})


def _ask(session: Session, book: Book, plugins: Plugins, plugin: Loaded, hook: str, **given: object) -> None:
    if hook in plugin.hooks:
        book.hooks(session)
        plugins.ask(plugin, hook, session=session, writes=plugin.tables, seconds=PATIENCE, **given)


def _refuse_unforgettable(session: Session, book: Book, name: str, row: Known | None) -> None:
    if row is None and name not in tables_by_owner(session.connection()):
        zh = f"本数据库没有插件「{name}」的任何数据；dutybook plugin list 列出全部。"
        raise NotFound(zh, f"This database has nothing of a plugin '{name}'; dutybook plugin list shows them all.")
    if name in book.plugins or name in book.plugins.broken or (row and row.enabled):
        zh = f"插件 {name} 仍处于启用状态；请先从 DUTYBOOK_PLUGINS 去掉它并运行 dutybook db upgrade。"
        en = f"Plugin {name} is still enabled; take it out of DUTYBOOK_PLUGINS and run dutybook db upgrade first."
        raise Refused(zh, en, path=[name])


def _erase_personal(session: Session, book: Book, name: str) -> None:
    """The clear values of its kinds, for whose keeping there is no purpose any more."""
    for table in (book.tables["personal_value"], book.tables["personal_key"]):
        session.execute(delete(table).where(table.c.kind.startswith(f"{name}_", autoescape=True)))
