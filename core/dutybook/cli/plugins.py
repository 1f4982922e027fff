"""`dutybook plugin`: which plugins there are, how they are, and how one is forgotten."""

from dataclasses import asdict, dataclass
from typing import Annotated

import orjson
import typer
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from dutybook.cli import authoring, deliveries
from dutybook.cli.context import REFUSED, Context, failures_told, language, say, told_of_database
from dutybook.db import migrate
from dutybook.db.autogenerate import write_migration
from dutybook.errors import Message
from dutybook.lifecycle.loading import PluginsRefused, kinds_with, versions_installed
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.plugin_troubles import Trouble, condition, troubles, unready, unusable
from dutybook.services.plugins import Known, forget, known_plugins

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="插件名 / The plugin's name")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


@dataclass
class Listed:
    """A plugin as the list shows it; what the database knows is None where it cannot be asked."""

    name: str
    installed: bool
    enabled: bool
    version: str | None = None
    state: str | None = None
    migration: str | None = None
    health: str | None = None
    problem: str | None = None


@app.command("list")
def list_plugins(context: typer.Context, json: Json = False) -> None:
    """列出插件及其状态 / List the plugins and how they are."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        found = _listed(at)
        try:
            with at.database.read() as session:
                _ask_database(session, at, found)
        except (OperationalError, ProgrammingError) as error:
            say(*told_of_database(error).message)
        if json:
            typer.echo(orjson.dumps([asdict(it) for it in found.values()]))
            return
        for it in found.values():
            known = (it.version, "installed" if it.installed else "missing", "enabled" if it.enabled else None)
            typer.echo("\t".join(part or "-" for part in (it.name, *known, it.state, it.health, it.problem)))


def _listed(at: Context) -> dict[str, Listed]:
    """What is installed or enabled, without the database."""
    versions, named = dict.fromkeys(at.found) if at.found is not None else versions_installed(), at.settings.plugins
    found = {
        name: Listed(name, name in versions, name in named, versions.get(name))
        for name in {**versions, **dict.fromkeys(named)}
    }
    for plugin in at.plugins:
        found[plugin.name].version = plugin.meta.version
    for name, reason in at.plugins.broken.items():
        found[name].problem = reason.pick(language())
    return found


def _ask_database(session: Session, at: Context, found: dict[str, Listed]) -> None:
    late = unready(session, at.book)
    for row in known_plugins(session, at.book).values():
        it = found.setdefault(row.name, Listed(row.name, installed=False, enabled=False))
        it.version, it.state = it.version or row.version, _state(row)
    for plugin in at.plugins:
        it = found[plugin.name]
        it.migration = migrate.current(at.database, plugin)
        if plugin.name in late:
            it.problem = late[plugin.name].pick(language())
        else:
            how = condition(session, at.book, plugin)
            it.health = how.state
            it.problem = "; ".join(detail.pick(language()) for detail in how.details) or None


def _state(row: Known) -> str:
    return "ENABLED" if row.enabled else "DISABLED"


@app.command("doctor")
def doctor(context: typer.Context, json: Json = False) -> None:
    """检查各插件 / Look whether the plugins are well."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        found = [*unusable(at.book), *_told_by_database(at)]
        if json:
            rows = [{**asdict(it), "message": it.message.pick(language())} for it in found]
            typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        else:
            for it in found:
                typer.echo(f"{'!' if it.wrong else ' '} {it.plugin}\t{it.code}\t{it.message.pick(language())}")
        if any(it.wrong for it in found):
            raise typer.Exit(REFUSED)
        say("各插件均正常。", "The plugins are well.")


def _told_by_database(at: Context) -> list[Trouble]:
    try:
        with at.database.read() as session:
            return list(troubles(session, at.book, at.settings.plugins))
    except (OperationalError, ProgrammingError) as error:
        return [Trouble("core", "DATABASE", told_of_database(error).message)]


@app.command("forget")
def forget_plugin(
    context: typer.Context,
    name: Name,
    keep_data: Annotated[bool, typer.Option("--keep-data", help="保留其数据表 / Keep its tables")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / Do not ask")] = False,
    json: Json = False,
) -> None:
    """清除已停用插件的全部数据 / Drop all that a disabled plugin has in the database; the book's history remains."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        if not yes:
            _confirm(name, keep_data)
        installed = _with_disabled(at)
        if reason := installed.broken.get(name):
            say(f"未通知插件 {name}：{reason.zh}。", f"The plugin {name} was not told: {reason.en}.")
        with at.database.write() as session:
            dropped = forget(session, at.book, name, installed, keep_data=keep_data)
        if json:
            typer.echo(orjson.dumps({"plugin": name, "dropped": dropped}))
        all_of = ", ".join(dropped) or "-"
        say(f"已清除插件 {name}；删除的表：{all_of}。", f"Forgot the plugin {name}; dropped tables: {all_of}.")


def _confirm(name: str, keep_data: bool) -> None:
    if keep_data:
        asked = Message(f"忘记插件 {name}，保留其数据表？", f"Forget the plugin {name} and keep its tables?")
    else:
        asked = Message(f"删除插件 {name} 的全部数据？不可恢复。", f"Drop all data of {name}? It cannot be had back.")
    typer.confirm(asked.pick(language()), abort=True, err=True)


def _with_disabled(at: Context) -> Plugins:
    """The enabled plugins, and those that the database knows besides."""
    with at.database.read() as session:
        known = known_plugins(session, at.book)
    return at.loaded([*at.settings.plugins, *known], lenient=True)


@app.command("migrate")
def migrate_plugin(
    context: typer.Context,
    name: Name,
    message: Annotated[str, typer.Option("-m", "--message", help="这一步做什么 / What the step does")],
) -> None:
    """为作者生成下一个迁移 / Write the next migration of a plugin, for its author."""
    at: Context = context.obj
    with failures_told():
        plugins = at.loaded([*at.settings.plugins, name], lenient=True)
        if name in plugins.broken:
            raise PluginsRefused({name: plugins.broken[name]})
        written = write_migration(plugins[name], kinds_with(plugins), message)
        if written is None:
            say("表结构没有变化，未生成迁移。", "The tables have not changed; no migration was written.")
            return
        typer.echo(written)


app.command("new")(authoring.new)
app.command("verify")(authoring.verify_plugin)
app.command("trace")(deliveries.trace)
app.command("retry")(deliveries.retry)
app.command("skip")(deliveries.skip)
app.command("rebuild")(deliveries.rebuild)
