"""The published documents alone make the same book again, and the chain of hashes shows what was tampered with."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from sqlalchemy import delete, insert, select, update

from dutybook.services import replay
from dutybook.services.book import Book
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import Act, histories, tell

Tamper = Callable[[Clerk], object]


def copied(clerk: Clerk, other: Clerk) -> None:
    for document in list(replay.documents(clerk.session, clerk.book)):
        replay.replay(other.session, other.book, document)


def broken(clerk: Clerk) -> list[int]:
    """The revisions that no longer fit."""
    return [number for number, sound in replay.verify(clerk.session, clerk.book) if not sound]


@pytest.fixture
def chain(clerk: Clerk) -> Clerk:
    """A book of six revisions; the first opened the company."""
    for number in range(5):
        clerk.apply({"setPosition": {"position": "P0001", "title": f"主任{number}"}})
    return clerk


@given(histories)
@settings(max_examples=12)
def test_a_replayed_book_has_equal_revisions_hashes_and_rows(
    company: Book, blank: Book, history: list[list[Act]]
) -> None:
    with undone(company) as clerk, undone(blank) as other:
        tell(clerk, history)
        copied(clerk, other)
        assert (other.head.revision, other.head.hash) == (clerk.head.revision, clerk.head.hash)
        assert other.revisions() == clerk.revisions()
        assert other.state() == clerk.state()
        for kind in clerk.book.kinds:
            assert other.rows(kind.name, everything=True) == clerk.rows(kind.name, everything=True)
            assert other.identities(kind.name) == clerk.identities(kind.name)


def test_a_replayed_book_goes_on_by_itself(clerk: Clerk, blank: Book) -> None:
    opening = {"openPosition": {"title": "司机", "department": "D001"}}
    with undone(blank) as other:
        copied(clerk, other)
        for one in (clerk, other):
            one.apply(opening)
        assert (other.title("P0004"), clerk.title("P0004")) == ("司机", "司机")


def test_a_document_that_is_not_the_next_is_refused(clerk: Clerk, blank: Book) -> None:
    clerk.apply({"openDepartment": {"name": "财务部"}})
    first, second = replay.documents(clerk.session, clerk.book)
    with undone(blank) as other:
        with pytest.raises(replay.NotNext, match="revision 2 in format 1; the book needs 1 in format 1"):
            replay.replay(other.session, other.book, second)
        with pytest.raises(replay.NotNext, match="in format 9"):
            replay.replay(other.session, other.book, first.replace(b'"format":1', b'"format":9'))


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b'{"number":1,"format":1}', b'{"number":1,"format":1,"changes":[{}]}']
)
def test_what_is_no_document_is_refused(clerk: Clerk, blank: Book, text: bytes) -> None:
    with undone(blank) as other, pytest.raises(replay.NoDocument):
        replay.replay(other.session, other.book, text)


def test_documents_after_a_revision_leave_out_those_before(chain: Clerk) -> None:
    numbers = [orjson.loads(text)["number"] for text in replay.documents(chain.session, chain.book, after=4)]
    assert numbers == [5, 6]


def test_an_untouched_book_is_sound(chain: Clerk) -> None:
    assert list(replay.verify(chain.session, chain.book)) == [(number, True) for number in range(1, 7)]


def edited_body(clerk: Clerk) -> None:
    change, revision = clerk.book.tables["change"], clerk.book.tables["revision"]
    ours = select(revision.c.changeset).where(revision.c.number == 3).scalar_subquery()
    body = clerk.session.scalars(select(change.c.body).where(change.c.changeset == ours)).one()
    clerk.session.execute(update(change).where(change.c.changeset == ours).values(body=body.replace("主任1", "经理1")))


def removed_change(clerk: Clerk) -> None:
    change, revision = clerk.book.tables["change"], clerk.book.tables["revision"]
    ours = select(revision.c.changeset).where(revision.c.number == 3).scalar_subquery()
    clerk.session.execute(delete(change).where(change.c.changeset == ours))


def edited(number: int, **values: object) -> Tamper:
    def edit(clerk: Clerk) -> None:
        revision = clerk.book.tables["revision"]
        clerk.session.execute(update(revision).where(revision.c.number == number).values(values))

    return edit


def deleted(*numbers: int) -> Tamper:
    def remove(clerk: Clerk) -> None:
        revision = clerk.book.tables["revision"]
        clerk.session.execute(delete(revision).where(revision.c.number.in_(numbers)))

    return remove


def stored(clerk: Clerk, number: int) -> Mapping[str, Any]:
    revision = clerk.book.tables["revision"]
    return dict(clerk.session.execute(select(revision).where(revision.c.number == number)).mappings().one())


def swapped(clerk: Clerk) -> None:
    one, other = stored(clerk, 3), stored(clerk, 4)
    deleted(3, 4)(clerk)
    rows = [{**one, "number": 4}, {**other, "number": 3}]
    clerk.session.execute(insert(clerk.book.tables["revision"]), rows)


def inserted(clerk: Clerk) -> None:
    last = stored(clerk, 6)
    clerk.session.execute(insert(clerk.book.tables["revision"]), [{**last, "number": 7, "previous_hash": last["hash"]}])


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (edited_body, [3]),
        (removed_change, [3]),
        (edited(3, published_by="nobody"), [3]),
        (edited(3, published_at=datetime(2020, 1, 1, tzinfo=UTC)), [3]),
        (edited(3, header='{"number":3}'), [3]),
        (edited(3, header="no JSON"), [3]),
        (edited(3, hash="0" * 64), [3, 4]),
        (edited(3, previous_hash="0" * 64), [3]),
        (deleted(3), [4]),
        (deleted(1), [2]),
        (swapped, [3, 4, 5]),
        (inserted, [7, 6]),
        (deleted(5, 6), [6]),
    ],
)
def test_every_tampering_is_found_and_named(chain: Clerk, tamper: Tamper, found: list[int]) -> None:
    tamper(chain)
    assert broken(chain) == found


def test_a_tail_cut_together_with_the_head_shows_in_a_head_noted_elsewhere(chain: Clerk) -> None:
    noted, fifth = chain.head.hash, stored(chain, 5)
    deleted(6)(chain)
    chain.session.execute(update(chain.book.tables["head"]).values(revision=5, hash=fifth["hash"]))
    assert broken(chain) == []
    assert chain.head.hash != noted
