"""What holds a text, in the order in which it is shown.

Cursors begin with how the hits were read, so that a list goes on as it began, also when more has come to be found meanwhile.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from dutybook.book.folding import fold, is_sayable
from dutybook.db import search as reads
from dutybook.db.paging import page, total
from dutybook.db.reads import LONGEST
from dutybook.db.search_sections import FEW, TEXT, WHOLE, Section, Share, Wanted, Weights, Window, Windows, whole
from dutybook.db.search_tokens import SHIFT
from dutybook.graphql.context import View
from dutybook.graphql.standing import entries_of, heads_of, newest_of, places_of, synonyms_of

RANKED, IN_ORDER, PERSON = range(3)
FORMS: Sequence[Sequence[type]] = (
    [int, int, int, int, int, str, int, int, int],
    [int, int, int, int],
    [int, int, int, int, int],
)
"""How a cursor looks: ranked hits, hits in the order of entries, people."""


class Hit(NamedTuple):
    """A record that was found: its row; `cursor` says how it was read and what orders it among its like."""

    kind: str
    cursor: list[Any]
    row: Row[Any]

    @property
    def how(self) -> int:
        """How it was found."""
        return int(self.row.matched)

    @property
    def slot(self) -> int:
        """The slot of its entry."""
        return int(self.row.entry) >> SHIFT

    @property
    def shown_by(self) -> int | None:
        """The follower that shows a standard's duty."""
        return None if self.row.via is None else self.row.shown_by


class Found(NamedTuple):
    """The hits of a page and one more; `total` counts all there are."""

    hits: list[Hit]
    total: Callable[[], Awaitable[int]]


async def _nothing() -> int:
    return 0


NOTHING = Found([], _nothing)


class Start(NamedTuple):
    """From where a list goes on: behind a cursor of its own, and with nothing that was found in a better way."""

    after: Sequence[Any] | None = None
    least: int = TEXT


async def wanted_of(view: View, kind: str, text: str, slots: Collection[int], **place: Any) -> Wanted | None:
    """What to look for, with the company's synonyms; None where nothing can hold it."""
    # Four times, because what is written in more characters may be folded into fewer.
    folded = fold(text) if len(text) <= 4 * LONGEST else ""
    if not folded or not is_sayable(folded):
        return None
    synonyms = () if kind == "employee" else (await synonyms_of(view)).get(folded, ())
    return Wanted(kind, folded, synonyms, tuple(slots), **place)


async def find(view: View, wanted: Wanted, start: Start, size: int) -> Found:
    """A page of what holds a text."""
    if wanted.kind == "employee":
        return await _people(view, wanted, start, size)
    weights = await weights_of(view, wanted)
    pieces = weights.pieces(wanted.terms, wanted.slots)
    if not pieces:
        return NOTHING
    finder, found = Finder(view, wanted, start.after), list[Hit]()
    for run in _runs([section for section in weights.sections(wanted) if section.how >= start.least], start.after):
        found += await finder.read(run, size + 1 - len(found))
        if len(found) > size:
            break

    async def count() -> int:
        query, values = reads.every(view.reading, wanted, pieces)
        return int((await view.rows(total(query), values=values))[0][0])

    return Found(found, count)


async def weights_of(view: View, wanted: Wanted) -> Weights:
    """How common the terms are."""
    return Weights(await entries_of(view, reads.tokens(wanted)))


class Run(NamedTuple):
    """Sections that are read together: some whose hits are ranked, and one behind them whose hits come in the order of ids."""

    ranked: Sequence[Section]
    listed: Section | None = None


def _runs(sections: Sequence[Section], after: Sequence[Any] | None) -> Iterator[Run]:
    """From where a list goes on."""
    few: list[Section] = []
    for section in sections:
        here = None if after is None else list(after[1:3])
        if here is not None and [section.how, section.slot] < here:
            continue
        is_few = after[0] == RANKED if after and [section.how, section.slot] == here else section.weight <= FEW
        if few and (section.how != few[0].how or (is_few and _weight([*few, section]) > FEW)):
            yield Run(few)
            few = []
        if is_few:
            few = [*few, section]
        else:
            yield Run(few, section)
            few = []
    if few:
        yield Run(few)


def _weight(sections: Sequence[Section]) -> int:
    return sum(section.weight for section in sections)


class Finder:
    """Reads one run after the other, behind a cursor."""

    def __init__(self, view: View, wanted: Wanted, after: Sequence[Any] | None) -> None:
        self._view, self._wanted, self._after = view, wanted, after
        self._share = Share(wanted)

    async def read(self, run: Run, limit: int) -> Sequence[Hit]:
        """The next hits of a run."""
        ranked, listed = run
        if ranked and listed and _weight(ranked) < limit and listed.weight <= WHOLE:
            return await self._together(ranked, listed, limit)
        hits = self._behind(await self._few(ranked))[:limit] if ranked else []
        return [*hits, *(await self._in_order(listed, limit - len(hits)) if listed else [])]

    def _behind(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        return [hit for hit in hits if self._after is None or hit.cursor[1:] > list(self._after[1:])]

    async def _together(self, ranked: Sequence[Section], listed: Section, limit: int) -> Sequence[Hit]:
        """In one statement, where the page hardly ends before the last section and that is read whole anyway."""
        pieces = [piece for section in (*ranked, listed) for piece in section.pieces]
        section = Section(listed.how, ranked[0].slot, pieces, _weight([*ranked, listed]))
        window = Window(whole(ranked[0], 0).behind, whole(listed, 0).before)
        query, values = reads.many(self._view.reading, self._wanted, section, window, limit + _weight(ranked))
        rows = await self._view.rows(query, values=values)
        first, rest = ([row for row in rows if (row.entry >> SHIFT == listed.slot) is of] for of in (False, True))
        return [*self._behind(await self._rank(first)), *self._list(listed, rest)][:limit]

    async def _in_order(self, section: Section, limit: int) -> Sequence[Hit]:
        """The next hits of a section, in the order of their ids."""
        place, found = [section.how, section.slot], list[Hit]()
        behind = self._after[3] if self._after is not None and list(self._after[1:3]) == place else 0
        windows, end = await self._windows(section, behind), whole(section, behind).before
        while len(found) < limit:
            window = windows.ahead(limit - len(found))
            query, values = reads.many(self._view.reading, self._wanted, section, window, limit - len(found))
            rows = await self._view.rows(query, values=values)
            found += self._list(section, rows)
            windows.saw(window, len(rows))
            if window.before == end:
                break
        return found

    def _list(self, section: Section, rows: Sequence[Row[Any]]) -> list[Hit]:
        return [Hit(self._wanted.kind, [IN_ORDER, section.how, section.slot, row.entry], row) for row in rows]

    async def _windows(self, section: Section, behind: int) -> Windows:
        """SQLite reads tokens in the order of ids, and no further than to the end of the page."""
        reading = self._view.reading
        newest = 0 if reading.database.is_sqlite else await newest_of(self._view, self._wanted.kind)
        return Windows(section, behind, newest, self._share)

    async def _few(self, sections: Sequence[Section]) -> list[Hit]:
        """All hits of sections that have few."""
        query, values = reads.few(self._view.reading, self._wanted, sections)
        hits = await self._rank(await self._view.rows(query, values=values))
        self._share.learn(len(hits), _weight(sections))
        return hits

    async def _rank(self, rows: Sequence[Row[Any]]) -> list[Hit]:
        """Ranked here, since places in the tree are known in the process."""
        places = await places_of(self._view)
        heads = await heads_of(self._view, {row.within for row in rows})
        ranked = sorted((_ranks(row, places.get(row.within, len(places)), heads), row) for row in rows)
        return [Hit(self._wanted.kind, [RANKED, *ranks], row) for ranks, row in ranked]


def _ranks(row: Row[Any], place: int, heads: Collection[int]) -> tuple[Any, ...]:
    """How it was found, involvement, the head of a department first, place in the tree, where it stands, length."""
    below = int(row.shown_by not in heads)
    return row.matched, row.entry >> SHIFT, below, place, row.standing or "", row.offset, row.length, row.key


async def _people(view: View, wanted: Wanted, start: Start, size: int) -> Found:
    query = reads.people(view.reading, wanted.text, await view.context.sight())
    rows = query.subquery("people")
    order = [rows.c.matched, rows.c.offset, rows.c.length, rows.c.key]
    ahead = page(select(rows).where(rows.c.matched >= start.least), order, start.after and start.after[1:], size)
    hits = [
        Hit("employee", [PERSON, row.matched, row.offset, row.length, row.key], row) for row in await view.rows(ahead)
    ]

    async def count() -> int:
        return int((await view.rows(total(query)))[0][0])

    return Found(hits, count)
