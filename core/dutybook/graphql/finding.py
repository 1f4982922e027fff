"""What holds a text, in the order in which it is shown.

Cursors begin with how the hits were read, so that a list goes on as it began, also when more has come to be found meanwhile.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from dutybook.book.folding import fold, is_sayable
from dutybook.db import search as reads
from dutybook.db.paging import page, total
from dutybook.db.search_tokens import SHIFT
from dutybook.graphql.context import View
from dutybook.graphql.standing import Standing, load_standing

RANKED, IN_ORDER, PERSON = range(3)
FORMS: Sequence[Sequence[type]] = (
    [int, int, int, int, int, str, int, int, int],
    [int, int, int, int],
    [int, int, int, int, int],
)
"""How a cursor looks: ranked hits, hits in the order of entries, people."""


class Hit(NamedTuple):
    """A record that was found; `cursor` says how it was read and what orders it among its like."""

    kind: str
    cursor: list[Any]
    row: Row[Any]

    @property
    def key(self) -> int:
        """The record."""
        return int(self.row.key)

    @property
    def how(self) -> int:
        """How it was found."""
        return int(self.row.matched)

    @property
    def shown_by(self) -> int | None:
        """The follower that shows a standard's duty."""
        return None if self.row.via is None else self.row.shown_by


class Found(NamedTuple):
    """The hits of a page and one more; `total` counts all there are, `everything` are all where few were read."""

    hits: list[Hit]
    total: Callable[[], Awaitable[int]]
    everything: Sequence[Hit] = ()


async def _nothing() -> int:
    return 0


NOTHING = Found([], _nothing)


class Start(NamedTuple):
    """From where a list goes on: behind a cursor of its own, and with nothing that was found in a better way."""

    after: Sequence[Any] | None = None
    least: int = reads.TEXT


async def wanted_of(view: View, kind: str, text: str, slots: Collection[int], **place: Any) -> reads.Wanted | None:
    """What to look for, with the company's synonyms; None where nothing can hold it."""
    folded = fold(text)
    if not folded or not is_sayable(folded):
        return None
    synonyms = () if kind == "employee" else (await view.load(load_standing, None)).synonyms.get(folded, ())
    return reads.Wanted(kind, folded, synonyms, tuple(slots), **place)


async def find(view: View, wanted: reads.Wanted, start: Start, size: int) -> Found:
    """A page of what holds a text."""
    if wanted.kind == "employee":
        return await _people(view, wanted, start, size)
    counts = await view.rows(reads.counts(view.reading, wanted.terms, wanted.slots))
    weights = reads.Weights({row.token: row.entries for row in counts})
    pieces = weights.pieces(wanted.terms, wanted.slots)
    if not pieces:
        return NOTHING
    weight = weights.total(pieces)
    if (weight <= reads.FEW) if start.after is None else start.after[0] == RANKED:
        return await _ranked(view, wanted, reads.few(view.reading, wanted, pieces, max(weight, reads.FEW)), start, size)
    sections = [section for section in weights.sections(wanted) if section.how >= start.least]

    async def count() -> int:
        return int((await view.rows(total(reads.every(view.reading, wanted, pieces))))[0][0])

    return Found(await _in_order(view, wanted, sections, start.after, size), count)


async def _ranked(view: View, wanted: reads.Wanted, query: Any, start: Start, size: int) -> Found:
    """All hits are read, and ranked here: places in the tree are known in the process."""
    standing = await view.load(load_standing, None)
    rows = await view.rows(reads.standing(view.reading, query))
    hits = sorted((_hit(standing, wanted.kind, row) for row in rows), key=lambda hit: hit.cursor)
    ahead = [hit for hit in hits if hit.how >= start.least and (start.after is None or hit.cursor > list(start.after))]

    async def count() -> int:
        return len(hits)

    return Found(ahead[: size + 1], count, hits)


def _hit(standing: Standing, kind: str, row: Row[Any]) -> Hit:
    """How it was found, involvement, the head of a department first, place in the tree, where it stands, length."""
    department = row.key if kind == "department" else row.department
    place = standing.places.get(department, len(standing.places))
    below = int(row.shown_by not in standing.heads)
    slot = row.id >> SHIFT
    ranks = [row.matched, slot, below, place, row.rank or "", row.offset, row.length, row.key]
    return Hit(kind, [RANKED, *ranks], row)


async def _in_order(
    view: View, wanted: reads.Wanted, sections: Sequence[reads.Section], after: Sequence[Any] | None, size: int
) -> list[Hit]:
    """Section by section in the order of entries, until the page is full."""
    found: list[Hit] = []
    for section in sections:
        place, last = [section.how, section.slot], 0
        if after is not None and list(after[1:3]) >= place:
            if list(after[1:3]) > place:
                continue
            last = after[3]
        rows = await view.rows(reads.many(view.reading, wanted, section, last, size + 1 - len(found)))
        found += [Hit(wanted.kind, [IN_ORDER, *place, row.id], row) for row in rows]
        if len(found) > size:
            break
    return found


async def _people(view: View, wanted: reads.Wanted, start: Start, size: int) -> Found:
    query = reads.people(view.reading, wanted.text, by_name=view.context.reads_personal)
    rows = query.subquery("people")
    order = [rows.c.matched, rows.c.offset, rows.c.length, rows.c.key]
    ahead = page(select(rows).where(rows.c.matched >= start.least), order, start.after and start.after[1:], size)
    hits = [
        Hit("employee", [PERSON, row.matched, row.offset, row.length, row.key], row) for row in await view.rows(ahead)
    ]

    async def count() -> int:
        return int((await view.rows(total(query)))[0][0])

    return Found(hits, count)
