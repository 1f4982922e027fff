"""The databases that tests of storage run on are what they promise."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
from sqlalchemy import Connection, create_engine, make_url, text

from dutybook.testing.databases import GIVEN
from tests.backends import Backend

HOUSE = Path(__file__).parents[2]


def connect(url: str) -> Connection:
    address = make_url(url)
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
    return create_engine(address.set(drivername=drivers[address.drivername])).connect()


def run(url: str, statement: str) -> object:
    with connect(url) as connection, connection.begin():
        result = connection.execute(text(statement))
        value = result.scalar() if result.returns_rows else None
    connection.engine.dispose()
    return value


def build(url: str) -> None:
    run(url, "CREATE TABLE duty (text VARCHAR)")
    run(url, "INSERT INTO duty VALUES ('once')")


def test_each_database_is_empty_and_writable(database_url: str) -> None:
    build(database_url)
    assert run(database_url, "SELECT count(*) FROM duty") == 1


def test_copies_of_a_filled_database_do_not_see_one_another(backend: Backend) -> None:
    with backend.database(build) as one, backend.database(build) as other:
        run(one, "INSERT INTO duty VALUES ('twice')")
        assert (run(one, "SELECT count(*) FROM duty"), run(other, "SELECT count(*) FROM duty")) == (2, 1)


def test_a_filled_database_is_built_once(backend: Backend) -> None:
    builds: list[str] = []

    def count(url: str) -> None:
        builds.append(url)
        build(url)

    for _ in range(3):
        with backend.database(count) as url:
            assert run(url, "SELECT count(*) FROM duty") == 1
    assert len(builds) == 1


def test_postgres_speaks_utf8_whatever_the_shell_says(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        row = connection.execute("SELECT lower('ÄЖ'), current_setting('server_encoding')").fetchone()
    assert row == ("äж", "UTF8")


def test_a_server_ends_when_the_tests_that_hold_it_are_killed(postgres_server: str) -> None:
    hold = "from tests.postgres import postgres\nwith postgres(fast=True) as url: print(url, flush=True); input()"
    own = {name: value for name, value in os.environ.items() if name != GIVEN}
    with subprocess.Popen([sys.executable, "-c", hold], cwd=HOUSE, env=own, stdin=-1, stdout=-1, text=True) as tests:
        assert tests.stdout
        url = tests.stdout.readline().strip()
        assert run(url, "SELECT 1") == 1
        tests.kill()
    deadline = time.monotonic() + 20
    while serves(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not serves(url)


def serves(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
