"""Words to look for, from single characters to four, common and rare, and how long LIKE takes for them."""

from collections.abc import Iterator, Sequence
from random import Random
from statistics import median
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import func, select

from dutybook.book.folding import fold
from dutybook.book.times import Time
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading
from dutybook.services.book import Book
from tests.bench.book import FIRST_DAY, SEED, opened

HOW_MANY = 100
PAIRS = {"W5 two characters, 200–800 hits": (200, 800), "W5r two characters, 5–15 hits": (5, 15)}
COMMON = 5_000


class Words(NamedTuple):
    """Words of one sort; p99 of the answers is to stay below `most` milliseconds."""

    what: str
    words: Sequence[str]
    most: float

    def like(self, book: Book) -> float:
        """The median of some of them by LIKE over all duties, in milliseconds of the database alone."""
        with book.database.read() as session:
            known = head(session, book.tables).revision
            rows = Reading(book.database, Time(FIRST_DAY, known), EVERYTHING).source("duty")
            took = []
            for word in self.words[:5]:
                query = select(rows.c.key).where(rows.c.text.contains(word, autoescape=True))
                began = perf_counter()
                session.execute(query.order_by(func.length(rows.c.text), rows.c.key).limit(20)).all()
                took.append((perf_counter() - began) * 1000)
        return median(took)


def sorts(url: str) -> Iterator[Words]:
    """All sorts of words, as this book has them."""
    with opened(url) as book:
        tokens = book.tables["search_token"]
        token, entries = func.substr(tokens.c.token, 2), func.sum(tokens.c.entries)
        query = select(token.label("word"), entries.label("entries")).where(tokens.c.token >= "8").group_by(token)
        with book.database.read() as session:
            counted = session.execute(query.order_by(token)).all()
            duty = book.tables.identities["duty"]
            keys = list(session.scalars(select(duty.c.key)))
            known = head(session, book.tables).revision
            rows = Reading(book.database, Time(FIRST_DAY, known), EVERYTHING).source("duty")
            some = Random(SEED).sample(keys, min(400, len(keys)))
            texts = [fold(text) for text in session.scalars(select(rows.c.text).where(rows.c.key.in_(some)))]
        yield from _sorts(
            [(row.word, row.entries) for row in counted if all("一" <= one <= "鿿" for one in row.word)], texts
        )


def _sorts(counted: Sequence[tuple[str, int]], texts: Sequence[str]) -> Iterator[Words]:
    rng = Random(SEED)
    alone = [(word, entries) for word, entries in counted if len(word) == 1]
    pairs = [(word, entries) for word, entries in counted if len(word) == 2]
    for what, (low, high) in PAIRS.items():
        yield Words(what, _some(rng, [word for word, entries in pairs if low <= entries <= high]), 10)
    yield Words("two characters, common", _some(rng, [word for word, entries in pairs if entries > COMMON]), 10)
    fours = [text[at : at + 4] for text in texts for at in (0, len(text) // 2) if len(text) >= at + 4]
    yield Words("four characters", _some(rng, fours), 10)
    yield Words("one character, common", _some(rng, [word for word, entries in alone if entries > COMMON]), 30)
    yield Words("one character, rare", _some(rng, [word for word, entries in alone if entries <= COMMON]), 30)


def _some(rng: Random, words: Sequence[str]) -> list[str]:
    return rng.sample(list(words), min(HOW_MANY, len(words)))
