"""Where the records that a draft touches stand, before it and with it: what chooses routes of approval."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property

from sqlalchemy import select

from dutybook.book.changes import OPEN
from dutybook.book.routes import Place
from dutybook.book.times import Time
from dutybook.db.head import head
from dutybook.db.in_force import DEPARTMENT, EVERYTHING, in_force
from dutybook.db.names import in_batches
from dutybook.services.drafts import Draft

Record = tuple[str, int]
ORGANISATION = "organisation"


class Standing:
    """The places of everything that a draft touches, read by as many statements as there are kinds and levels."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._since = _first_days(draft)
        self._organisations: dict[Record, int | None] = {}
        self._paths: dict[int, frozenset[tuple[int, ...]]] = {}

    def places(self) -> Mapping[Record, frozenset[Place]]:
        """For each record its places on the days from the first that is changed; one that moves has both."""
        tops = self._tops()
        self._know_organisations({top for some in tops.values() for top in some})
        return {(kind, key): frozenset(self._of(kind, tops[kind, key])) for kind, key in self._since}

    def _of(self, kind: str, tops: Collection[Record]) -> Iterator[Place]:
        for top in tops:
            organisation = self._organisations[top]
            if top[0] != DEPARTMENT:
                yield Place(kind, (), organisation)
                continue
            if top[1] not in self._paths:
                self._paths[top[1]] = frozenset(self._above_department(top[1]))
            for path in self._paths[top[1]]:
                yield Place(kind, path, organisation)

    def _tops(self) -> Mapping[Record, Collection[Record]]:
        """What each record belongs to in the end: departments, or itself where it is in none."""
        tops: dict[Record, set[Record]] = defaultdict(set)
        level = {(record, record) for record in self._since}
        seen = set(level)
        while level:
            self._know(at for _, at in level)
            risen = set[tuple[Record, Record]]()
            for origin, at in level:
                above = set(self._above(at, self._since[origin]))
                risen |= {(origin, up) for up in above}
                if not above:
                    tops[origin].add(at)
            level = risen - seen
            seen |= risen
        return tops

    def _know(self, records: Iterator[Record]) -> None:
        keys: dict[str, set[int]] = defaultdict(set)
        for kind, key in records:
            keys[kind].add(key)
        for kind, some in keys.items():
            self.draft.know(kind, some)

    def _above(self, record: Record, day: date) -> Iterator[Record]:
        kind = self.draft.book.kinds[record[0]]
        if kind.name != DEPARTMENT:
            names = (kind.leads_by.name, *kind.parents) if kind.leads_by else kind.parents
            for name in dict.fromkeys(names):
                target = str(kind.by_name[name].target)
                yield from ((target, above) for above in self._held(record, name, day) if above is not None)

    def _held(self, record: Record, name: str, day: date) -> set[int | None]:
        """What a reference leads to on a day and later, as the book has it and as it would be."""
        found = set[int | None]()
        for line in (self.draft.before(*record), self.draft.timeline(*record)):
            for span in (span for span in line.spans if span.end > day):
                steps = span.steps.get(name, {})
                first = max((when for when in steps if when <= day), default=day)
                found |= {value if isinstance(value, int) else None for when, value in steps.items() if when >= first}
        return found

    def _above_department(self, key: int, below: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
        """The ways up from a department: several where the draft moves it or what is above it."""
        path = (*below, key)
        parents = self._parents(key)
        if not parents or None in parents:
            yield path
        for parent in parents:
            if parent is not None and parent not in path:
                yield from self._above_department(parent, path)

    def _parents(self, key: int) -> Collection[int | None]:
        day = self._since.get((DEPARTMENT, key))
        if day is None and key in self._tree:
            return {self._tree[key]}
        return self._held((DEPARTMENT, key), "parent", day or self.draft.book.clock.today())

    @cached_property
    def _tree(self) -> Mapping[int, int | None]:
        """The parents of the departments in force today."""
        draft, tables = self.draft, self.draft.book.tables
        now = Time(draft.book.clock.today(), head(draft.session, tables).revision)
        rows = in_force(tables, DEPARTMENT, now, EVERYTHING)
        return {row.key: row.parent for row in draft.session.execute(select(rows.c.key, rows.c.parent))}

    def _know_organisations(self, records: Collection[Record]) -> None:
        keys: dict[str, set[int]] = defaultdict(set)
        for kind, key in records:
            keys[kind].add(key)
            self._organisations[kind, key] = key if kind == ORGANISATION else None
        for kind in keys.keys() - {ORGANISATION}:
            table = self.draft.book.tables.identities[kind]
            query = select(table.c.key, table.c.organisation)
            for key, organisation in in_batches(self.draft.session, query, table.c.key, keys[kind]):
                self._organisations[kind, key] = organisation or None
        for change in self.draft.changes:
            if change.verb == OPEN and change.kind != ORGANISATION and (change.kind, change.key) in records:
                self._organisations[change.kind, change.key] = change.organisation or None


def _first_days(draft: Draft) -> Mapping[Record, date]:
    """The records that a draft touches, each with the first day that it changes; lineage has no days and comes along."""
    days: dict[Record, date] = {}
    for change in draft.changes:
        if change.start is not None:
            record = (change.kind, change.key)
            days[record] = min(days.get(record, change.start), change.start)
    return days
