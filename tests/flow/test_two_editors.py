"""Many at once: of two editors of one field one wins, nothing is lost, and numbers have no gaps."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.errors import DutybookError
from dutybook.services.approval import Opinion, approve
from dutybook.services.book import Book
from dutybook.services.changesets import publish, submit, withdraw
from dutybook.services.refusals import Conflicted, NamedConflict, WrongState
from tests.flow.clerk import committed

PAIRS = 200
WORKERS, SETS = 4, 15


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What comes of acts that begin together; what is refused comes to its refusal."""
    barrier = Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        barrier.wait(30)
        try:
            return act()
        except DutybookError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def publishing(book: Book, changeset: int) -> Callable[[], object]:
    def act() -> object:
        with book.database.write() as session:
            return publish(session, book, OPERATOR, changeset)

    return act


def drafted(book: Book, titles: Sequence[str]) -> list[int]:
    """One set for each title, all on the same base."""
    with committed(book) as clerk:
        return [clerk.draft({"setPosition": {"position": "P0001", "title": title}}) for title in titles]


def lost(outcomes: Sequence[object]) -> list[NamedConflict]:
    return [named for outcome in outcomes if isinstance(outcome, Conflicted) for named in outcome.conflicts]


def test_of_two_editors_of_one_field_exactly_one_wins(book: Book) -> None:
    with committed(book) as clerk:
        before = clerk.found().title("P0001")
    for pair in range(PAIRS):
        titles = [f"甲{pair}", f"乙{pair}"]
        outcomes = at_once(*(publishing(book, changeset) for changeset in drafted(book, titles)))
        [loss] = lost(outcomes)
        with committed(book) as clerk:
            now, revision = clerk.title("P0001"), clerk.head.revision
        assert (loss.conflict.base, loss.conflict.theirs, loss.revision) == (before, now, revision)
        assert {loss.conflict.theirs, loss.conflict.mine} == set(titles)
        before = now
    assert revision == PAIRS + 1


def test_editors_of_different_fields_both_win(book: Book) -> None:
    with committed(book) as clerk:
        clerk.found()
        fields = ({"title": "经理"}, {"grade": "12"}, {"headcount": 2}, {"note": "暂缺"})
        drafts = [clerk.draft({"setPosition": {"position": "P0001", **field}}) for field in fields]
    at_once(*(publishing(book, draft) for draft in drafts))
    with committed(book) as clerk:
        row = clerk.of("position", "P0001")
    assert row
    assert (row["title"], row["grade"], row["headcount"], row["note"]) == ("经理", "12", 2, "暂缺")


def test_a_set_published_twice_at_once_is_published_once(book: Book) -> None:
    with committed(book) as clerk:
        clerk.found()
    for number in range(20):
        [changeset] = drafted(book, [f"经理{number}"])
        outcomes = at_once(publishing(book, changeset), publishing(book, changeset))
        assert [isinstance(outcome, WrongState) for outcome in outcomes].count(True) == 1
    with committed(book) as clerk:
        assert clerk.head.revision == 21


def test_revisions_and_events_are_numbered_without_gaps(book: Book) -> None:
    with committed(book) as clerk:
        clerk.found()

    def work(worker: int) -> Callable[[], object]:
        def act() -> object:
            for number in range(SETS):
                with committed(book) as clerk:
                    draft = clerk.draft(
                        {"openPosition": {"title": "司机", "code": f"W{worker}-{number}", "department": "D001"}}
                    )
                publishing(book, draft)()
            return SETS

        return act

    assert at_once(*map(work, range(WORKERS))) == [SETS] * WORKERS
    with committed(book) as clerk:
        event, revision = book.tables["event"], book.tables["revision"]
        rows = clerk.session.execute(select(event).order_by(event.c.sequence)).all()
        numbers = clerk.session.scalars(select(revision.c.number).order_by(revision.c.number)).all()
    told = [row.revision for row in rows if row.type == "changeset.published"]
    assert list(numbers) == list(range(1, WORKERS * SETS + 2))
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert told == list(numbers)


def test_signing_withdrawing_and_publishing_the_same_set_never_block_each_other(book: Book) -> None:
    with committed(book) as clerk:
        clerk.found()
    for number in range(20):
        [changeset] = drafted(book, [f"经理{number}"])
        with committed(book) as clerk:
            submit(clerk.session, book, OPERATOR, changeset)
            approve(clerk.session, book, OPERATOR, changeset, Opinion())

        def withdrawing(changeset: int = changeset) -> None:
            with book.database.write() as session:
                withdraw(session, book, OPERATOR, changeset)

        outcomes = at_once(publishing(book, changeset), withdrawing)
        assert [isinstance(outcome, WrongState) for outcome in outcomes].count(True) == 1
