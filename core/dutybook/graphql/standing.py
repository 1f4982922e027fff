"""What is the same for all who look at one time: where departments stand, who heads them, which words mean the same or are rare.

It is kept between requests, since a revision never changes on a day that has been named; so it is never stale.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row

from dutybook.book.folding import fold
from dutybook.book.times import Time
from dutybook.db import places as reads
from dutybook.db.engine import Database
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading, every
from dutybook.db.search import counts
from dutybook.graphql.context import View
from dutybook.graphql.synonyms import terms_of

KEPT = 32
"""Things kept for each database."""

TOKENS = 50_000
"""Tokens whose entries are kept for each revision: some 10 MB."""

Kept = OrderedDict[tuple[Time | int, str], Any]

_kept: WeakKeyDictionary[Database, Kept] = WeakKeyDictionary()


async def places_of(view: View) -> Mapping[int, int]:
    """The place of each department in the tree at the view's time."""
    found: Mapping[int, int] = await _once(view, "places", _places)
    return found


async def heads_of(view: View, departments: Collection[int]) -> set[int]:
    """The positions at the heads of departments at the view's time. No others are looked for, since positions are many."""
    known: dict[int, int | None] = await _once(view, "heads", _none)
    if missing := [department for department in departments if department not in known]:
        rows = await view.rows(reads.heads(_everything(view)), missing)
        known.update(dict.fromkeys(missing))
        known.update({row.department: int(row.head.rpartition(" ")[2]) for row in rows})
    return {head for department in departments if (head := known[department])}


async def newest_of(view: View, kind: str) -> int:
    """The newest version of a kind, or a newer one than the view knows."""
    found: int = await _once(view, f"newest {kind}", partial(_newest, kind))
    return found


async def synonyms_of(view: View) -> Mapping[str, tuple[str, ...]]:
    """For each folded word those that mean the same at the view's time."""
    found: Mapping[str, tuple[str, ...]] = await _once(view, "synonyms", _synonyms)
    return found


async def entries_of(view: View, tokens: Collection[str]) -> Mapping[str, int]:
    """In how many entries tokens stand at the head, whatever time is looked at: later ones have entries in the index too."""
    known: dict[str, int] = await _once(view, "tokens", _none, await view.context.head())
    found = {token: known[token] for token in tokens if token in known}
    if missing := [token for token in tokens if token not in known]:
        found.update(dict.fromkeys(missing, 0))
        found.update({row.token: row.entries for row in await view.rows(counts(view.reading.database), missing)})
        if len(known) > TOKENS:
            known.clear()
        known.update(found)
    return found


async def _once(view: View, what: str, read: Callable[[View], Awaitable[Any]], at: Time | int | None = None) -> Any:
    kept, key = _kept.setdefault(view.reading.database, OrderedDict()), (view.time if at is None else at, what)
    if key not in kept:
        kept[key] = await read(view)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return kept[key]


def _everything(view: View) -> Reading:
    return Reading(view.reading.database, view.time, EVERYTHING)


async def _places(view: View) -> dict[int, int]:
    return {key: place for place, key in enumerate(_walk(await view.rows(reads.tree(_everything(view)))))}


async def _none(view: View) -> dict[Any, Any]:  # noqa: ARG001
    return {}


async def _newest(kind: str, view: View) -> int:
    return (await view.rows(reads.newest(view.reading.database, kind)))[0][0] or 0


def _walk(rows: Sequence[Row[Any]]) -> Iterator[int]:
    """The departments in the order of the tree."""
    below: dict[int | None, list[int]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row.key)
    waiting = below.get(None, [])[::-1]
    while waiting:
        key = waiting.pop()
        yield key
        waiting += below.get(key, [])[::-1]


async def _synonyms(view: View) -> dict[str, tuple[str, ...]]:
    """For each word the others of all groups that it stands in."""
    found: dict[str, dict[str, None]] = {}
    for row in await view.rows(every(_everything(view), "synonym")):
        words = [folded for word in terms_of(row.terms) if (folded := fold(word))]
        for word in words:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
    return {word: tuple(others) for word, others in found.items()}
