"""`dutybook db`: the tables of the book."""

from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from dutybook.cli.context import Context, failures_told, say
from dutybook.cli.enabling import settle_all
from dutybook.db import migrate
from dutybook.db.owners import CORE_OWNER, orphans
from dutybook.errors import Refused
from dutybook.lifecycle.plugins import Loaded

database = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


@database.command("upgrade")
def upgrade(context: typer.Context, json: Json = False) -> None:
    """升级核心与各插件的表结构 / Bring the tables of the core and of each plugin up to date."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        migrate.upgrade(at.database, at.plugins)
        settle_all(at)
        at.refuse_broken()
        say("数据库已是最新。", "The database is up to date.")


@database.command("current")
def current(context: typer.Context, json: Json = False) -> None:
    """显示核心与各插件的当前版本 / Print where the core and each plugin stand."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        stands = {name: migrate.current(at.database, plugin) for name, plugin in _owners(at)}
        rows = [{"owner": name, "revision": revision} for name, revision in stands.items()]
        typer.echo(orjson.dumps(rows) if json else "\n".join(f"{name}\t{at or '-'}" for name, at in stands.items()))


@database.command("check")
def check(context: typer.Context, json: Json = False) -> None:
    """核对核心与各插件的表结构 / Compare the tables of the core and of each plugin with the code."""
    at: Context = context.obj.leniently()
    with failures_told(as_json=json):
        found = {name: [str(it) for it in migrate.differences(at.database, plugin)] for name, plugin in _owners(at)}
        with at.database.read() as session:
            kept = orphans(session.connection(), [name for name, _ in _owners(at)])
        if json:
            typer.echo(orjson.dumps({"differences": found, "orphans": kept}))
        for name, tables in kept.items():
            all_of = ", ".join(tables)
            say(
                f"未启用的插件 {name} 的数据仍在：{all_of}。",
                f"The data of {name}, which is not enabled, is kept: {all_of}.",
            )
        if wrong := [f"{name}: {line}" for name, lines in found.items() for line in lines]:
            lines = "\n".join(wrong)
            behind = any(migrate.current(at.database, it) != migrate.newest(at.database, it) for _, it in _owners(at))
            zh, en = ("\n请运行 dutybook db upgrade。", "\nRun dutybook db upgrade.") if behind else ("", "")
            raise Refused(f"表结构与程序不一致：\n{lines}{zh}", f"The tables differ from the code:\n{lines}{en}")
        at.refuse_broken()
        say("表结构与程序一致。", "The tables are as the code wants them.")


def _owners(at: Context) -> Sequence[tuple[str, Loaded | None]]:
    return [(CORE_OWNER, None), *((plugin.name, plugin) for plugin in at.plugins)]
