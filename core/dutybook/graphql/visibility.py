"""Which changes an actor sees: those of records, or of places for new records, that the scope shows."""

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from dutybook.book.changes import OPEN
from dutybook.book.nouns import INTERNAL
from dutybook.db.documents import changes_of
from dutybook.graphql.changes import Change
from dutybook.graphql.context import View
from dutybook.graphql.records import ByKey


async def _classes_said(view: View, keys: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """Loads every classification that any change has ever given to documents."""
    found: dict[int, set[str]] = {key: set() for key in keys}
    for row in await view.rows(changes_of(view.reading.database, keys)):
        values = orjson.loads(row.body).get("values", {})
        if row.verb == OPEN or "classification" in values:
            found[row.key].add(values.get("classification") or INTERNAL)
    return {key: frozenset(classes) for key, classes in found.items()}


async def _is_open(view: View, change: Change) -> bool:
    """Whether what a change says, with what was before, is of no classification that the actor may not know."""
    classes = view.reading.scope.classes
    if classes is None or not view.context.book.kinds[change.said.kind].classified:
        return True
    return await view.load(_classes_said, change.said.key) <= classes


async def visible(view: View, changes: Sequence[Change]) -> list[Change]:
    """The changes that may be seen, in order."""
    scope = view.reading.scope
    if scope.departments is None and scope.classes is None:
        return list(changes)
    seen = await asyncio.gather(*(_is_visible(view, change) for change in changes))
    return [change for change, is_seen in zip(changes, seen, strict=True) if is_seen]


async def _is_visible(view: View, change: Change) -> bool:
    wide = view.reading.scope.departments is None
    if wide or not change.is_known:
        # Of a kind that is gone nobody can tell any more whose it was.
        return wide and (not change.is_known or await _is_open(view, change))
    if not await _is_open(view, change):
        return False
    scope = view.context.book.kinds[change.said.kind].scope
    if scope is None or await change.subject() is not None:
        return True
    place = change.said.values.get("parent" if scope == "key" else scope)
    if not isinstance(place, int):
        return False
    departments = view.reading.scope.departments or frozenset()
    return place in departments or (scope == "position" and await view.load(ByKey("position"), place) is not None)
