"""The seats and people that quotas count, as steps in time: each statement answers for all departments at once."""

from collections.abc import Collection
from datetime import date
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
    union_all,
)
from sqlalchemy.orm import Session

from dutybook.book.quotas import PEOPLE, SEATS, SUBTREE, Limit, Step, Tally
from dutybook.book.times import FOREVER
from dutybook.db.engine import Database
from dutybook.db.in_force import known
from dutybook.db.reads import parameter, remembered, sent

KNOWN_AT, SINCE = bindparam("known_at", type_=Integer), bindparam("since", type_=Date)


def steps(session: Session, database: Database, limits: Collection[Limit], known_at: int, since: date) -> list[Step]:
    """What some limits may count from a day on, as the book knows it at a revision; all that is earlier counts as of then."""
    deep = {limit.department for limit in limits if limit.reach == SUBTREE}
    tops = deep | {limit.department for limit in limits}
    given = {"known_at": known_at, "since": since, "tops": sent(database, tops), "deep": sent(database, deep)}
    rows = session.execute(_steps(database), given)
    return [Step(measure, day, Tally(*tally)) for measure, day, *tally in rows]


@remembered
def _steps(database: Database) -> CompoundSelect[Any]:
    """The statement, put together once."""
    return _Steps(database).select()


class _Steps:
    """How it is put together."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def select(self) -> CompoundSelect[Any]:
        """By measure, day and sort: how many more there are from that day on."""
        reach = self._reach()
        rows = union_all(self._seats(reach), self._people(reach)).cte("spans")
        sort = (rows.c.top, rows.c.own, rows.c.leading, rows.c.employment_type)
        begin, end = (rows.c.measure, rows.c.start, *sort), (rows.c.measure, rows.c.end, *sort)
        real = rows.c.start < rows.c.end
        return union_all(
            select(*begin, func.sum(rows.c.amount)).where(real).group_by(*begin),
            select(*end, -func.sum(rows.c.amount)).where(real, rows.c.end < FOREVER).group_by(*end),
        )

    def _reach(self) -> CTE:
        """Each top itself, and below the deep ones every department on the days on which it is there."""
        wanted, deeper = parameter(self.database, "tops"), parameter(self.database, "deep")
        child = self.database.tables.versions["department"].alias("child")
        whole = (SINCE.label("start"), literal(FOREVER, Date).label("end"))
        reach = select(wanted.c.value.label("top"), wanted.c.value.label("department"), *whole)
        found = reach.cte("reach", recursive=True)
        lower = select(found.c.top, child.c.key, *self._common(found, child)).where(
            child.c.parent == found.c.department,
            found.c.top.in_(select(deeper.c.value)),
            *self._meeting(found, child),
        )
        return found.union(lower)

    def _seats(self, reach: CTE) -> Select[Any]:
        rows = self.database.tables.versions["position"].alias("seats")
        query = self._spans(SEATS, reach, rows, cast(null(), Text), rows.c.headcount)
        return query.add_columns(*self._common(reach, rows)).where(*self._meeting(reach, rows))

    def _people(self, reach: CTE) -> Select[Any]:
        tables = self.database.tables.versions
        rows, held, who = tables["position"].alias("posts"), tables["assignment"].alias(), tables["employee"].alias()
        query = self._spans(PEOPLE, reach, rows, who.c.employment_type, literal(1))
        return query.add_columns(*self._common(reach, rows, held, who)).where(
            *self._meeting(reach, rows, held, who),
            held.c.position == rows.c.key,
            held.c.kind == "PRIMARY",
            who.c.key == held.c.employee,
        )

    def _spans(self, measure: str, reach: CTE, rows: Any, employment_type: Any, amount: Any) -> Select[Any]:
        own = reach.c.department == reach.c.top
        return select(
            literal(measure, Text).label("measure"),
            reach.c.top,
            own.label("own"),
            func.coalesce(rows.c.leading, false()).label("leading"),
            employment_type.label("employment_type"),
            amount.label("amount"),
        ).where(rows.c.department == reach.c.department)

    def _common(self, reach: CTE, *versions: Any) -> tuple[ColumnElement[date], ColumnElement[date]]:
        """The first day that is common to some versions below a top, and the day after the last."""
        latest, earliest = (func.max, func.min) if self.database.is_sqlite else (func.greatest, func.least)
        start = latest(reach.c.start, *(rows.c.valid_from for rows in versions), type_=Date)
        end = earliest(reach.c.end, *(rows.c.valid_to for rows in versions), type_=Date)
        return start.label("start"), end.label("end")

    def _meeting(self, reach: CTE, *versions: Any) -> tuple[ColumnElement[bool], ...]:
        """The versions are known, and each has a day in common with the reach; all of them may still have none."""
        return tuple(
            condition
            for rows in versions
            for condition in (
                known(rows, KNOWN_AT),
                rows.c.valid_from < reach.c.end,
                rows.c.valid_to > reach.c.start,
            )
        )
