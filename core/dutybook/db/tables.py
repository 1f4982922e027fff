"""The tables of a book: two for each kind, and the bookkeeping around them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from dutybook.book.kinds import Field, Kind, Kinds, Type
from dutybook.db import bookkeeping
from dutybook.db.stamps import Id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_COLUMN_TYPES: Mapping[Type, TypeEngine[Any]] = {
    Type.TEXT: Text(),
    Type.INTEGER: BigInteger(),
    Type.DECIMAL: BigInteger(),
    Type.BOOLEAN: Boolean(),
    Type.DATE: Date(),
    Type.REFERENCE: BigInteger(),
    Type.REFERENCES: Text(),
    Type.JSON: Text(),
    # Ranks are compared byte by byte on both databases, whatever the server's locale says.
    Type.RANK: Text().with_variant(Text(collation="C"), "postgresql"),
}


def _field_column(field: Field) -> Column[object]:
    return Column(field.name, Text() if field.personal else _COLUMN_TYPES[field.type])


def identity_table(kind: Kind, metadata: MetaData) -> Table:
    """The identities of a kind: `code` belongs to them, is unique in the organisation for ever and never reused."""
    return Table(
        kind.table,
        metadata,
        Column("key", Id, primary_key=True, autoincrement=False),
        Column("organisation", BigInteger, nullable=False),
        Column("code", Text),
        Column("opened_revision", Integer, nullable=False),
        # People ask by the code alone where there is one organisation.
        *([UniqueConstraint("organisation", "code"), Index(f"ix_{kind.table}_code", "code")] if kind.coded else []),
    )


def version_table(kind: Kind, metadata: MetaData) -> Table:
    """The versions of a kind on both axes. The composite indexes serve every time, the head included."""
    name = f"{kind.table}_version"
    axes = ("until_revision", "since_revision")
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("key", BigInteger, ForeignKey(f"{kind.table}.key"), nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date, nullable=False),
        Column("since_revision", Integer, nullable=False),
        Column("until_revision", Integer, nullable=False),
        Column("touched", Text, nullable=False),
        *(_field_column(field) for field in kind.fields),
        CheckConstraint("valid_from < valid_to", name="days"),
        CheckConstraint("since_revision < until_revision", name="revisions"),
        Index(f"ix_{name}_key", "key", *axes),
        *(Index(f"ix_{name}_{reference.name}", reference.name, *axes) for reference in kind.references),
    )


class Tables:
    """The tables of one book, for the kinds registered in it."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.metadata = MetaData(naming_convention=NAMING)
        self.identities = {kind.name: identity_table(kind, self.metadata) for kind in kinds}
        self.versions = {kind.name: version_table(kind, self.metadata) for kind in kinds}
        for table in bookkeeping.ALL:
            table(self.metadata)

    def __getitem__(self, name: str) -> Table:
        """A table that is not a kind's, by name."""
        return self.metadata.tables[name]


@lru_cache(maxsize=32)
def tables_of(kinds: Kinds) -> Tables:
    """The tables for some kinds, which all databases of one process share, and with them the statements put together."""
    return Tables(kinds)
