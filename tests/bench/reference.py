"""The same answers from SQL and Python written by hand for them: a program of uvicorn, starlette, asyncpg or sqlite3."""

import base64
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from threading import local
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]
import orjson
import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Rows = Sequence[Any]
Time = tuple[date, int]

IN_FORCE = (
    "{0}.valid_from <= $1 and {0}.valid_to > $1 and {0}.since_revision <= $2 and {0}.until_revision > $2"  # both axes
)
DEPARTMENT, POSITION, DUTY = (IN_FORCE.format(alias) for alias in ("d", "p", "u"))
HEAD = "select revision from head where id = 1"
DEPARTMENTS = f"""select d.key, i.code, d.name, d.parent from department_version d join department i on i.key = d.key
    where {DEPARTMENT} order by d.rank, d.key"""
POSITIONS = f"""select p.key, i.code, p.title, p.department from position_version p join position i on i.key = p.key
    where {POSITION} order by p.rank, p.key"""
DUTIES = f"""select u.key, u.text, u.position from duty_version u
    where {DUTY} and u.position is not null order by u.rank, u.key"""
DEPARTMENT_BY_CODE = f"""select d.key, i.code, d.name from department i join department_version d on d.key = i.key
    where i.code = $3 and {DEPARTMENT}"""
POSITIONS_OF = f"""select p.key, i.code, p.title, p.grade, p.headcount from position_version p
    join position i on i.key = p.key where p.department = $3 and {POSITION} order by p.rank, p.key"""
DUTIES_OF_DEPARTMENT = f"""select u.key, u.text, u.position from position_version p
    join duty_version u on u.position = p.key where p.department = $3 and {POSITION} and {DUTY} order by u.rank, u.key"""
POSITION_BY_CODE = f"""select p.key, i.code, p.title, p.grade, p.headcount, p.department from position i
    join position_version p on p.key = i.key where i.code = $3 and {POSITION}"""
DUTIES_OF = f"""select u.key, u.text from duty_version u where u.position = $3 and {DUTY} order by u.rank, u.key"""
LINE_UP = f"""with recursive up(key, name, parent, height) as (
    select d.key, d.name, d.parent, 0 from department_version d where d.key = $3 and {DEPARTMENT}
    union all select d.key, d.name, d.parent, up.height + 1 from up join department_version d on d.key = up.parent
    where {DEPARTMENT}) select i.code, up.name from up join department i on i.key = up.key order by up.height desc"""
PAGE = f"""select p.key, i.code, i.organisation, p.title, p.grade, o.code as department_code, d.name as department_name,
    (select count(*) from duty_version u where u.position = p.key and {DUTY}) as duty_count
    from position i join position_version p on p.key = i.key
    join department_version d on d.key = p.department and {DEPARTMENT} join department o on o.key = d.key
    where p.title like '%' || $3 || '%' and {POSITION} order by i.organisation, i.code limit 51"""


class Sqlite:
    """A connection for each thread."""

    def __init__(self, file: str) -> None:
        self._file, self._mine = file, local()

    async def open(self) -> None:
        """Threads open their own."""

    async def rows(self, sql: str, *values: object) -> Rows:
        """The rows of one statement."""
        return await to_thread.run_sync(self._rows, sql, values)

    def _rows(self, sql: str, values: tuple[object, ...]) -> Rows:
        if not hasattr(self._mine, "connection"):
            self._mine.connection = sqlite3.connect(self._file)
            self._mine.connection.row_factory = sqlite3.Row
        bound = [value.isoformat() if isinstance(value, date) else value for value in values]
        found: Rows = self._mine.connection.execute(sql.replace("$", "?"), bound).fetchall()
        return found


class Postgres:
    """A pool of as many connections as dutybook has."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Any = None

    async def open(self) -> None:
        """Fills the pool."""
        self._pool = await asyncpg.create_pool(self._url, max_size=10)

    async def rows(self, sql: str, *values: object) -> Rows:
        """The rows of one statement."""
        found: Rows = await self._pool.fetch(sql, *values)
        return found


Database = Sqlite | Postgres
Answer = Callable[[Database, Time, Mapping[str, Any]], Awaitable[dict[str, Any]]]


def database(url: str) -> Database:
    """The database of an address."""
    return Sqlite(urlsplit(url).path) if url.startswith("sqlite") else Postgres(url)


def token(kind: str, key: int) -> str:
    """The key as clients see it."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode()


def duties(rows: Rows) -> list[dict[str, Any]]:
    """A list of duties, numbered."""
    return [
        {"key": token("Duty", row["key"]), "ordinal": place, "text": row["text"]} for place, row in enumerate(rows, 1)
    ]


def grouped(rows: Rows, name: str) -> dict[int, list[Any]]:
    """Rows by what they refer to."""
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


async def w1(db: Database, time: Time, _: Mapping[str, Any]) -> dict[str, Any]:
    """All departments with positions and duties."""
    below = grouped(await db.rows(DEPARTMENTS, *time), "parent")
    within = grouped(await db.rows(POSITIONS, *time), "department")
    lists = grouped(await db.rows(DUTIES, *time), "position")

    def position(row: Any, place: int) -> dict[str, Any]:
        own = {"key": token("Position", row["key"]), "code": row["code"], "title": row["title"], "ordinal": place}
        return {**own, "duties": duties(lists.get(row["key"], ()))}

    def branch(parent: Any) -> list[dict[str, Any]]:
        told = []
        for row in below.get(parent, ()):
            held = [position(each, place) for place, each in enumerate(within.get(row["key"], ()), 1)]
            told += [{"code": row["code"], "name": row["name"], "positions": held}, *branch(row["key"])]
        return told

    return {"departments": branch(None)}


def described(row: Any, listed: Rows) -> dict[str, Any]:
    """A position with its duties."""
    own = {name: row[name] for name in ("code", "title", "grade", "headcount")}
    return {"key": token("Position", row["key"]), **own, "duties": duties(listed)}


async def w2(db: Database, time: Time, said: Mapping[str, Any]) -> dict[str, Any]:
    """One department with positions and duties."""
    [department] = await db.rows(DEPARTMENT_BY_CODE, *time, said["code"])
    positions = await db.rows(POSITIONS_OF, *time, department["key"])
    lists = grouped(await db.rows(DUTIES_OF_DEPARTMENT, *time, department["key"]), "position")
    told = [described(row, lists.get(row["key"], ())) for row in positions]
    return {"department": {"code": department["code"], "name": department["name"], "positions": told}}


async def w3(db: Database, time: Time, said: Mapping[str, Any]) -> dict[str, Any]:
    """One position with duties, department and all departments above it."""
    [row] = await db.rows(POSITION_BY_CODE, *time, said["code"])
    told = described(row, await db.rows(DUTIES_OF, *time, row["key"]))
    *above, own = (dict(each) for each in await db.rows(LINE_UP, *time, row["department"]))
    return {"position": {**told, "department": {**own, "ancestors": above}}}


async def w4(db: Database, time: Time, said: Mapping[str, Any]) -> dict[str, Any]:
    """A page of positions whose title holds a word."""
    rows = await db.rows(PAGE, *time, said["word"])
    edges = [{"node": listed(row)} for row in rows[:50]]
    last = rows[:50][-1]
    cursor = base64.urlsafe_b64encode(orjson.dumps([last["organisation"], last["code"]])).decode()
    return {"positions": {"edges": edges, "pageInfo": {"hasNextPage": len(rows) > 50, "endCursor": cursor}}}


def listed(row: Any) -> dict[str, Any]:
    """A position as it stands in a page."""
    own = {name: row[name] for name in ("code", "title", "grade")}
    department = {"code": row["department_code"], "name": row["department_name"]}
    return {"key": token("Position", row["key"]), **own, "department": department, "dutyCount": row["duty_count"]}


ANSWERS: Mapping[str, Answer] = {"W1": w1, "W2": w2, "W3": w3, "W4": w4}


def application(db: Database) -> Starlette:
    """Answers the documents by their names."""

    async def answer(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        said = asked["variables"]
        head = (await db.rows(HEAD))[0]["revision"]
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        as_of = date.fromisoformat(said["asOf"]) if said.get("asOf") else today
        known_at = said["knownAt"] if said.get("knownAt") is not None else head
        told = await ANSWERS[asked["operationName"]](db, (as_of, known_at), said)
        registry = {"asOf": as_of.isoformat(), "revision": known_at, **told}
        return Response(orjson.dumps({"data": {"registry": registry}}), media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        await db.open()
        yield

    routes = [Route("/graphql", answer, methods=["POST"]), Route("/livez", lambda _: Response("alive"))]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    _, url, port = sys.argv
    uvicorn.run(
        application(database(url)), port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="error"
    )
