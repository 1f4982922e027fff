"""What is done because its time has come: jobs of plugins, and change sets that take effect on their day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from dutybook.book.clock import Clock, FrozenClock
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.gifts import Job
from dutybook.lifecycle.specs import hookimpl
from dutybook.outbox import jobs as outbox_jobs
from dutybook.outbox.jobs import Jobs, next_due
from dutybook.services.book import Book
from dutybook.services.delivery_traces import JobState, trace
from dutybook.services.effects import TakingEffect
from dutybook.services.worker import Worker
from tests.flow.clerk import committed
from tests.flow.tally import Tally, having, statements, wait

HOURLY = timedelta(hours=1)
POSTS = ("P0001", "P0002")


def runs(book: Book, tally: Tally) -> int:
    """How often its job has left its mark."""
    with book.database.read() as session:
        return len(session.scalars(select(tally.table.c.id).where(tally.table.c.aggregate == "run")).all())


def marking(tally: Tally) -> Job:
    def run(session: Session) -> None:
        session.execute(insert(tally.table).values(aggregate="run"))

    return Job("mark", run, every=HOURLY)


def state(book: Book) -> JobState:
    with book.database.read() as session:
        [job] = trace(session, book, book.plugins["tally"]).jobs
        return job


@pytest.fixture
def tally() -> Tally:
    tally = Tally()
    tally.jobs = [marking(tally)]
    return tally


def test_a_job_runs_at_once_and_then_each_time_that_it_is_due(book: Book, tally: Tally) -> None:
    book = having(book, tally)
    for expected in (1, 2, 3):
        Worker(book).drain()
        Worker(book).drain()
        assert runs(book, tally) == expected
        wait(book, hours=1)
    assert state(book).ran_at == book.clock.now() - HOURLY


def test_a_run_that_dies_is_done_again_and_once(book: Book, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        pass

    def die(*_: object) -> None:
        raise Died

    book = having(book, tally)
    with monkeypatch.context() as patch:
        patch.setattr(outbox_jobs, "next_due", die)
        with pytest.raises(Died):
            Worker(book).drain()
    assert runs(book, tally) == 0
    Worker(book).drain()
    assert runs(book, tally) == 1


def test_a_job_that_fails_is_tried_again_later_and_later(book: Book, tally: Tally) -> None:
    def fail(_: Session) -> None:
        raise ValueError

    working, tally.jobs = tally.jobs, [Job("mark", fail, every=HOURLY)]
    book = having(book, tally)
    for attempts in (1, 2, 3):
        Worker(book).drain()
        assert state(book).attempts == attempts
        assert state(book).error == "job mark：抛出 ValueError / job mark: it raised ValueError"
        wait(book, seconds=4 ** (attempts - 1))
    tally.jobs = working
    Worker(book).drain()
    assert (runs(book, tally), state(book).attempts, state(book).error) == (1, 0, None)


def test_workers_that_look_at_once_run_a_job_once(book: Book, tally: Tally) -> None:
    book = having(book, tally)
    workers = [Thread(target=Worker(book).drain) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert runs(book, tally) == 1


@pytest.mark.parametrize(
    ("job", "due", "now", "then"),
    [
        (Job("a", print, every=HOURLY), "2026-03-01T08:00", "2026-03-01T08:20", "2026-03-01T09:00"),
        (Job("what was missed", print, every=HOURLY), "2026-03-01T08:00", "2026-03-05T08:20", "2026-03-05T08:20"),
        (Job("today", print, at=time(20)), "2026-03-01T08:00", "2026-03-01T11:59", "2026-03-01T12:00"),
        (Job("tomorrow", print, at=time(20)), "2026-03-01T12:00", "2026-03-01T12:00", "2026-03-02T12:00"),
    ],
)
def test_a_job_is_due_by_its_interval_or_at_its_hour_of_the_enterprise(job: Job, due: str, now: str, then: str) -> None:
    due_at, at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (due, now, then))
    assert next_due(job, due_at, at, Clock()) == expected


@pytest.mark.parametrize("job", [Job("a", print), Job("a", print, every=timedelta(0))])
def test_a_job_without_a_time_is_refused_by_name(book: Book, tally: Tally, job: Job) -> None:
    tally.jobs = [job]
    with pytest.raises(Exception, match="Job a of plugin tally must say one of every"):
        Worker(having(book, tally)).drain()


def test_looking_for_what_is_due_is_one_statement(book: Book, tally: Tally) -> None:
    book = having(book, tally)
    Worker(book).drain()
    for step in (TakingEffect(book).step, Jobs(book, book.plugins["tally"]).step):
        assert len(statements(book, step)) == 1


class Deriving(Tally):
    """Is told inside the transactions too."""

    seen: list[str]

    @hookimpl
    def derive(self, events: Sequence[Event]) -> None:
        self.seen.extend(event.type for event in events)


def effects(book: Book) -> list[tuple[object, ...]]:
    event = book.tables["event"]
    with book.database.read() as session:
        rows = session.execute(select(event).where(event.c.type == "changeset.took_effect"))
        return [(row.key, row.effective_on, row.revision, row.actor) for row in rows]


def at(book: Book, day: date) -> None:
    assert isinstance(book.clock, FrozenClock)
    book.clock.moment = datetime(day.year, day.month, day.day, 1, tzinfo=book.clock.zone)


def test_a_set_published_ahead_takes_effect_on_its_day_exactly_once(book: Book) -> None:
    tally = Deriving()
    tally.seen = []
    book, may = having(book, tally), date(2025, 5, 1)
    at(book, date(2025, 4, 20))
    with committed(book) as clerk:
        clerk.found()
        changeset = clerk.draft({"openDepartment": {"name": "营销部"}}, on=may)
        revision = clerk.publish(changeset)
    before = effects(book)
    at(book, date(2025, 4, 30))
    Worker(book).drain()
    assert effects(book) == before
    at(book, may)
    several = [Thread(target=TakingEffect(book).step) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    Worker(book).drain()
    assert effects(book) == [*before, (changeset, may, revision, "system")]
    assert tally.seen.count("changeset.took_effect") == len(effects(book))
    assert tally.told(book)["changeset", changeset][-1] == max(max(told) for told in tally.told(book).values())


def test_a_plugin_that_cannot_take_one_effect_keeps_back_no_other(book: Book) -> None:
    class Choosy(Tally):
        ill: int

        @hookimpl
        def derive(self, events: Sequence[Event]) -> None:
            if any(event.type == "changeset.took_effect" and event.key == self.ill for event in events):
                raise ValueError

    tally, may = Choosy(), date(2025, 5, 1)
    tally.ill = 0
    book = having(book, tally)
    at(book, date(2025, 4, 20))
    with committed(book) as clerk:
        clerk.found()
        one, other = (clerk.draft({"setPosition": {"position": code, "grade": "7"}}, on=may) for code in POSTS)
        clerk.publish(one)
        clerk.publish(other)
    at(book, may)
    tally.ill = one
    worker = Worker(book)
    worker.drain()
    assert [effect[0] for effect in effects(book)[1:]] == [other]
    tally.ill = 0
    wait(book, seconds=1)
    worker.drain()
    assert [effect[0] for effect in effects(book)[1:]] == [other, one]
