"""The tables that plugins live by: who is enabled, how far each has been delivered to, what is parked, which jobs are due."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from dutybook.db.stamps import Id, Stamp


def plugin(metadata: MetaData) -> Table:
    """The plugins that this database knows, enabled or not."""
    return Table(
        "plugin",
        metadata,
        Column("name", Text, primary_key=True),
        Column("version", Text, nullable=False),
        Column("enabled", Boolean, nullable=False),
        Column("settings", Text, nullable=False),
        Column("changed_at", Stamp, nullable=False),
    )


def lane(metadata: MetaData) -> Table:
    """How far each lane of a subscriber has been delivered to; its row is its lease."""
    return Table(
        "lane",
        metadata,
        Column("subscriber", Text, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("cursor", BigInteger, nullable=False),
    )


def parked(metadata: MetaData) -> Table:
    """Aggregates whose next event a subscriber could not take: all their events from `sequence` on wait for it."""
    return Table(
        "parked",
        metadata,
        Column("subscriber", Text, primary_key=True),
        Column("aggregate", Text, primary_key=True),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("sequence", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("next_attempt_at", Stamp, nullable=False),
        Column("dead", Boolean, nullable=False),
        Column("error", Text, nullable=False),
        Index("ix_parked_due", "subscriber", "dead", "next_attempt_at"),
    )


def delivery_act(metadata: MetaData) -> Table:
    """What operators did about deliveries: retried, skipped with a reason, rebuilt."""
    return Table(
        "delivery_act",
        metadata,
        Column("id", Id, primary_key=True),
        Column("subscriber", Text, nullable=False),
        Column("act", Text, nullable=False),
        Column("sequence", BigInteger),
        Column("reason", Text),
        Column("by", Text, nullable=False),
        Column("at", Stamp, nullable=False),
    )


def plugin_job(metadata: MetaData) -> Table:
    """When each job of a plugin is due; its row is its lease."""
    return Table(
        "plugin_job",
        metadata,
        Column("plugin", Text, primary_key=True),
        Column("name", Text, primary_key=True),
        Column("due_at", Stamp, nullable=False),
        Column("ran_at", Stamp),
        Column("error", Text),
        Column("attempts", Integer, nullable=False),
    )


ALL = (plugin, lane, parked, delivery_act, plugin_job)
