"""Which changes an actor sees: those of records, or of places for new records, that the scope shows."""

import asyncio
from collections.abc import Sequence

from dutybook.graphql.changes import Change
from dutybook.graphql.context import View
from dutybook.graphql.records import ByKey


async def visible(view: View, changes: Sequence[Change]) -> list[Change]:
    """The changes that may be seen, in order."""
    if view.reading.scope.departments is None:
        return list(changes)
    seen = await asyncio.gather(*(_is_visible(view, change) for change in changes))
    return [change for change, is_seen in zip(changes, seen, strict=True) if is_seen]


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
