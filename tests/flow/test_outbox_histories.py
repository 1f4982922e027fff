"""Whatever fails and dies on the way, what a plugin holds in the end is what it builds from history at one go."""

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.lifecycle.events import Event
from dutybook.outbox import delivery
from dutybook.outbox.lanes import move
from dutybook.services.book import Book
from dutybook.services.deliveries import rebuild
from dutybook.services.worker import Worker
from tests.backends import Backend
from tests.flow.clerk import committed, founded, opened
from tests.flow.histories import Teller, histories
from tests.flow.tally import Tally, happened, having, wait


class Died(BaseException):
    """What a killed process does not live to see."""


@dataclass
class Fate:
    """What goes wrong, drawn from a seed: some events fail a few times, and now and then the worker dies."""

    seed: int
    calm: bool = False
    failed: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    def react(self, _: Session, event: Event) -> None:
        """Fails at one event in five, up to five times; by then others have been tried and taken."""
        vain = Random(self.seed * 1_000_003 + event.sequence).choice([0, 0, 0, 0, 5])
        if not self.calm and self.failed.get(event.sequence, 0) < vain:
            self.failed[event.sequence] = self.failed.get(event.sequence, 0) + 1
            raise ValueError

    def move(self, *given: object) -> None:
        """Dies between effect and acknowledgement, once in four times."""
        if not self.calm and self.rng.random() < 0.25:
            raise Died
        move(*given)  # type: ignore[arg-type]


def survive(book: Book) -> None:
    """Another worker takes over from each one that died."""
    while True:
        try:
            return Worker(book).drain()
        except Died:
            continue


def anything_parked(book: Book) -> int | None:
    with book.database.read() as session:
        return session.scalar(select(book.tables["parked"].c.key).limit(1))


# An example takes a second and more: one that fails is not made smaller.
@settings(max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(history=histories, seed=st.integers(0, 10_000))
def test_live_and_rebuilt_state_are_the_same(backend: Backend, history: list[list[object]], seed: int) -> None:
    fate = Fate(seed)
    tally, steady = Tally(react=fate.react), Tally("steady")
    with (
        backend.database(founded) as url,
        opened(url) as plain,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(delivery, "move", fate.move)
        book = having(plain, tally, steady)
        for revision in history:
            with committed(book) as clerk:
                Teller(clerk).tell(revision)  # type: ignore[arg-type]
            survive(book)
            wait(book, seconds=5)
        while anything_parked(book):
            wait(book, hours=1)
            survive(book)
        live, everything = tally.told(book), happened(book)
        assert live == steady.told(book) == everything
        fate.calm = True
        with book.database.write() as session:
            rebuild(session, book, OPERATOR, "tally")
        Worker(book).drain()
        assert tally.told(book) == live
