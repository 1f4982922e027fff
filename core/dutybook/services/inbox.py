"""What waits for somebody: the submitted sets whose current step they could sign now, for themselves or on others' behalf.

It tells the same as `signing.capacity` does of one set, by a number of statements that does not grow with the sets.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, Actor, Grant
from dutybook.access.grants import places_of
from dutybook.access.identity import actors_of
from dutybook.access.scope import Scopes
from dutybook.book.changes import OPEN, Change
from dutybook.book.routes import Signer
from dutybook.book.times import STILL_KNOWN
from dutybook.db.head import head
from dutybook.db.in_force import DEPARTMENT
from dutybook.db.versions import Versions
from dutybook.services.book import Book
from dutybook.services.delegation import standing
from dutybook.services.rights import works_on_changesets
from dutybook.services.signers import is_scoped, names, role_grants
from dutybook.services.signing import APPROVED, Filled, Waiting

Record = tuple[str, int]
NOW = STILL_KNOWN - 1


class Hand(NamedTuple):
    """Who signs; for another's hand, the department that it was lent for, if for one alone."""

    actor: Actor
    is_lent: bool = False
    department: int | None = None


def waiting_for(session: Session, book: Book, actor: Actor) -> Sequence[int]:
    """The numbers of the sets that the actor could sign now."""
    if not works_on_changesets(actor):
        return []
    return Inbox(session, book, actor).numbers()


class Inbox:
    """All submitted sets, as one actor finds them."""

    def __init__(self, session: Session, book: Book, actor: Actor) -> None:
        self.session, self.book, self.actor = session, book, actor
        self._scopes = Scopes(session, book.tables, APPROVE, head(session, book.tables).revision, book.clock.today())
        self._sets = _submitted(session, book)
        self._places = places_of(session, book.tables, _codes(self._sets))
        self._hands = [Hand(actor), *self._lent()]

    def numbers(self) -> Sequence[int]:
        """The sets that somebody of these hands signs: some for certain, others if what they touch is in reach."""
        asked = {it.row.id: list(self._ways(it)) for it in self._sets}
        doubtful = {number for number, ways in asked.items() if ways and all(ways)}
        touched = Touching(self.session, self.book, doubtful).departments() if doubtful else {}

        def reaches(number: int, scopes: Sequence[frozenset[int]]) -> bool:
            return all(some and some <= scope for scope in scopes for some in touched[number])

        return [number for number, ways in asked.items() if any(not it or reaches(number, it) for it in ways)]

    def _lent(self) -> Iterator[Hand]:
        if self.actor.account is None:
            return
        rows = self.session.execute(standing(self.book, self.actor.account)).all()
        actors = actors_of(self.session, self.book.tables, {row.principal for row in rows}) if rows else {}
        for row in rows:
            if row.principal in actors:
                yield Hand(actors[row.principal], is_lent=True, department=row.department)

    def _ways(self, it: Waiting) -> Iterator[Sequence[frozenset[int]]]:
        """The ways to sign a set, each with the scopes that all of what it touches must lie in."""
        for hand in self._hands:
            if hand.is_lent and (self.actor.name == it.row.author or it.has_signed(self.actor.name)):
                continue
            if not hand.actor.may(APPROVE) or it.has_signed(hand.actor.name):
                continue
            if fit := [place for place in it.open_places if self._fits(place, hand.actor)]:
                yield list(self._within(hand, fit))

    def _within(self, hand: Hand, fit: Sequence[str]) -> Iterator[frozenset[int]]:
        if hand.department is not None:
            yield self._departments((Grant("approver", department=hand.department),)) or frozenset()
        own = None if any(map(is_scoped, fit)) else self._departments(hand.actor.grants)
        if own is not None:
            yield own

    def _fits(self, place: str, signer: Actor) -> bool:
        grants = role_grants(signer, place)
        at = Signer.read(place)
        if names(place, signer) or not grants or at is None or at.place is None:
            return names(place, signer) or bool(grants)
        organisation, department = self._places.get(at.place, (None, None))
        if department is None:
            return any(it.department is None and it.organisation in {None, organisation} for it in grants)
        reach = self._departments(grants)
        return reach is None or department in reach

    def _departments(self, grants: tuple[Grant, ...]) -> frozenset[int] | None:
        return self._scopes.of(Actor(self.actor.name, grants)).departments


class Touching:
    """The departments of all that some sets touch, read by as many statements as there are kinds and levels."""

    def __init__(self, session: Session, book: Book, numbers: Collection[int]) -> None:
        self._session, self._book = session, book
        self._changes: dict[int, dict[Record, list[Change]]] = defaultdict(lambda: defaultdict(list))
        table = book.tables["change"]
        query = select(table.c.changeset, table.c.body).where(table.c.changeset.in_(numbers))
        for number, body in session.execute(query.order_by(table.c.changeset, table.c.ordinal)):
            change = Change.parse(orjson.loads(body))
            self._changes[number][change.kind, change.key].append(change)

    def departments(self) -> Mapping[int, Sequence[frozenset[int]]]:
        """For each set the departments of each of its records, before it and with it."""
        found: dict[tuple[int, Record], set[int]] = defaultdict(set)
        level = {(number, one, one) for number, records in self._changes.items() for one in records}
        seen = set(level)
        while level:
            tops = {it for it in level if self._is_top(it[0], it[2])}
            for number, origin, top in tops:
                found[number, origin].add(top[1])
            level = {(number, origin, up) for number, origin, up in self._risen(level - tops)} - seen
            seen |= level
        return {number: [frozenset(found[number, one]) for one in records] for number, records in self._changes.items()}

    def _is_top(self, number: int, record: Record) -> bool:
        opened = any(change.verb == OPEN for change in self._changes[number].get(record, ()))
        return record[0] == DEPARTMENT and not opened

    def _risen(self, level: Collection[tuple[int, Record, Record]]) -> Iterator[tuple[int, Record, Record]]:
        """What stands above records on any day, as each set would have it."""
        keys: dict[str, set[int]] = defaultdict(set)
        for _, _, (kind, key) in level:
            keys[kind].add(key)
        tables = self._book.tables
        lines = {kind: Versions(self._session, tables, kind).timelines(some, NOW) for kind, some in keys.items()}
        for number, origin, at in level:
            field, line = self._book.kinds[at[0]].leads_by, lines[at[0]][at[1]]
            if field is None:
                continue
            for change in self._changes[number].get(at, ()):
                line = change.apply(line)
            values = {value for span in line.spans for value in span.steps.get(field.name, {}).values()}
            yield from ((number, origin, (str(field.target), value)) for value in values if isinstance(value, int))


def _submitted(session: Session, book: Book) -> Sequence[Waiting]:
    """The sets in the hands of their signers, with their steps and what was signed of the current one."""
    sets, step, signature = (book.tables[name] for name in ("changeset", "approval_step", "signature"))
    rows = session.execute(select(sets).where(sets.c.state == "SUBMITTED").order_by(sets.c.id.desc())).all()
    ours = (sets.c.state == "SUBMITTED",)
    steps: dict[int, list[Sequence[str]]] = defaultdict(list)
    laid = select(step.c.changeset, step.c.signers).join(sets, sets.c.id == step.c.changeset).where(*ours)
    for number, signers in session.execute(laid.order_by(step.c.changeset, step.c.ordinal)):
        steps[number].append(orjson.loads(signers))
    filled: dict[int, list[Filled]] = defaultdict(list)
    signed = select(signature).join(sets, sets.c.id == signature.c.changeset).where(*ours, signature.c.counts)
    signed = signed.where(signature.c.verdict == APPROVED, signature.c.step == sets.c.current_step)
    for row in session.execute(signed.order_by(signature.c.id)):
        filled[row.changeset].append(Filled(row.signer, row.signed_by, row.on_behalf_of))
    return [Waiting(row, steps[row.id], filled[row.id]) for row in rows]


def _codes(sets: Sequence[Waiting]) -> Collection[str]:
    """The places that are named by the signers of current steps."""
    signers = (Signer.read(text) for it in sets for text in it.open_places)
    return {signer.place for signer in signers if signer is not None and signer.place is not None}
