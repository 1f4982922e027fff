"""What is read of duties: those of a place; a standard's duty counts where it is followed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    not_,
    select,
    union_all,
)

from dutybook.db.documents import readable
from dutybook.db.paging import page
from dutybook.db.positions import ANYWHERE, Place, at_place
from dutybook.db.reads import Reading, kept, numbered
from dutybook.db.search_tokens import SHIFT


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties are meant; what is None does not matter. `position` is a code, `document` a key that they rest on, `slots`
    stand for involvements.
    """

    place: Place = ANYWHERE
    position: str | None = None
    document: int | None = None
    slots: tuple[int, ...] | None = None

    @property
    def anywhere(self) -> bool:
        """Whether it names no place."""
        return self.position is None and self.place.department is None and self.place.organisation is None


@kept
def found(reading: Reading, wanted: DutyFilter, *, behind: bool) -> Select[Any]:
    """The key of each duty, the position that shows it and the standard by which it does: a page in the order of keys.

    It has one duty more than the parameter `limit`, `behind` the key that is the parameter `after`. It is planned for its
    values: by a plan for any page PostgreSQL expects a tenth of all duties.
    """
    after, limit = [bindparam("after", type_=BigInteger)] if behind else None, bindparam("limit", type_=Integer)
    # Each branch is cut by itself, so that neither database sorts all duties of the enterprise for one page.
    branches = [_own(reading, wanted), _followed(reading, wanted)]
    cut = [select(page(branch, [branch.selected_columns[0]], after, limit).subquery()) for branch in branches]
    rows = union_all(*cut).subquery("found")
    return select(rows).order_by(rows.c.key).limit(limit + 1)


@kept
def counted(reading: Reading, wanted: DutyFilter) -> Select[Any]:
    """How many they are in all."""
    rows = union_all(_own(reading, wanted), _followed(reading, wanted)).subquery("found")
    return select(func.count()).select_from(rows)


def _own(reading: Reading, wanted: DutyFilter) -> Select[Any]:
    duty = numbered(reading, "duty")
    query: Select[Any] = select(duty.c.key, duty.c.position.label("shown_by"), duty.c.standard.label("via"))
    query = query.where(duty.c.position.is_not(None), *_meant(reading, duty, wanted))
    if wanted.anywhere:
        return query
    holder = reading.source("position")
    return query.where(duty.c.position.in_(_at(reading, select(holder.c.key), holder, wanted)))


def _followed(reading: Reading, wanted: DutyFilter) -> Select[Any]:
    """A standard's duty is listed once, at the first of the followers that are meant."""
    duty, holder = numbered(reading, "duty"), reading.source("position")
    query: Select[Any] = select(duty.c.key, func.min(holder.c.key), duty.c.standard)
    query = query.join(holder, and_(holder.c.standard == duty.c.standard, not_(left_out(holder, duty))))
    # Said twice over for SQLite, which does not conclude from the join that it may skip all that follow nothing.
    query = query.where(duty.c.standard.is_not(None), holder.c.standard.is_not(None), *_meant(reading, duty, wanted))
    return _at(reading, query, holder, wanted).group_by(duty.c.key, duty.c.standard)


def left_out(position: FromClause, duty: FromClause) -> ColumnElement[bool]:
    """Whether the list of exceptions holds the duty."""
    return _listed(position.c.exceptions, cast(duty.c.key, String))


def _listed(keys: Any, key: Any) -> ColumnElement[bool]:
    """Whether a list of keys, stored as `[12,34]`, holds one."""
    listed = func.replace(func.replace(func.coalesce(keys, "[]"), "[", ","), "]", ",")
    return listed.like(literal("%,").concat(key).concat(",%"))


def _meant(reading: Reading, duty: FromClause, wanted: DutyFilter) -> Iterator[ColumnElement[bool]]:
    """How a duty involves its position is read from its words, and known to the search index by the slot of its entry."""
    if wanted.document is not None:
        yield _listed(duty.c.documents, str(wanted.document))
        yield readable(reading, wanted.document)
    if wanted.slots is not None:
        entry = reading.database.tables["search_entry"]
        yield exists().where(entry.c.id.in_([duty.c.version + literal(slot << SHIFT) for slot in wanted.slots]))


def _at(reading: Reading, query: Select[Any], positions: Subquery, wanted: DutyFilter) -> Select[Any]:
    if wanted.position is not None:
        query = query.where(positions.c.code == wanted.position)
    return at_place(reading, query, positions, wanted.place)
