"""The published documents alone make the same book again, and the chain of hashes shows what was tampered with."""

from hypothesis import given, settings

from dutybook.services import replay
from dutybook.services.book import Book
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import Act, histories, tell


def copied(clerk: Clerk, other: Clerk) -> None:
    for document in list(replay.documents(clerk.session, clerk.book)):
        replay.replay(other.session, other.book, document)


@given(histories)
@settings(max_examples=60)
def test_a_replayed_book_has_equal_revisions_hashes_and_rows(blank: Book, twin: Book, history: list[list[Act]]) -> None:
    with undone(blank) as clerk, undone(twin) as other:
        tell(clerk, history)
        copied(clerk, other)
        assert (other.head.revision, other.head.hash) == (clerk.head.revision, clerk.head.hash)
        assert other.state() == clerk.state()
        for kind in clerk.book.kinds:
            assert other.rows(kind.name, everything=True) == clerk.rows(kind.name, everything=True)
