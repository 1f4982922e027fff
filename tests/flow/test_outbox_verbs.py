"""What operators do about deliveries: retry, skip, rebuild; and what they are shown."""

import pytest
from sqlalchemy import select

from dutybook.access.actor import OPERATOR, Actor
from dutybook.errors import BadInput, DutybookError, Forbidden, NotFound, Refused
from dutybook.lifecycle.events import Event
from dutybook.outbox.parking import ATTEMPTS
from dutybook.services.book import Book
from dutybook.services.deliveries import rebuild, retry, retry_all, skip
from dutybook.services.delivery_traces import Trace, behind, trace
from dutybook.services.worker import Worker
from tests.flow.tally import Tally, happen, happened, having, poisoned, wait

P1, P2, P5 = ("position", 1), ("position", 2), ("position", 5)
NOBODY = Actor("nobody", ())


def traced(book: Book) -> Trace:
    with book.database.read() as session:
        return trace(session, book, book.plugins["tally"])


def killed(book: Book) -> None:
    """Everything is tried until it is given up."""
    for _ in range(ATTEMPTS):
        Worker(book).drain()
        wait(book, hours=1)


@pytest.fixture
def tally() -> Tally:
    return Tally(react=poisoned(P1))


@pytest.fixture
def dead(book: Book, tally: Tally) -> Book:
    """A book in which an aggregate with three events was given up."""
    book = having(book, tally)
    happen(book, P1, P2, P5, P1, P5, P1)
    killed(book)
    return book


def test_what_was_given_up_is_told_and_retried_at_an_operators_word(dead: Book, tally: Tally) -> None:
    [parked] = traced(dead).parked
    assert (parked.aggregate, parked.key, parked.sequence, parked.dead) == (*P1, 1, True)
    tally.react = poisoned()
    Worker(dead).drain()
    assert P1 not in tally.told(dead)
    with dead.database.write() as session:
        retry(session, dead, OPERATOR, "tally", *P1)
    Worker(dead).drain()
    assert tally.told(dead) == happened(dead)
    [act] = traced(dead).acts
    assert (act.act, act.sequence, act.by, traced(dead).parked) == ("RETRIED", 1, "operator", [])


def test_skipping_passes_one_event_for_a_reason(dead: Book, tally: Tally) -> None:
    def first(_: object, event: Event) -> None:
        if event.sequence == 1:
            raise ValueError

    tally.react = first
    with dead.database.write() as session:
        assert skip(session, dead, OPERATOR, "tally", *P1, "测试数据，不计") == 1
    Worker(dead).drain()
    assert tally.told(dead) == {**happened(dead), P1: [4, 6]}
    [act] = traced(dead).acts
    assert (act.act, act.sequence, act.reason) == ("SKIPPED", 1, "测试数据，不计")


def test_skipping_the_only_event_frees_the_aggregate(book: Book, tally: Tally) -> None:
    book = having(book, tally)
    happen(book, P1)
    Worker(book).drain()
    with book.database.write() as session:
        skip(session, book, OPERATOR, "tally", *P1, "重复")
    tally.react = poisoned()
    happen(book, P1)
    Worker(book).drain()
    assert tally.told(book) == {P1: [2]}


def test_a_rebuild_tells_everything_anew(dead: Book, tally: Tally) -> None:
    tally.react = poisoned()
    with dead.database.write() as session:
        assert rebuild(session, dead, OPERATOR, "tally") == 6
    assert tally.told(dead) == {}
    assert traced(dead).waiting == 6
    Worker(dead).drain()
    assert tally.told(dead) == happened(dead)
    assert traced(dead).waiting == 0
    assert [(act.act, act.sequence) for act in traced(dead).acts] == [("REBUILT", 6)]


class Forgetful(Tally):
    """Cannot be reset."""

    reset_projection = None  # type: ignore[assignment]


def test_a_plugin_that_cannot_be_reset_is_not_rebuilt(book: Book) -> None:
    book = having(book, Forgetful())
    with book.database.write() as session, pytest.raises(Refused, match="has no reset_projection"):
        rebuild(session, book, OPERATOR, "tally")


@pytest.mark.parametrize(
    ("error", "said", "verb"),
    [
        (BadInput, "reason", lambda session, book: skip(session, book, OPERATOR, "tally", *P1, "  ")),
        (NotFound, "position 2 is not parked", lambda session, book: retry(session, book, OPERATOR, "tally", *P2)),
        (NotFound, "enabled are: tally", lambda session, book: retry(session, book, OPERATOR, "tell", *P1)),
        (Forbidden, "nobody", lambda session, book: retry(session, book, NOBODY, "tally", *P1)),
        (Forbidden, "nobody", lambda session, book: rebuild(session, book, NOBODY, "tally")),
    ],
)
def test_a_verb_that_cannot_be_done_says_why(dead: Book, error: type[DutybookError], said: str, verb: object) -> None:
    assert callable(verb)
    with dead.database.write() as session, pytest.raises(error, match=said):
        verb(session, dead)


def test_how_far_a_subscriber_is_behind_is_counted_from_its_first_waiting_event(dead: Book) -> None:
    happen(dead, P2, P1, P5)
    with dead.database.read() as session:
        assert behind(session, dead, dead.plugins["tally"]) == 3
    Worker(dead).drain()
    with dead.database.read() as session:
        assert behind(session, dead, dead.plugins["tally"]) == 0


def test_all_that_is_parked_is_retried_at_once_after_a_mend(book: Book, tally: Tally) -> None:
    tally.react = poisoned(P1, P2, P5)
    book = having(book, tally)
    happen(book, P1, P2, P5)
    killed(book)
    tally.react = poisoned()
    with book.database.write() as session:
        assert retry_all(session, book, OPERATOR, "tally") == 3
    Worker(book).drain()
    assert tally.told(book) == happened(book)


def test_acts_are_kept_in_the_order_of_their_doing(dead: Book) -> None:
    with dead.database.write() as session:
        retry(session, dead, OPERATOR, "tally", *P1)
        rebuild(session, dead, OPERATOR, "tally")
    act = dead.tables["delivery_act"]
    with dead.database.read() as session:
        assert session.scalars(select(act.c.act).order_by(act.c.id)).all() == ["RETRIED", "REBUILT"]
