"""What is read of quotas: which ones a change set can touch, and who counts for them on a day."""

from collections.abc import Collection, Set
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from dutybook.book.quotas import OWN, SUBTREE, Limit
from dutybook.db.departments import below
from dutybook.db.reads import Reading, asked, remembered
from dutybook.db.tables import Tables

CHANGESET, REVISION = bindparam("changeset", type_=Integer), bindparam("revision", type_=Integer)
SINCE = bindparam("since", type_=Date)
COUNTING = frozenset({"department", "position", "assignment", "employee", "quota"})
"""The kinds that quotas depend on: a set of others costs no statement."""


def limits(
    session: Session, tables: Tables, changeset: int, revision: int, since: date, kinds: Set[str]
) -> tuple[list[Limit], list[Limit]]:
    """What was allowed before a revision, and what is after it, wherever its set can have changed who counts.

    Those are the departments in which something changed, with the quotas for subtrees of all departments above.
    """
    given = {"changeset": changeset, "revision": revision, "since": since}
    rows = session.execute(_limits(tables, COUNTING & kinds), given).all()
    before = [Limit(*row[:-2]) for row in rows if row.since_revision < revision]
    return before, [Limit(*row[:-2]) for row in rows if row.until_revision > revision]


@lru_cache(maxsize=128)
def _limits(tables: Tables, kinds: frozenset[str]) -> CompoundSelect[Any]:
    """The statement, put together once for all sets that touch the same kinds."""
    return _Set(tables).limits(kinds)


class _Set:
    """A change set that has just been written as a revision: what it can have changed."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def limits(self, kinds: Collection[str]) -> CompoundSelect[Any]:
        """The columns of a limit and the revisions that knew it."""
        touched = union(*(self._departments(kind) for kind in sorted(kinds))).cte("touched")
        above, rows = self._above(touched), self.tables.versions["quota"].alias()
        quotas = self._told(rows, "quota", rows.c.department, rows.c.reach, rows.c.employment_type, rows.c.seats)
        plain = self.tables.versions["department"].alias()
        total = self._told(plain, "department", plain.c.key, literal(OWN), cast(null(), Text), plain.c.quota)
        return union_all(
            quotas.where(rows.c.reach == SUBTREE, rows.c.department.in_(select(above.c.key))),
            quotas.where(rows.c.reach == OWN, rows.c.department.in_(select(touched.c.key))),
            total.where(plain.c.quota.is_not(None), plain.c.key.in_(select(touched.c.key))),
        )

    def _told(self, rows: Any, kind: str, department: Any, reach: Any, employment_type: Any, seats: Any) -> Select[Any]:
        leading = func.coalesce(rows.c.leading, false()) if "leading" in rows.c else false()
        days, revisions = (rows.c.valid_from, rows.c.valid_to), (rows.c.since_revision, rows.c.until_revision)
        who = (literal(kind).label("kind"), rows.c.key, department, reach, employment_type, leading, seats)
        return select(*who, *days, *revisions).where(rows.c.valid_to > SINCE, self._lately(rows))

    def _lately(self, rows: Any) -> ColumnElement[bool]:
        """What the revision knows, and what the one before it knew."""
        lately: ColumnElement[bool] = rows.c.until_revision >= REVISION
        return lately

    def _departments(self, kind: str) -> Select[Any]:
        """The departments whose count can have changed with the records of a kind."""
        change = self.tables["change"]
        keys = select(change.c.key.label("key")).where(change.c.changeset == CHANGESET, change.c.kind == kind)
        if kind == "department":
            return keys
        if kind in {"quota", "position"}:
            rows = self.tables.versions[kind].alias(f"changed_{kind}")
            return select(rows.c.department.label("key")).where(rows.c.key.in_(keys), self._lately(rows))
        column = "employee" if kind == "employee" else "key"
        held = self.tables.versions["assignment"].alias(f"held_by_{kind}")
        post = self.tables.versions["position"].alias(f"post_by_{kind}")
        return select(post.c.department.label("key")).where(
            held.c[column].in_(keys),
            held.c.kind == "PRIMARY",
            post.c.key == held.c.position,
            self._lately(held),
            self._lately(post),
        )

    def _above(self, touched: CTE) -> CTE:
        """The touched departments and all that stand above them, on whatever day."""
        rows = self.tables.versions["department"].alias("higher")
        up = select(touched.c.key).cte("above", recursive=True)
        return up.union(
            select(rows.c.parent).where(rows.c.key == up.c.key, rows.c.parent.is_not(None), self._lately(rows))
        )


@remembered
def seats(reading: Reading) -> Select[Any]:
    """The approved seats of each department asked for and of all below it, by sort: the columns of a tally."""
    rows = reading.source("position")
    return _tallied(reading, rows, cast(null(), Text), func.sum(rows.c.headcount))


@remembered
def people(reading: Reading) -> Select[Any]:
    """The primary assignments there, by sort: the columns of a tally."""
    rows, held, who = (reading.source(kind) for kind in ("position", "assignment", "employee"))
    query = _tallied(reading, rows, who.c.employment_type, func.count())
    return query.where(held.c.position == rows.c.key, held.c.kind == "PRIMARY", who.c.key == held.c.employee)


def _tallied(reading: Reading, rows: Any, employment_type: Any, amount: Any) -> Select[Any]:
    tops = reading.source("department").alias("tops")
    down = below(reading, select(tops.c.key).where(asked(reading.database, tops.c.key)))
    sort = (down.c.top, down.c.key == down.c.top, func.coalesce(rows.c.leading, false()), employment_type)
    return select(*sort, amount).join(down, down.c.key == rows.c.department).group_by(*sort)
