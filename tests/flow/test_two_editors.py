"""Writers at the same moment: of two editors of one field exactly one wins, and numbers never have gaps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.services.refusals import Conflicted
from tests.flow.clerk import NEW_YEAR, Clerk

PAIRS = 200


def founded(book: Book) -> Book:
    with book.database.write() as session:
        Clerk(session, book).found()
    return book


def together(*acts: Callable[[], object]) -> list[object]:
    """What each act gives or raises, all begun at the same moment."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        ready.wait()
        try:
            return act()
        except Conflicted as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def retitle(book: Book, title: str, base: int) -> str:
    proposal = Proposal("更名", effective_on=NEW_YEAR, base_revision=base)
    with book.database.write() as session:
        apply_changes(session, book, OPERATOR, proposal, [{"setPosition": {"position": "P0002", "title": title}}])
    return title


def title_and_head(book: Book) -> tuple[str, int]:
    with book.database.write() as session:
        clerk = Clerk(session, book)
        return clerk.named("position", code="P0002")[0], clerk.head.revision


def test_of_two_editors_of_one_field_exactly_one_wins_200_of_200(book: Book) -> None:
    before, base = title_and_head(founded(book))
    for pair in range(PAIRS):
        one, two = (f"{name}{pair}" for name in "甲乙")
        outcomes = together(lambda: retitle(book, one, base), lambda: retitle(book, two, base))  # noqa: B023
        (won,) = (outcome for outcome in outcomes if isinstance(outcome, str))
        (lost,) = (outcome for outcome in outcomes if isinstance(outcome, Conflicted))
        conflict = lost.conflicts[0].conflict
        assert (conflict.base, conflict.theirs, conflict.mine) == (before, won, two if won == one else one)
        before, base = title_and_head(book)
        assert before == won


def test_revisions_and_events_of_four_writers_have_no_gaps(book: Book) -> None:
    founded(book)

    def write(writer: int) -> None:
        for number in range(15):
            say = {"addDuty": {"position": "P0002", "text": f"负责第{writer}组第{number}项工作"}}
            with book.database.write() as session:
                apply_changes(session, book, OPERATOR, Proposal("加", effective_on=NEW_YEAR), [say])

    together(*(lambda writer=writer: write(writer) for writer in range(4)))
    with book.database.read() as session:
        revisions = list(session.scalars(select(book.tables["revision"].c.number).order_by("number")))
        events = session.execute(select(book.tables["event"]).order_by("sequence")).all()
    assert revisions == list(range(1, 62))
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    published = [event.revision for event in events if event.type == "changeset.published"]
    assert published == revisions
