"""Whose personal values are shown: the one policy, and the one place from which clear values leave the vault."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select

from dutybook.book.kinds import Kind
from dutybook.db.in_force import Scope, in_force
from dutybook.db.reads import Reading, asked, remembered

ERASED = b""
"""What stands in the place of a key that was destroyed: nothing personal is recorded under it again."""

Departments = frozenset[int] | None
"""Some departments; None stands for all of them."""

NOWHERE: Departments = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """Where an actor may read personal values, where only names and office contacts, and whose number is its own.

    A person is where an assignment is that is in force at the time that is looked at.
    """

    personal: Departments = NOWHERE
    contact: Departments = NOWHERE
    own: str | None = None

    @property
    def is_blind(self) -> bool:
        """Whether nobody's values are shown."""
        return self == BLIND

    @property
    def is_whole(self) -> bool:
        """Whether everybody's values are shown."""
        return self.personal is None


BLIND, WHOLE = Sight(), Sight(None, None)


@remembered
def readable(reading: Reading, sight: Sight) -> Subquery:
    """The clear values that may be seen: digest, kind, key, field, value, and how a name is sought."""
    vault = reading.database.tables["personal_value"]
    query = select(vault)
    if not sight.is_whole:
        query = query.where(or_(False, *_shown(reading, sight, vault)))
    return query.subquery("readable")


@remembered
def clear_values(reading: Reading, sight: Sight) -> Select[Any]:
    """The values that the digests asked for stand for; what was erased, or may not be seen, is absent."""
    values = readable(reading, sight)
    return select(values.c.digest, values.c.value).where(asked(reading.database, values.c.digest))


def _shown(reading: Reading, sight: Sight, vault: Any) -> Iterator[ColumnElement[bool]]:
    """Which rows of the vault are shown to those who may not read everybody's."""
    kinds = [kind for kind in reading.database.tables.kinds if kind.personal and kind.person]
    for kind in kinds:
        ours = vault.c.kind == kind.name
        if people := list(_people(reading, sight.personal, sight.own)):
            yield and_(ours, _about(reading, kind, vault.c.key, people))
        contact = and_(ours, vault.c.field.in_(sorted(kind.contacts)))
        if kind.contacts and sight.contact is None:
            yield contact
        elif kind.contacts and (people := list(_people(reading, sight.contact, None))):
            yield and_(contact, _about(reading, kind, vault.c.key, people))


def _people(reading: Reading, departments: Departments, own: str | None) -> Iterator[Select[Any]]:
    """The keys of those who are assigned in some departments, and of the one employee of a number."""
    tables = reading.database.tables
    if departments != NOWHERE:
        yield select(in_force(tables, "assignment", reading.time, Scope(departments)).c.employee)
    if own is not None:
        identity = tables.identities["employee"]
        # Two organisations may have given one number: nobody can tell then who is meant.
        yield select(func.min(identity.c.key)).where(identity.c.code == own).having(func.count() == 1)


def _about(reading: Reading, kind: Kind, key: Any, people: Collection[Select[Any]]) -> ColumnElement[bool]:
    """Whether a record is about these people alone, in all that was ever said of it."""
    if kind.person == "key":
        return or_(*(key.in_(some) for some in people))
    rows = reading.database.tables.versions[kind.name].alias()
    person = rows.c[str(kind.person)]
    ours = select(rows.c.key).where(rows.c.key == key, person.is_not(None))
    theirs = or_(*(person.in_(some) for some in people))
    return and_(ours.exists(), ~ours.where(~theirs).exists())
