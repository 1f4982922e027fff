"""`dutybook query`, `verify-book`, `doctor`: asking the book, and asking whether it is well."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from dutybook.access.actor import OPERATOR, Actor
from dutybook.access.identity import actor_named
from dutybook.app import engine
from dutybook.cli.context import REFUSED, Context, failures_told, language, say
from dutybook.db import migrate
from dutybook.errors import BadInput, DutybookError
from dutybook.http.engine import refused
from dutybook.http.params import Params
from dutybook.http.ports import Call
from dutybook.services.files import MISSING, damaged
from dutybook.services.replay import verify


def query(
    context: typer.Context,
    document: Annotated[str, typer.Argument(help="文件、- 或查询本身 / A file, - or the document itself")],
    variables: Annotated[str, typer.Option(help="JSON 对象 / A JSON object")] = "{}",
    as_user: Annotated[str | None, typer.Option("--as", help="以此用户的权限 / With this user's rights")] = None,
) -> None:
    """执行一个 GraphQL 文档 / Run one GraphQL document and print the answer as JSON."""
    at: Context = context.obj
    with failures_told():
        params = Params(_text(document), _object(variables), None)
        payload = asyncio.run(answer(at, params, actor_of(at, as_user)))
        typer.echo(orjson.dumps(payload, option=orjson.OPT_INDENT_2))
        if payload.get("errors"):
            raise typer.Exit(2 if "data" not in payload else REFUSED)


async def answer(at: Context, params: Params, actor: Actor) -> dict[str, Any]:
    """The answer to one operation, and the end of all connections."""
    graphql = engine(at.settings, at.book)
    try:
        operation = await graphql.read(params, actor)
        return (await graphql.execute(operation, params, Call(actor, "command line", language()))).payload
    except DutybookError as error:
        return refused(error, language()).payload
    finally:
        await at.database.close()


def actor_of(at: Context, name: str | None) -> Actor:
    """The user of a name; whoever sits there where none is given."""
    if name is None:
        return OPERATOR
    with at.database.read() as session:
        return actor_named(session, at.database.tables, name)


def _text(document: str) -> str:
    if document == "-":
        return sys.stdin.read()
    if document.lstrip().startswith(("{", "query", "mutation", "subscription", "fragment", "#")):
        return document
    try:
        return Path(document).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        zh = f"无法读取查询文件「{document}」：{reason}。"
        raise BadInput(zh, f"The document '{document}' cannot be read: {reason}.") from reason


def _object(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as reason:
        raise BadInput(
            f"--variables 不是有效的 JSON：{reason}。", f"--variables is not valid JSON: {reason}."
        ) from reason
    if not isinstance(found, dict):
        raise BadInput(
            f"--variables 应为 JSON 对象，收到「{text}」。", f"--variables must be a JSON object, not '{text}'."
        )
    return found


def verify_book(context: typer.Context) -> None:
    """校验哈希链和扫描件 / Check the chain of hashes, and the scans that documents name."""
    at: Context = context.obj
    with failures_told():
        with at.database.read() as session:
            verdicts = list(verify(session, at.book))
            scans = list(damaged(session, at.book))
        broken = [number for number, sound in verdicts if not sound]
        told = {"revisions": len(verdicts), "broken": broken, "scans": [scan._asdict() for scan in scans]}
        typer.echo(orjson.dumps(told))
        for scan in scans:
            zh = f"文件 {scan.document} 的扫描件「{scan.name}」（{scan.digest}）{'缺失' if scan.wrong == MISSING else '内容已变'}。"
            say(zh, f"The scan '{scan.name}' of document {scan.document} ({scan.digest}) is {scan.wrong.lower()}.")
        if broken:
            say(f"第 {broken[0]} 版次与其哈希不符。", f"Revision {broken[0]} does not match its hash.")
        if broken or scans:
            raise typer.Exit(REFUSED)


def doctor(context: typer.Context) -> None:
    """检查安装 / Look whether everything is in place."""
    at: Context = context.obj.leniently()
    with failures_told():
        found = {
            "database": at.database.url.render_as_string(hide_password=True),
            "migration": migrate.current(at.database),
            "newest": migrate.newest(at.database),
            "plugins": [plugin.name for plugin in at.plugins],
            "timezone": str(at.settings.timezone),
            "today": at.clock.today().isoformat(),
        }
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        if found["migration"] != found["newest"]:
            say("请运行 dutybook db upgrade。", "Run dutybook db upgrade.")
            raise typer.Exit(REFUSED)
        at.refuse_broken()
