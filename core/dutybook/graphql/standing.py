"""What is the same for all who look at one time: where departments stand, who heads them, which words mean the same.

It is kept between requests, since a revision never changes on a day that has been named; so it is never stale.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
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

KEPT = 16
"""Times kept for each database."""

_kept: WeakKeyDictionary[Database, OrderedDict[Time, "Standing"]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of each department in the tree, the heads, and the folded synonyms of each folded word."""

    places: Mapping[int, int]
    heads: frozenset[int]
    synonyms: Mapping[str, tuple[str, ...]]


async def load_standing(view: View, keys: Sequence[None]) -> Mapping[None, Standing]:
    """What stands at the view's time, read once."""
    kept = _kept.setdefault(view.reading.database, OrderedDict())
    if view.time not in kept:
        kept[view.time] = await _read(view)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return dict.fromkeys(keys, kept[view.time])


async def _read(view: View) -> Standing:
    reading = Reading(view.reading.database, view.time, EVERYTHING)
    departments = await view.rows(reads.tree(reading))
    heads = await view.rows(reads.heads(reading))
    said = [terms_of(row.terms) for row in await view.rows(every(reading, "synonym"))]
    order = {key: place for place, key in enumerate(_walk(departments))}
    return Standing(order, frozenset(row[0] for row in heads), _synonyms(said))


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


def _synonyms(groups: Sequence[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """For each word the others of all groups that it stands in."""
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        words = [folded for word in group if (folded := fold(word))]
        for word in words:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
    return {word: tuple(others) for word, others in found.items()}
