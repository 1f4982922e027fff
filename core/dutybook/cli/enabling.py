"""Plugins and the database brought together: what `db upgrade` and the demo do, and what a server waits for."""

from typing import Annotated

import typer

from dutybook.cli.context import Context, say
from dutybook.cli.logs import announce
from dutybook.db import migrate
from dutybook.errors import Refused
from dutybook.lifecycle.loading import PluginsRefused
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.plugin_troubles import unready
from dutybook.services.plugins import DISABLED, ENABLED, SETTINGS_CHANGED, disable, known_plugins, settle

Degraded = Annotated[
    bool, typer.Option("--degraded", help="不带不可用的插件启动 / Start without plugins that cannot be used")
]

SENTENCES = {
    ENABLED: ("已启用插件 {name}。", "Enabled the plugin {name}."),
    DISABLED: ("已停用插件 {name}，其数据保留。", "Disabled the plugin {name}; its data is kept."),
    SETTINGS_CHANGED: ("已记录插件 {name} 的新设置。", "Recorded the new settings of the plugin {name}."),
}


def settle_all(at: Context, *, demo: bool = False) -> None:
    """Records which plugins are enabled now, one transaction each: whoever is gone first, whoever others need before them."""
    with at.database.read() as session:
        gone = [it.name for it in known_plugins(session, at.book).values() if it.enabled]
    installed = at.loaded([*at.settings.plugins, *gone], lenient=True)
    for name in _last_first([name for name in gone if name not in at.settings.plugins], installed):
        with at.database.write() as session:
            trouble = disable(session, at.book, name, installed)
        _tell(DISABLED, name)
        if trouble:
            say(trouble.zh, trouble.en)
    for plugin in at.plugins:
        with at.database.write() as session:
            told = settle(session, at.book, plugin, demo=demo)
        if told:
            _tell(told, plugin.name)


def _last_first(names: list[str], installed: Plugins) -> list[str]:
    """Whoever needs others is disabled before them."""
    order = [plugin.name for plugin in installed]
    return sorted(names, key=lambda name: -order.index(name) if name in order else 1)


def _tell(event: str, name: str) -> None:
    zh, en = SENTENCES[event]
    say(zh.format(name=name), en.format(name=name))


def ready(at: Context, *, told: bool = False) -> Context:
    """What a server or a worker begins with: Refused where this database is not ready for it, or for a plugin.

    In degraded mode those plugins are left out; the processes of a server, which has `told` already, do so in silence.
    """
    if not told:
        _refuse_old_tables(at)
    if at.plugins.loaded:
        with at.database.read() as session:
            late = unready(session, at.book)
        if late and not (at.lenient or at.settings.degraded):
            raise PluginsRefused(late)
        if late:
            at.database.dispose()
            at = at.without(late)
    for name, reason in () if told else at.plugins.broken.items():
        zh, en = f"未带插件 {name} 启动：{reason.zh}。", f"Starting without the plugin {name}: {reason.en}."
        announce(zh, en, "starting without a plugin", plugin=name, reason=reason.en)
    return at


def _refuse_old_tables(at: Context) -> None:
    """Newer ones are none of its business: whoever upgrades does so under servers that still run, and may start again."""
    stands, steps = migrate.current(at.database), migrate.owner(at.database).steps()
    if stands is None or stands in steps[:-1]:
        zh = f"数据库的表结构停在 {stands or '-'}，本程序需要 {steps[-1]}；请先运行 dutybook db upgrade。"
        en = f"The tables of the database stand at {stands or '-'}, and this program needs {steps[-1]}; "
        raise Refused(zh, en + "run dutybook db upgrade first.")
