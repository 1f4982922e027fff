"""`dutybook serve` and `dutybook demo`: the server, and the server with the demo company."""

import gc
import webbrowser
from pathlib import Path
from threading import Timer
from typing import Annotated, Any

import orjson
import typer
import uvicorn

from dutybook.access.actor import OPERATOR, ROLES
from dutybook.app import application
from dutybook.cli.context import Context, failures_told, say
from dutybook.cli.enabling import Degraded, ready, settle_all
from dutybook.cli.logs import announce, log_to_stderr
from dutybook.cli.worker import working
from dutybook.db import migrate
from dutybook.db.head import head
from dutybook.demo.load import load, refuse_another_book
from dutybook.services.accounts import create_token, create_user, list_users
from dutybook.settings import Settings, load_settings

DEMO_FOLDER = Path(".dutybook")
FIRST_QUERY = """\
{
  then: registry(asOf: "2025-03-15") { ...post }
  now:  registry { ...post }
}
fragment post on Registry {
  position(code: "YX-01") { title department { name } dutyCount }
}"""

UVICORN: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    "ws_per_message_deflate": False,  # events are small, and each compressed socket would keep its own windows
    "access_log": False,  # it would print the documents of GET requests
    "log_config": None,  # its lines go where all others go
    "log_level": "warning",
    "timeout_graceful_shutdown": 3,  # else one client that never finishes its request keeps the server from ending
}

Host = Annotated[str | None, typer.Option(help="监听地址 / The address to listen on")]
Port = Annotated[int | None, typer.Option(help="端口 / The port")]


def serve(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数 / Processes")] = 1,
    degraded: Degraded = False,
) -> None:
    """启动服务 / Serve the book."""
    at: Context = context.obj
    with failures_told():
        at = ready(at.degraded() if degraded else at)
        to, door = host or at.settings.host, at.settings.port if port is None else port
        address = f"http://{to}:{door}/graphql"
        announce(address, address, "serving", address=address, workers=workers)
        most = at.settings.max_body_bytes
        uvicorn.run(
            "dutybook.cli.server:served",
            factory=True,
            workers=workers,
            host=to,
            port=door,
            ws_max_size=most,
            **UVICORN,
        )


def served() -> object:
    """The application as each server process makes it."""
    log_to_stderr()
    at = ready(Context(), told=True)
    made = application(at.settings, at.book)
    _collect_briefly()
    return made


def _collect_briefly() -> None:
    """What statements leave behind goes in small lots, of a millisecond each; nobody waits for a look through schema and modules."""
    gc.set_threshold(5_000, 10, 10)
    gc.collect()
    gc.freeze()


def demo(
    port: Port = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="不打开浏览器 / Open no browser")] = False,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="数据库，缺省为设置中的，其次 .dutybook/demo.db / The database; else that of the settings, else .dutybook/demo.db"
        ),
    ] = None,
    degraded: Degraded = False,
) -> None:
    """载入演示公司并启动服务 / Load the demo company and serve it."""
    with failures_told():
        at = Context(lambda: _settings(database_url, port))
        at = at.degraded() if degraded else at
        refuse_another_book(at.database)
        shown = at.database.url.render_as_string(hide_password=True)
        say(f"演示数据库：{shown}", f"The demo's database: {shown}")
        migrate.upgrade(at.database, at.plugins)
        tokens = _filled(at)
        settle_all(at, demo=True)
        at = ready(at)
        working(at.book)
        door = at.settings.port
        _tell(f"http://127.0.0.1:{door}", tokens)
        if not no_browser:
            Timer(1, webbrowser.open, [f"http://127.0.0.1:{door}/graphiql"]).start()
        most = at.settings.max_body_bytes
        uvicorn.run(application(at.settings, at.book), host="127.0.0.1", port=door, ws_max_size=most, **UVICORN)


def _settings(database_url: str | None, port: int | None) -> Settings:
    """Those of this process, with a database of the demo's own where nobody names one."""
    given = {"database_url": database_url, "port": port, "anonymous_role": "reader"}
    said = {name: value for name, value in given.items() if value is not None}
    settings = load_settings(**said)
    if "database_url" in settings.model_fields_set:
        return settings
    DEMO_FOLDER.mkdir(exist_ok=True)
    return load_settings(**said, database_url=f"sqlite:///{DEMO_FOLDER / 'demo.db'}")


def _filled(at: Context) -> dict[str, str]:
    """Loads the company into an empty book and gives each role a token of today."""
    with at.database.read() as session:
        empty = head(session, at.database.tables).revision == 0
    if empty:
        load(at.database, lambda done, total: say(f"载入 {done}/{total}", f"Loading {done}/{total}"))
    with at.database.write() as session:
        known = {user.name for user in list_users(session, at.book, OPERATOR)}
        for role in ROLES.keys() - known:
            create_user(session, at.book, OPERATOR, role, [role])
        return {role: create_token(session, at.book, OPERATOR, role, name="demo") for role in ROLES}


def _tell(address: str, tokens: dict[str, str]) -> None:
    typer.echo(f"\n岗册 dutybook  {address}/graphiql    GraphQL  {address}/graphql\n")
    for role, token in tokens.items():
        typer.echo(f"  {role:14} Authorization: Bearer {token}")
    typer.echo(f"\n第一个查询 / A first query:\n\n{FIRST_QUERY}\n")
    body = orjson.dumps({"query": " ".join(FIRST_QUERY.split())}).decode()
    typer.echo(f"curl {address}/graphql -H 'content-type: application/json' -d '{body}'\n")
