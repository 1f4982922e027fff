"""A hook that raises, hangs or answers nonsense fails by its name, and neither its caller nor the database hangs with it."""

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from dutybook.errors import BadInput, Message
from dutybook.lifecycle.answers import several
from dutybook.lifecycle.calling import Measures, PluginFailure, call
from dutybook.lifecycle.guard import HookCall
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.views import Impact
from tests.backends import Backend
from tests.core.guarded_table import Act, Toll, filled, tolling
from tests.made_plugins import loaded, made

SHORT = 0.2


@pytest.fixture
def toll(backend: Backend) -> Iterator[Toll]:
    with backend.database(filled) as url, tolling(url) as toll:
        yield toll


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets go at last of whatever hangs."""
    event = threading.Event()
    yield event
    event.set()


def failure(act: Any, seconds: float = 5.0, measures: Measures | None = None) -> PluginFailure:
    """How a hook without a session fails."""
    with pytest.raises(PluginFailure) as failed:
        call(act, HookCall("toll", "describe"), seconds, measures or Measures())
    return failed.value


def raising(error: BaseException) -> Any:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    "error", [ValueError("secret"), SystemExit("secret"), KeyboardInterrupt("secret"), GeneratorExit(), MemoryError()]
)
def test_what_a_hook_raises_is_told_by_its_type_and_never_by_its_message(error: BaseException) -> None:
    with capture_logs() as logged:
        failed = failure(raising(error))
    assert f"it raised {type(error).__name__}" in failed.message.en
    assert "secret" not in f"{failed} {failed.path} {logged}"


def test_the_log_tells_where_a_hook_failed() -> None:
    with capture_logs() as logged:
        failure(raising(ValueError("secret")))
    [line] = logged
    assert (line["plugin"], line["hook"], line["causes"][0]["type"]) == ("toll", "describe", "ValueError")
    assert "test_lifecycle_calling.py" in line["causes"][0]["frames"][-1]


def test_an_error_of_the_house_is_told_as_it_is() -> None:
    assert (
        "Plugin toll failed in describe: Name a day. "
        in failure(raising(BadInput("请指明日期。", "Name a day."))).message.en
    )


def test_a_hook_that_calls_itself_without_end_fails() -> None:
    def deeper() -> Any:
        return deeper()

    assert "it raised RecursionError" in failure(deeper).message.en


def test_a_hook_that_hangs_is_given_up(release: threading.Event) -> None:
    assert "it took more than 0.2 s" in failure(release.wait, SHORT).message.en


def test_a_hook_that_still_hangs_is_not_called_again(release: threading.Event) -> None:
    measures = Measures()
    failure(release.wait, SHORT, measures)
    assert "an earlier call, given up, still runs" in failure(release.wait, SHORT, measures).message.en
    assert sum(thread.name == "toll.describe" for thread in threading.enumerate()) == 1


def test_a_hook_that_has_ended_late_is_called_again(release: threading.Event) -> None:
    measures = Measures()
    failure(release.wait, SHORT, measures)
    release.set()
    for thread in [it for it in threading.enumerate() if it.name == "toll.describe"]:
        thread.join()
    assert call(lambda: "well", HookCall("toll", "describe"), SHORT, measures) == "well"


ENDLESS = "WITH RECURSIVE it(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM it) SELECT count(*) FROM it WHERE n < 0"


@pytest.mark.parametrize("statement", [ENDLESS, "SELECT pg_sleep(60)"])
def test_a_hook_that_hangs_in_sql_is_interrupted(toll: Toll, statement: str) -> None:
    if toll.database.is_sqlite and "pg_sleep" in statement:
        pytest.skip("SQLite has no pg_sleep")
    failed = toll.refused(lambda session: session.execute(text(statement)), seconds=SHORT)
    assert "it took more than 0.2 s" in failed.message.en
    assert not toll.measures.of("toll", "derive").busy


def test_a_hook_that_hangs_in_many_statements_is_stopped_at_the_next(toll: Toll) -> None:
    def busy(session: Session) -> None:
        while True:
            session.execute(text("SELECT 1"))

    assert "it took more than 0.2 s" in toll.refused(busy, seconds=SHORT).message.en
    assert not toll.measures.of("toll", "derive").busy


LATE: dict[str, Act] = {
    "the session": lambda session: session.execute(text("SELECT 1")),
    "the driver": lambda session: session.connection().connection.driver_connection.execute("SELECT 1"),  # type: ignore[union-attr]
    "the engine": lambda session: session.connection().engine.connect(),
}


@pytest.mark.parametrize("way", LATE)
def test_a_hook_that_was_given_up_reaches_the_database_no_more(toll: Toll, release: threading.Event, way: str) -> None:
    reached: list[object] = []

    def late(session: Session) -> None:
        with suppress(Exception):
            release.wait()
            reached.append(LATE[way](session))

    assert toll.refused(late, seconds=SHORT).fatal
    thread = toll.measures.of("toll", "derive").left
    release.set()
    assert thread
    thread.join()
    assert (reached, toll.leaked()) == ([], 0)


def test_after_a_hook_that_hangs_the_book_is_written_as_before(toll: Toll, release: threading.Event) -> None:
    toll.refused(lambda _: release.wait(), seconds=SHORT)
    toll.measures.by_hook.clear()
    toll.allowed(lambda session: session.execute(text("DELETE FROM plg_toll_pass")))
    assert toll.rows() == (0, 1)


def test_a_hook_called_by_a_hook_that_was_given_up_is_given_up_too(toll: Toll, release: threading.Event) -> None:
    said: list[str] = []

    def outer(session: Session) -> None:
        def inner() -> None:
            release.wait()
            session.execute(text("SELECT 1"))

        try:
            call(inner, HookCall("wage", "toll_paid"), 60, toll.measures, session)
        except PluginFailure as failed:
            said.append(failed.message.en)

    toll.refused(outer, seconds=SHORT)
    thread = toll.measures.of("toll", "derive").left
    release.set()
    assert thread
    thread.join()
    assert "toll_paid" in said[0]


def test_waiting_that_is_interrupted_gives_the_hook_up(
    toll: Toll, release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(thread: threading.Thread, seconds: float | None = None) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    it = HookCall("toll", "derive")
    with pytest.raises(KeyboardInterrupt), toll.database.write() as session:
        call(release.wait, it, 5, toll.measures, session)
    assert (it.given_up, toll.leaked()) == (True, 0)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("text", "answered str, not Objection"),
        (7, "answered int, not Objection"),
        ({"code": 1}, "answered dict, not Objection"),
        (Objection, "answered type, not Objection"),
        ([Objection("X", Message("甲", "a")), None], "answered NoneType, not Objection"),
        (count(), "answered more than 10000 things"),
        ((1 / 0 for _ in "x"), "raised ZeroDivisionError"),
    ],
)
def test_nonsense_is_told_by_its_type(answer: object, told: str) -> None:
    assert told in failure(lambda: several(Objection)(answer)).message.en


@pytest.mark.parametrize("wrong", [{"message": "text"}, {"message": ("甲", "a")}, {"severity": "block"}])
def test_an_objection_that_could_not_be_told_is_refused_where_it_is_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="must be"):
        Objection(**{"code": "X", "message": Message("甲", "a"), **wrong})


def test_an_impact_that_could_not_be_told_is_refused_where_it_is_made() -> None:
    with pytest.raises(BadInput, match="metric is a str and must be a Message"):
        Impact("wages", None, None)  # type: ignore[arg-type]


def test_a_generator_runs_guarded_too(toll: Toll) -> None:
    def check_changeset(session: Session) -> Iterator[Objection]:
        session.commit()
        yield Objection("X", Message("甲", "a"))

    plugins = loaded(made("toll", check_changeset))
    with toll.database.read() as session:
        [objection] = plugins.objections("check_changeset", session)
    assert (objection.code, objection.plugin) == ("PLUGIN_FAILURE", "toll")


def test_what_a_hook_costs_is_measured(toll: Toll) -> None:
    def check_changeset(session: Session) -> list[Objection]:
        session.execute(text("SELECT 1"))
        session.execute(text("SELECT 1"))
        return []

    plugins = loaded(made("toll", check_changeset))
    with toll.database.read() as session:
        assert list(plugins.objections("check_changeset", session)) == []
    measure = plugins.measures.of("toll", "check_changeset")
    assert (measure.calls, measure.statements, measure.failures) == (1, 2, 0)
    assert measure.seconds >= measure.slowest > 0


def test_failures_of_the_last_minutes_are_known() -> None:
    measures = Measures()
    failure(raising(ValueError()), measures=measures)
    assert measures.recent_failures("toll") == {"describe": "it raised ValueError"}
    assert measures.recent_failures("wage") == {}
    measures.of("toll", "describe").failed_at = -sys.maxsize
    assert measures.recent_failures("toll") == {}


def test_each_plugin_is_asked_though_another_fails(toll: Toll) -> None:
    def check_changeset() -> Sequence[Objection]:
        return [Objection("X", Message("甲", "a"))]

    def broken() -> Sequence[Objection]:
        raise ValueError

    broken.__name__ = "check_changeset"
    plugins = loaded(made("wage", broken), made("toll", check_changeset))
    with toll.database.read() as session:
        assert [it.name for it in plugins.objections("check_changeset", session)] == ["wage:PLUGIN_FAILURE", "toll:X"]
