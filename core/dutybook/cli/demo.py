"""`dutybook demo`: the server with the demo company."""

import webbrowser
from pathlib import Path
from threading import Timer
from typing import Annotated

import orjson
import typer
import uvicorn

from dutybook.access.actor import OPERATOR, ROLES
from dutybook.app import application
from dutybook.cli.context import Context, failures_told, say
from dutybook.cli.enabling import Degraded, ready, settle_all
from dutybook.cli.server import UVICORN, Port, refuse_taken
from dutybook.cli.worker import working
from dutybook.db import migrate
from dutybook.db.head import head
from dutybook.demo.load import load, refuse_another_book
from dutybook.services.accounts import create_token, create_user, list_users
from dutybook.settings import Settings, load_settings

DEMO_FOLDER = Path(".dutybook")
HOST = "127.0.0.1"
FIRST_QUERY = """\
{
  then: registry(asOf: "2025-03-15") { ...post }
  now:  registry { ...post }
}
fragment post on Registry {
  position(code: "YX-01") { title department { name } dutyCount }
}"""


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
        door = at.settings.port
        refuse_taken(HOST, door)
        refuse_another_book(at.database)
        shown = at.database.url.render_as_string(hide_password=True)
        say(f"演示数据库：{shown}", f"The demo's database: {shown}")
        migrate.upgrade(at.database, at.plugins)
        tokens = _filled(at)
        settle_all(at, demo=True)
        at = ready(at)
        working(at.book)
        address = f"http://{HOST}:{door}"
        _tell(address, tokens)
        if not no_browser:
            Timer(1, webbrowser.open, [f"{address}/graphiql"]).start()
        most = at.settings.max_body_bytes
        uvicorn.run(application(at.settings, at.book), host=HOST, port=door, ws_max_size=most, **UVICORN)


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
