"""`dutybook plugin trace`, `retry`, `skip` and `rebuild`, and `dutybook worker`."""

import os
import signal
from collections.abc import Callable, Iterator
from threading import Timer, get_ident

import orjson
import pytest
from typer.testing import CliRunner, Result

from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.services.book import Book
from dutybook.services.worker import Worker
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.catalogue_desk import migrated
from tests.flow.tally import Tally, happen, happened, having, poisoned

Run = Callable[..., Result]
P1, P2 = ("position", 1), ("position", 2)


class Told(Context):
    """A command line whose book has the plugin."""

    tally: Tally

    @property
    def book(self) -> Book:
        return having(super().book, self.tally)


@pytest.fixture
def at(backend: Backend) -> Iterator[Told]:
    """Two aggregates have waited, and one is parked."""
    with backend.database(migrated) as url:
        at = Told(lambda: Settings(database_url=url))
        at.tally = Tally(react=poisoned(P1))
        happen(at.book, P1, P2, P1)
        Worker(at.book).drain()
        yield at
        at.database.dispose()


@pytest.fixture
def run(at: Told, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    return lambda *words: CliRunner().invoke(app, words, obj=at)


def test_trace_shows_lanes_and_what_is_parked_and_why(run: Run) -> None:
    shown = orjson.loads(run("plugin", "trace", "tally", "--json").stdout)
    assert (shown["head"], shown["waiting"], len(shown["lanes"])) == (3, 0, 4)
    [parked] = shown["parked"]
    assert (parked["aggregate"], parked["key"], parked["sequence"], parked["attempts"]) == (*P1, 1, 1)
    told = run("plugin", "trace", "tally").stdout
    assert "parked\taggregate=position\tkey=1\tsequence=1" in told
    assert "on_events: it raised Poison" in told


def test_retry_lets_a_worker_try_again(run: Run, at: Told) -> None:
    at.tally.react = poisoned()
    done = run("plugin", "retry", "tally", "position", "1")
    assert (done.exit_code, done.stderr) == (0, "A worker will retry 1 of them.\n")
    Worker(at.book).drain()
    assert at.tally.told(at.book) == happened(at.book)


def test_retry_of_everything_counts_it(run: Run) -> None:
    assert orjson.loads(run("plugin", "retry", "tally", "--all", "--json").stdout) == {"retried": 1}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["retry", "tally"], 2, "Name the kind and the key"),
        (["retry", "tally", "position", "1", "--all"], 2, "Name the kind and the key"),
        (["retry", "tally", "position", "2"], 1, "position 2 is not parked for tally; dutybook plugin trace tally"),
        (["skip", "tally", "position", "1", "--reason", " "], 2, "reason"),
        (["skip", "tally", "position", "1"], 2, "--reason"),
        (["rebuild", "telly"], 1, "There is no plugin 'telly' that takes events; enabled are: tally."),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_way_out(run: Run, words: list[str], code: int, said: str) -> None:
    refused = run("plugin", *words)
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert said in refused.stderr


def test_skip_passes_one_event(run: Run, at: Told) -> None:
    done = run("plugin", "skip", "tally", "position", "1", "--reason", "测试数据", "--json")
    assert orjson.loads(done.stdout) == {"skipped": 1}
    at.tally.react = poisoned()
    Worker(at.book).drain()
    assert at.tally.told(at.book) == {P1: [3], P2: [2]}


def test_rebuild_replays_history_and_tells_how_far_it_is(run: Run, at: Told) -> None:
    at.tally.react = poisoned()
    done = run("plugin", "rebuild", "tally", "--json")
    assert "Replayed 0%" in done.stderr
    result = orjson.loads(done.stdout)
    assert (result["events"], result["parked"]) == (3, 0)
    assert at.tally.told(at.book) == happened(at.book)


def to_the_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def to_a_thread() -> None:
    """The system may choose any thread to receive a signal, which does not wake the main one."""
    signal.pthread_kill(get_ident(), signal.SIGTERM)


@pytest.mark.parametrize("terminate", [to_the_process, to_a_thread])
def test_the_worker_delivers_until_it_is_told_to_end(run: Run, at: Told, terminate: Callable[[], None]) -> None:
    at.tally.react = poisoned()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    happen(at.book, P2)
    Timer(1.5, terminate).start()
    try:
        assert run("worker").exit_code == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert at.tally.told(at.book)[P2] == [2, 4]
