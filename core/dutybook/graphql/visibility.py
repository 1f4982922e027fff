"""Which changes an actor sees: those of records, or of places for new records, that the scope shows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from dutybook.book.changes import OPEN
from dutybook.book.nouns import INTERNAL
from dutybook.db.documents import changes_of
from dutybook.graphql.changes import Change
from dutybook.graphql.context import View
from dutybook.graphql.records import ByKey


@dataclass(frozen=True, slots=True)
class Seen:
    """Of which records of a set an actor sees a change; None stands for all of them."""

    records: frozenset[tuple[str, str]] | None = None

    def tells(self, path: Sequence[str]) -> bool:
        """Whether what is said of the record that a path leads to may be told."""
        return self.records is None or tuple(path[:2]) in self.records


WHOLE = Seen()


async def seen_of(view: View, changes: Sequence[Change]) -> Seen:
    """What is seen of a set that makes these changes."""
    found = await visible(view, changes)
    if len(found) == len(changes):
        return WHOLE
    return Seen(frozenset((change.said.kind, str(change.said.key)) for change in found))


async def _classes_said(view: View, keys: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """Loads every classification that any change has ever given to documents."""
    found: dict[int, set[str]] = {key: set() for key in keys}
    for row in await view.rows(changes_of(view.reading.database, keys)):
        values = orjson.loads(row.body).get("values", {})
        if row.verb == OPEN or "classification" in values:
            found[row.key].add(values.get("classification") or INTERNAL)
    return {key: frozenset(classes) for key, classes in found.items()}


async def _open(view: View, changes: Sequence[Change]) -> list[Change]:
    """Those of kinds that are not barred, which say nothing, nor tell what was before, of a classification beyond the actor's."""
    scope, kinds = view.reading.scope, view.context.book.kinds
    changes = [change for change in changes if not (change.is_known and scope.bars(kinds[change.said.kind]))]
    if (classes := scope.classes) is None:
        return changes
    keys = {change.said.key for change in changes if change.is_known and kinds[change.said.kind].classified}
    said = dict(zip(keys, await view.load_all(_classes_said, keys), strict=True))
    return [change for change in changes if said.get(change.said.key, classes) <= classes]


async def visible(view: View, changes: Sequence[Change]) -> list[Change]:
    """The changes that may be seen, in order."""
    found = await _open(view, changes)
    if view.reading.scope.departments is None:
        return found
    seen = await asyncio.gather(*(_is_visible(view, change) for change in found))
    return [change for change, is_seen in zip(found, seen, strict=True) if is_seen]


async def _is_visible(view: View, change: Change) -> bool:
    if not change.is_known:
        return False  # nobody can tell any more whose it was
    scope = view.context.book.kinds[change.said.kind].scope
    if scope is None or await change.subject() is not None:
        return True
    place = change.said.values.get("parent" if scope == "key" else scope)
    if not isinstance(place, int):
        return False
    departments = view.reading.scope.departments or frozenset()
    return place in departments or (scope == "position" and await view.load(ByKey("position"), place) is not None)
