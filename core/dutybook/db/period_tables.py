"""The tables of periods: months of accounts, what was done to them, and what was corrected in closed ones."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, MetaData, Table, Text

from dutybook.db.stamps import Id, Stamp


def period(metadata: MetaData) -> Table:
    """The months that were opened; a closed one keeps the revision that its figures are read at."""
    return Table(
        "period",
        metadata,
        Column("month", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("opened_at", Stamp, nullable=False),
        Column("opened_by", Text, nullable=False),
        Column("closed_at", Stamp),
        Column("closed_by", Text),
        Column("closing_revision", Integer),
        Column("version", Integer, nullable=False),
    )


def period_act(metadata: MetaData) -> Table:
    """Who opened, closed, reopened or vainly tried to close a month, and what was objected; only ever added to."""
    return Table(
        "period_act",
        metadata,
        Column("id", Id, primary_key=True),
        Column("month", Text, ForeignKey("period.month"), nullable=False, index=True),
        Column("act", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("at", Stamp, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("reason", Text),
        Column("objections", Text, nullable=False),
    )


def period_correction(metadata: MetaData) -> Table:
    """What was changed in closed months: by which revision, in which record, and the open month that takes the delta.

    Without a key it stands for all changes of that kind in a large revision.
    """
    return Table(
        "period_correction",
        metadata,
        Column("id", Id, primary_key=True),
        Column("month", Text, ForeignKey("period.month"), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("changeset", BigInteger, ForeignKey("changeset.id")),
        Column("kind", Text),
        Column("key", BigInteger),
        Column("changes", Integer, nullable=False),
        Column("day", Date),
        Column("plugin", Text),
        Column("subject", Text),
        Column("recorded_at", Stamp, nullable=False),
        Column("carried_to", Text, ForeignKey("period.month")),
        Column("absorbed_at", Stamp),
        Index("ix_period_correction_month", "month", "id"),
        Index("ix_period_correction_carried_to", "carried_to", "id"),
    )


ALL = (period, period_act, period_correction)
