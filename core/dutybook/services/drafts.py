"""A draft in the making: its changes so far, and what the book would say with them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import cast

import orjson
from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from dutybook.book import canonical
from dutybook.book.changes import LINK, OPEN, Change, Edge
from dutybook.book.kinds import Kind, Value
from dutybook.book.personal import sealed
from dutybook.book.timeline import Timeline
from dutybook.book.times import STILL_KNOWN
from dutybook.db.bulk import insert_rows
from dutybook.db.documents import is_known, numbered
from dutybook.db.head import take_keys
from dutybook.db.names import in_batches, name_of
from dutybook.db.personal import ERASED
from dutybook.db.versions import Versions
from dutybook.errors import NotFound
from dutybook.services.book import Book
from dutybook.services.codes import next_code
from dutybook.services.refusals import ErasedPerson
from dutybook.services.write import chunks

STAGED = ("changeset", "ordinal", "group", "verb", "kind", "key", "body")


def stage(session: Session, book: Book, changeset: int, changes: Iterable[Change], first: int) -> int:
    """Stores changes behind those a set has already, from ordinal `first`; the ordinal after the last."""
    rows = (
        (changeset, ordinal, c.group, c.verb, c.kind, c.key, canonical.canonical(c.document()).decode())
        for ordinal, c in enumerate(changes, start=first)
    )
    counted = _Counting(rows)
    insert_rows(session, book.tables["change"], STAGED, counted)
    return first + counted.count


class _Counting:
    """Counts what it passes on, since rows are streamed."""

    def __init__(self, rows: Iterable[tuple[object, ...]]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        for row in self.rows:
            self.count += 1
            yield row


class Draft:
    """A change set while changes are added to it. `timeline` and `children` see the head with those changes applied.

    `classes` are the classifications of documents that whoever adds them may know; None stands for all of them.
    """

    def __init__(
        self, session: Session, book: Book, row: Row[tuple[object, ...]], classes: frozenset[str] | None = None
    ) -> None:
        self.session, self.book, self._classes = session, book, classes
        self.id: int = row.id
        self.organisation: int | None = row.organisation
        self.effective_on: date = row.effective_on
        self.changes = [change for chunk in chunks(session, book, row.id) for change in chunk]
        self.stored = len(self.changes)
        self.said: str | None = None
        self.group = 0
        self._before: dict[tuple[str, int], Timeline] = {}
        self._lines: dict[tuple[str, int], Timeline] = {}
        self._opened: dict[tuple[str, str], int] = {}
        for kind in {change.kind for change in self.changes}:
            self.know(kind, {change.key for change in self.changes if change.kind == kind})
        for change in self.changes:
            self._apply(change)

    def begin(self, said: str | None) -> None:
        """What follows was said together, in one word."""
        self.said = said
        self.group = max((change.group for change in self.changes), default=0) + 1

    def timeline(self, kind: str, key: int) -> Timeline:
        """A record's life as it would be."""
        if (kind, key) not in self._lines:
            self.know(kind, [key])
        return self._lines[kind, key]

    def before(self, kind: str, key: int) -> Timeline:
        """A record's life as the head has it, without what this set does to it."""
        self.timeline(kind, key)
        return self._before.get((kind, key), Timeline())

    def know(self, kind: str, keys: Iterable[int]) -> None:
        """Reads the lives of several records by as few statements as one takes; asked for one by one they cost one each."""
        unknown = [key for key in keys if (kind, key) not in self._lines]
        lines = Versions(self.session, self.book.tables, kind).timelines(unknown, STILL_KNOWN - 1)
        found = {(kind, key): line for key, line in lines.items()}
        self._before |= found
        self._lines |= found

    def value(self, kind: str, key: int, name: str, day: date) -> Value:
        """A field of a record on a day as it would be."""
        return self.timeline(kind, key).value(name, day)

    def add(self, change: Change) -> None:
        """Adds one change; what it cannot be applied to refuses it here."""
        change = change.grouped(self.group, self.said)
        self._apply(change)
        self.changes.append(change)

    def _apply(self, change: Change) -> None:
        line = self.timeline(change.kind, change.key)
        self._lines[change.kind, change.key] = change.apply(line)
        if change.verb == OPEN and change.code:
            self._opened[change.kind, change.code] = change.key

    def link(self, kind: str, key: int, edge: str, other_kind: str, other: int) -> None:
        """Adds a step of lineage."""
        self.add(Change(LINK, kind, key, edge=Edge(edge, other_kind, other)))

    def children(self, kind: str, field: str, parent: int, day: date) -> list[int]:
        """The records in force on or after a day that refer to `parent` then, in official order."""
        rows = self.book.tables.versions[kind]
        reference = rows.c[field] == parent
        head = (
            select(rows.c.key).where(reference, rows.c.until_revision == STILL_KNOWN, rows.c.valid_to > day).distinct()
        )
        keys = {*self.session.scalars(head), *(key for name, key in self._lines if name == kind)}
        self.know(kind, keys)
        found = [key for key in keys if self.referring(kind, key, field, parent, day)]
        return sorted(found, key=lambda key: (self.rank(kind, key, day) or "", key))

    def families(self, kind: str, field: str, parents: Collection[int], day: date) -> dict[int, list[int]]:
        """The `children` of many parents at once."""
        rows = self.book.tables.versions[kind]
        head = select(rows.c.key).where(rows.c.until_revision == STILL_KNOWN, rows.c.valid_to > day).distinct()
        self.know(kind, {key for (key,) in in_batches(self.session, head, rows.c[field], parents)})
        found: dict[int, list[int]] = {parent: [] for parent in parents}
        for key in [key for name, key in self._lines if name == kind]:
            spans = [span for span in self.timeline(kind, key).spans if span.end > day]
            named = {value for span in spans for value in span.steps.get(field, {}).values()}
            for parent in (value for value in named if isinstance(value, int) and value in found):
                if self.referring(kind, key, field, parent, day):
                    found[parent].append(key)
        for keys in found.values():
            keys.sort(key=lambda key: (self.rank(kind, key, day) or "", key))
        return found

    def referring(self, kind: str, key: int, field: str, parent: int, day: date) -> list[date]:
        """The days, from `day` on, from which a record refers to `parent`: several where it comes back to it."""
        spans = [span for span in self.timeline(kind, key).spans if span.end > day]
        days = {max(day, when) for span in spans for when in span.steps.get(field, {})}
        return sorted(when for when in days if self.value(kind, key, field, when) == parent)

    def rank(self, kind: str, key: int, day: date) -> str | None:
        """Where a record stands among its siblings on a day; one that begins later, where it will stand then."""
        start = min((span.start for span in self.timeline(kind, key).spans if span.end > day), default=day)
        found = self.value(kind, key, "rank", max(day, start))
        return None if found is None else str(found)

    def roots(self, kind: str, parents: Sequence[str], organisation: int, day: date) -> list[int]:
        """The records of an organisation in force on a day that lie under no parent, in official order."""
        rows, identity = self.book.tables.versions[kind], self.book.tables.identities[kind]
        head = (
            select(rows.c.key)
            .join(identity, identity.c.key == rows.c.key)
            .where(rows.c.until_revision == STILL_KNOWN, rows.c.valid_to > day, identity.c.organisation == organisation)
            .where(*(rows.c[parent].is_(None) for parent in parents))
        )
        ours = {c.key for c in self.changes if c.kind == kind and c.verb == OPEN and c.organisation == organisation}
        keys = {*self.session.scalars(head.distinct()), *ours}
        self.know(kind, keys)
        found = [key for key in keys if self._rootless(kind, key, parents, day)]
        return sorted(found, key=lambda key: (self.rank(kind, key, day) or "", key))

    def _rootless(self, kind: str, key: int, parents: Sequence[str], day: date) -> bool:
        there = self.timeline(kind, key).span_on(day) is not None
        return there and all(self.value(kind, key, parent, day) is None for parent in parents)

    def organisation_of(self, kind: str, key: int) -> int:
        """The organisation that a record belongs to for ever."""
        opened = next((c for c in self.changes if (c.kind, c.key, c.verb) == (kind, key, OPEN)), None)
        if opened:
            return opened.organisation or 0
        table = self.book.tables.identities[kind]
        found: int = self.session.scalars(select(table.c.organisation).where(table.c.key == key)).one()
        return found

    def has_opened(self, kind: str, key: int) -> bool:
        """Whether this set itself opens a record."""
        return any((c.kind, c.key, c.verb) == (kind, key, OPEN) for c in self.changes)

    def by_code(self, kind: str, code: str) -> int | None:
        """The key under a code: what this set opens, else the one record of the organisation meant, or of the book.

        A document goes by its number.
        """
        if (opened := self.opened(kind, code)) is not None:
            return opened
        if kind == "document":
            keys = numbered(self.session, self.book.tables, code, self._classes)
            return keys[0] if len(keys) == 1 else None
        table = self.book.tables.identities[kind]
        query = select(table.c.key).where(table.c.code == code)
        if kind != "organisation" and self.only_organisation is not None:
            query = query.where(table.c.organisation == self.only_organisation)
        keys = self.session.scalars(query.limit(2)).all()
        return keys[0] if len(keys) == 1 else None

    def code_of(self, kind: str, key: int) -> str | None:
        """The code of a record, also of one that this set opens."""
        table = self.book.tables.identities[kind]
        opened = (code for (name, code), other in self._opened.items() if (name, other) == (kind, key))
        return next(opened, None) or self.session.scalar(select(table.c.code).where(table.c.key == key))

    def knows(self, kind: str, key: int) -> bool:
        """Whether a record is there, or this set opens it; not a document that is not for whoever adds to it."""
        if self.has_opened(kind, key):
            return True
        there = bool(self.timeline(kind, key).spans)
        if not there or kind != "document" or self._classes is None:
            return there
        return is_known(self.session, self.book.tables, key, self._classes)

    def opened(self, kind: str, code: str) -> int | None:
        """The key of what this set itself opens under a code."""
        return self._opened.get((kind, code))

    def new_key(self) -> int:
        """A key for a record that this set opens."""
        return take_keys(self.session, self.book.tables, 1)[0]

    def new_keys(self, kind: str, count: int) -> Sequence[int]:
        """Keys for many records of a kind; that nothing is known of them needs no looking up."""
        keys = take_keys(self.session, self.book.tables, count) if count else ()
        self._lines |= {(kind, key): Timeline() for key in keys}
        return keys

    def new_code(self, kind: Kind, organisation: int) -> str:
        """The next free code, also among those that this set opens."""
        taken = [code for name, code in self._opened if name == kind.name]
        return next_code(self.session, self.book, kind, organisation, taken)

    def sealed(self, kind: Kind, key: int, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values with personal ones replaced by digests; the clear values go into their vault."""
        return seal(self.session, self.book, kind, key, values)

    def refuse_erased(self, kind: Kind, key: int, values: Mapping[str, Value]) -> None:
        """ErasedPerson for a record about somebody whose personal values were erased: they come back under a new number."""
        person = key if kind.person == "key" else values.get(str(kind.person))
        if isinstance(person, int):
            _refuse_erased(self.session, self.book, "employee", person)

    @cached_property
    def only_organisation(self) -> int | None:
        """The organisation meant where none is named: the set's, the one it opens, or the book's only one."""
        opened = [c.key for c in self.changes if c.kind == "organisation" and c.verb == OPEN]
        known = self.session.scalars(select(self.book.tables.identities["organisation"].c.key).limit(2)).all()
        candidates = [self.organisation] if self.organisation else opened or list(known)
        return candidates[0] if len(candidates) == 1 else None

    def save(self) -> None:
        """Stores what was added."""
        stage(self.session, self.book, self.id, self.changes[self.stored :], self._next_ordinal())
        self.stored = len(self.changes)

    def _next_ordinal(self) -> int:
        change = self.book.tables["change"]
        last = select(func.max(change.c.ordinal)).where(change.c.changeset == self.id)
        highest = self.session.execute(last).scalar_one_or_none()
        return 0 if highest is None else highest + 1


def seal(session: Session, book: Book, kind: Kind, key: int, values: Mapping[str, Value]) -> dict[str, Value]:
    """Replaces personal values by digests under the record's own key, and keeps the clear values apart."""
    clear = {name: value for name, value in values.items() if name in kind.personal and value is not None}
    if not clear:
        return dict(values)
    if isinstance(person := values.get(str(kind.person)), int):
        _refuse_erased(session, book, "employee", person)
    secret = _secret(session, book, kind.name, key)
    digests = {name: str(sealed(secret, name, value)) for name, value in clear.items()}
    vault = book.tables["personal_value"]
    known = set(session.scalars(select(vault.c.digest).where(vault.c.digest.in_(digests.values()))))
    rows = [
        (digest, kind.name, key, name, orjson.dumps(clear[name]).decode())
        for name, digest in digests.items()
        if digest not in known
    ]
    insert_rows(session, vault, ("digest", "kind", "key", "field", "value"), rows)
    return {**values, **digests}


def _secret(session: Session, book: Book, kind: str, key: int) -> bytes:
    found = _refuse_erased(session, book, kind, key)
    if found is None:
        found = book.entropy(32)
        session.execute(insert(book.tables["personal_key"]).values(kind=kind, key=key, secret=found))
    return found


def _refuse_erased(session: Session, book: Book, kind: str, key: int) -> bytes | None:
    """The secret of a record, if it has one; ErasedPerson where it was taken away for good."""
    table = book.tables["personal_key"]
    found = session.scalar(select(table.c.secret).where(table.c.kind == kind, table.c.key == key))
    if found == ERASED:
        raise ErasedPerson(kind, key, name_of(session, book.tables, kind, key))
    return cast("bytes | None", found)


def changeset_row(session: Session, book: Book, changeset: int, *, lock: bool = False) -> Row[tuple[object, ...]]:
    """The row of a change set; NotFound names a number that is none."""
    table = book.tables["changeset"]
    query = select(table).where(table.c.id == changeset)
    row = session.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(f"没有编号为 {changeset} 的变更单。", f"There is no change set {changeset}.", path=["changeSet"])
    return row


def changeset_of(session: Session, book: Book, revision: int) -> int:
    """The change set that made a revision; NotFound where there is no such revision."""
    table = book.tables["revision"]
    found: int | None = session.scalar(select(table.c.changeset).where(table.c.number == revision))
    if found is None:
        raise NotFound(f"没有第 {revision} 版次。", f"There is no revision {revision}.", path=["revision"])
    return found
