"""What is read of duties: those of a place; a standard's duty counts where it is followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    cast,
    func,
    literal,
    not_,
    select,
    union_all,
)

from dutybook.db.paging import page
from dutybook.db.positions import ANYWHERE, Place, at_place
from dutybook.db.reads import Reading


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties are meant; what is None does not matter. `position` is a code, `document` a key that they rest on."""

    place: Place = ANYWHERE
    position: str | None = None
    document: int | None = None

    @property
    def anywhere(self) -> bool:
        """Whether it names no place."""
        return self.position is None and self.place.department is None and self.place.organisation is None


def found(
    reading: Reading, wanted: DutyFilter, after: Sequence[object] | None = None, limit: int | None = None
) -> Select[Any]:
    """Key, text, involvement of each duty, and the position that shows it, in the order of keys."""
    branches = [_own(reading, wanted), _followed(reading, wanted)]
    if limit is not None:
        # Each branch is cut by itself, so that neither database sorts all duties of the enterprise for one page.
        branches = [select(page(branch, [branch.selected_columns[0]], after, limit).subquery()) for branch in branches]
    rows = union_all(*branches).subquery("found")
    query: Select[Any] = select(rows).order_by(rows.c.key)
    return query if limit is None else query.limit(limit + 1)


def _own(reading: Reading, wanted: DutyFilter) -> Select[Any]:
    duty = reading.source("duty")
    shown: tuple[Any, ...] = (duty.c.key, duty.c.text, duty.c.involvement, duty.c.position.label("shown_by"))
    query: Select[Any] = select(*shown, duty.c.standard.label("via"))
    query = _resting(query.where(duty.c.position.is_not(None)), duty, wanted)
    if wanted.anywhere:
        return query
    holder = reading.source("position")
    return query.where(duty.c.position.in_(_at(reading, select(holder.c.key), holder, wanted)))


def _followed(reading: Reading, wanted: DutyFilter) -> Select[Any]:
    """A standard's duty is listed once, at the first of the followers that are meant."""
    duty, holder = reading.source("duty"), reading.source("position")
    shown: tuple[Any, ...] = (duty.c.key, duty.c.text, duty.c.involvement)
    query: Select[Any] = select(*shown, func.min(holder.c.key), duty.c.standard)
    query = query.join(holder, and_(holder.c.standard == duty.c.standard, not_(left_out(holder, duty))))
    # Said twice over for SQLite, which does not conclude from the join that it may skip all that follow nothing.
    query = query.where(duty.c.standard.is_not(None), holder.c.standard.is_not(None))
    query = _resting(_at(reading, query, holder, wanted), duty, wanted)
    return query.group_by(*shown, duty.c.standard)


def left_out(position: FromClause, duty: FromClause) -> ColumnElement[bool]:
    """Whether the list of exceptions holds the duty."""
    return _listed(position.c.exceptions, cast(duty.c.key, String))


def _listed(keys: Any, key: Any) -> ColumnElement[bool]:
    """Whether a list of keys, stored as `[12,34]`, holds one."""
    listed = func.replace(func.replace(func.coalesce(keys, "[]"), "[", ","), "]", ",")
    return listed.like(literal("%,").concat(key).concat(",%"))


def _resting(query: Select[Any], duty: FromClause, wanted: DutyFilter) -> Select[Any]:
    return query if wanted.document is None else query.where(_listed(duty.c.documents, str(wanted.document)))


def _at(reading: Reading, query: Select[Any], positions: Subquery, wanted: DutyFilter) -> Select[Any]:
    if wanted.position is not None:
        query = query.where(positions.c.code == wanted.position)
    return at_place(reading, query, positions, wanted.place)
