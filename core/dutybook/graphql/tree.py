"""The tree of departments of one time, as far as it can be seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from dutybook.db.reads import every
from dutybook.graphql.context import View
from dutybook.graphql.records import RECORDS


class Tree:
    """All departments in official order, each with its ordinal among its siblings."""

    def __init__(self, organisations: Sequence[int], rows: Sequence[Row[Any]]) -> None:
        self._seen = {row.key for row in rows}
        self._below: dict[tuple[int, int | None], list[Row[Any]]] = {}
        for row in rows:
            self._below.setdefault((row.organisation, self._above(row)), []).append(row)
        self.places: dict[int, int] = {}
        self.rows = [row for organisation in organisations for row in self._walk(organisation, None)]
        self.order = {row.key: at for at, row in enumerate(self.rows)}

    def _above(self, row: Row[Any]) -> int | None:
        """The parent, if it can be seen: what lies right below a hidden department counts as a root."""
        return row.parent if row.parent in self._seen else None

    def is_root(self, row: Row[Any]) -> bool:
        """Whether no visible department is above."""
        return self._above(row) is None

    def _walk(self, organisation: int, parent: int | None) -> Iterator[Row[Any]]:
        for place, row in enumerate(self._below.get((organisation, parent), ()), 1):
            self.places[row.key] = place
            yield row
            yield from self._walk(organisation, row.key)

    def records(self, view: View, wanted: Callable[[Row[Any]], bool]) -> list[Any]:
        """The departments that are wanted, in order."""
        made = RECORDS["department"]
        return [made(view, row, self.places[row.key]) for row in self.rows if wanted(row)]


async def load_tree(view: View, keys: Sequence[None]) -> Mapping[None, Tree]:
    """Reads the tree; organisations are only asked for their order where there are several."""
    rows = await view.rows(every(view.reading, "department"))
    organisations = sorted({row.organisation for row in rows})
    if len(organisations) > 1:
        ranked = [row.key for row in await view.rows(every(view.reading, "organisation"))]
        organisations = sorted(
            organisations, key=lambda key: (ranked.index(key) if key in ranked else len(ranked), key)
        )
    return dict.fromkeys(keys, Tree(organisations, rows))
