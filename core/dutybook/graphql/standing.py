"""What is the same for all who look at one time: where departments stand, who heads them, which words mean the same.

It is kept between requests, since a revision never changes on a day that has been named; so it is never stale.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row

from dutybook.book.folding import fold
from dutybook.book.times import Time
from dutybook.db import places as reads
from dutybook.db.engine import Database
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading, every
from dutybook.graphql.context import View
from dutybook.graphql.synonyms import terms_of

KEPT = 32
"""Things kept for each database."""

Kept = OrderedDict[tuple[Time, str], Any]

_kept: WeakKeyDictionary[Database, Kept] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of each department in the tree, and the positions at their heads."""

    places: Mapping[int, int]
    heads: frozenset[int]


async def load_standing(view: View, keys: Sequence[None]) -> Mapping[None, Standing]:
    """What stands at the view's time."""
    return dict.fromkeys(keys, await _once(view, "standing", _standing))


async def load_synonyms(view: View, keys: Sequence[None]) -> Mapping[None, Mapping[str, tuple[str, ...]]]:
    """For each folded word those that mean the same at the view's time."""
    return dict.fromkeys(keys, await _once(view, "synonyms", _synonyms))


async def _once(view: View, what: str, read: Callable[[View, Reading], Awaitable[Any]]) -> Any:
    kept, key = _kept.setdefault(view.reading.database, OrderedDict()), (view.time, what)
    if key not in kept:
        kept[key] = await read(view, Reading(view.reading.database, view.time, EVERYTHING))
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return kept[key]


async def _standing(view: View, reading: Reading) -> Standing:
    departments = await view.rows(reads.tree(reading))
    heads = await view.rows(reads.heads(reading))
    order = {key: place for place, key in enumerate(_walk(departments))}
    return Standing(order, frozenset(int(head.rpartition(" ")[2]) for (head,) in heads))


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


async def _synonyms(view: View, reading: Reading) -> dict[str, tuple[str, ...]]:
    """For each word the others of all groups that it stands in."""
    found: dict[str, dict[str, None]] = {}
    for row in await view.rows(every(reading, "synonym")):
        words = [folded for word in terms_of(row.terms) if (folded := fold(word))]
        for word in words:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
    return {word: tuple(others) for word, others in found.items()}
