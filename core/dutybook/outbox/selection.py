"""Which events a subscriber is to be told in which lane."""

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, func, or_, select, true

from dutybook.db.tables import Tables
from dutybook.lifecycle.plugins import Loaded

LANES = 4
"""Lanes of each subscriber. An aggregate is always in the same one, so its order holds while workers share the lanes."""


def in_lane(table: FromClause, number: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether a row's aggregate belongs to a lane."""
    return (table.c.key % LANES) == number


def subscribed(tables: Tables, plugin: Loaded) -> ColumnElement[bool]:
    """Whether an event is of a type that the plugin wants; all are where it names none."""
    kind = tables["event"].c.type
    patterns = plugin.meta.subscribes
    return or_(*(_fits(kind, pattern) for pattern in patterns)) if patterns else true()


def _fits(kind: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    start = pattern.removesuffix("*")
    return kind == pattern if start == pattern else func.substr(kind, 1, len(start)) == start


def free(tables: Tables, plugin: Loaded) -> ColumnElement[bool]:
    """Whether an event's aggregate is not parked for the plugin."""
    event, parked = tables["event"], tables["parked"]
    same = and_(parked.c.aggregate == event.c.aggregate, parked.c.key == event.c.key)
    return ~exists(select(parked.c.key).where(parked.c.subscriber == plugin.name, same))


def alive(tables: Tables, plugin: Loaded) -> ColumnElement[bool]:
    """The plugin's parked aggregates that are still tried."""
    parked = tables["parked"]
    return and_(parked.c.subscriber == plugin.name, parked.c.dead == false())
