"""Every table of the core: two for each kind of the book, and the book-keeping around them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from dutybook.book.kinds import Field, Kind, Kinds, Type

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
Id = BigInteger().with_variant(Integer, "sqlite")


class Stamp(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment with its zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


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
        kind.name,
        metadata,
        Column("key", Id, primary_key=True, autoincrement=False),
        Column("organisation", BigInteger, nullable=False),
        Column("code", Text),
        Column("opened_revision", Integer, nullable=False),
        *([UniqueConstraint("organisation", "code")] if kind.coded else []),
    )


def version_table(kind: Kind, metadata: MetaData) -> Table:
    """The versions of a kind on both axes. The composite indexes serve every time, the head included."""
    name = f"{kind.name}_version"
    axes = ("until_revision", "since_revision")
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("key", BigInteger, ForeignKey(f"{kind.name}.key"), nullable=False),
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
        self._book()
        self._people()

    def _book(self) -> None:
        metadata = self.metadata
        Table(
            "head",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("revision", Integer, nullable=False),
            Column("sequence", BigInteger, nullable=False),
            Column("hash", Text, nullable=False),
        )
        Table(
            "key_counter",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("next_key", BigInteger, nullable=False),
        )
        Table(
            "changeset",
            metadata,
            Column("id", Id, primary_key=True),
            Column("title", Text, nullable=False),
            Column("reason", Text),
            Column("organisation", BigInteger),
            Column("effective_on", Date, nullable=False),
            Column("base_revision", Integer, nullable=False),
            Column("document", BigInteger),
            Column("author", Text, nullable=False),
            Column("state", Text, nullable=False),
            Column("revision", Integer, unique=True),
            Column("reverts", Integer),
            Column("created_at", Stamp, nullable=False),
            Column("version", Integer, nullable=False),
            Column("current_step", Integer, nullable=False),
            Index("ix_changeset_state", "state", "id"),
        )
        Table(
            "change",
            metadata,
            Column("changeset", BigInteger, ForeignKey("changeset.id"), primary_key=True),
            Column("ordinal", Integer, primary_key=True, autoincrement=False),
            Column("group", Integer, nullable=False),
            Column("verb", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("key", BigInteger, nullable=False),
            Column("body", Text, nullable=False),
            Index("ix_change_kind_key", "kind", "key", "changeset"),
        )
        Table(
            "approval_step",
            metadata,
            Column("changeset", BigInteger, ForeignKey("changeset.id"), primary_key=True),
            Column("ordinal", Integer, primary_key=True, autoincrement=False),
            Column("signers", Text, nullable=False),
        )
        Table(
            "signature",
            metadata,
            Column("id", Id, primary_key=True),
            Column("changeset", BigInteger, ForeignKey("changeset.id"), nullable=False, index=True),
            Column("step", Integer, nullable=False),
            Column("signer", Text, nullable=False),
            Column("signed_by", Text, nullable=False),
            Column("verdict", Text, nullable=False),
            Column("opinion", Text),
            Column("evidence", Text),
            Column("signed_at", Stamp, nullable=False),
            Column("counts", Boolean, nullable=False),
        )
        Table(
            "revision",
            metadata,
            Column("number", Integer, primary_key=True, autoincrement=False),
            Column("changeset", BigInteger, ForeignKey("changeset.id"), nullable=False),
            Column("published_at", Stamp, nullable=False),
            Column("published_by", Text, nullable=False),
            Column("header", Text, nullable=False),
            Column("hash", Text, nullable=False),
            Column("previous_hash", Text, nullable=False),
            Column("covered_from", Date),
            Index("ix_revision_published_at", "published_at"),
        )
        Table(
            "lineage",
            metadata,
            Column("id", Id, primary_key=True),
            Column("edge", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("key", BigInteger, nullable=False),
            Column("other_kind", Text, nullable=False),
            Column("other", BigInteger, nullable=False),
            Column("since_revision", Integer, nullable=False),
            Column("until_revision", Integer, nullable=False),
            Index("ix_lineage_key", "kind", "key"),
            Index("ix_lineage_other", "other_kind", "other"),
        )
        Table(
            "event",
            metadata,
            Column("sequence", BigInteger, primary_key=True, autoincrement=False),
            Column("type", Text, nullable=False),
            Column("aggregate", Text, nullable=False),
            Column("key", BigInteger, nullable=False),
            Column("changeset", BigInteger),
            Column("ordinal", Integer),
            Column("revision", Integer),
            Column("effective_on", Date),
            Column("recorded_at", Stamp, nullable=False),
            Column("actor", Text, nullable=False),
            Index("ix_event_aggregate", "aggregate", "key", "sequence"),
        )

    def _people(self) -> None:
        metadata = self.metadata
        Table(
            "personal_key",
            metadata,
            Column("kind", Text, primary_key=True),
            Column("key", BigInteger, primary_key=True, autoincrement=False),
            Column("secret", LargeBinary, nullable=False),
        )
        Table(
            "personal_value",
            metadata,
            Column("digest", Text, primary_key=True),
            Column("kind", Text, nullable=False),
            Column("key", BigInteger, nullable=False),
            Column("field", Text, nullable=False),
            Column("value", Text, nullable=False),
            Index("ix_personal_value_key", "kind", "key"),
        )
        Table(
            "account",
            metadata,
            Column("id", Id, primary_key=True),
            Column("name", Text, nullable=False, unique=True),
            Column("password_hash", Text),
            Column("employee_number", Text),
            Column("disabled", Boolean, nullable=False),
            Column("created_at", Stamp, nullable=False),
        )
        Table(
            "role_grant",
            metadata,
            Column("id", Id, primary_key=True),
            Column("account", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
            Column("role", Text, nullable=False),
            Column("organisation", BigInteger),
            Column("department", BigInteger),
        )
        Table(
            "token",
            metadata,
            Column("id", Id, primary_key=True),
            Column("account", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
            Column("name", Text, nullable=False),
            Column("prefix", Text, nullable=False),
            Column("digest", Text, nullable=False, unique=True),
            Column("roles", Text),
            Column("created_at", Stamp, nullable=False),
            Column("expires_at", Stamp, nullable=False),
            Column("revoked_at", Stamp),
        )
        Table(
            "idempotency",
            metadata,
            Column("actor", Text, primary_key=True),
            Column("key", Text, primary_key=True),
            Column("fingerprint", Text, nullable=False),
            Column("outcome", Text, nullable=False),
            Column("status", Integer),
            Column("body", LargeBinary),
            Column("created_at", Stamp, nullable=False),
        )
        Table(
            "job",
            metadata,
            Column("id", Id, primary_key=True),
            Column("kind", Text, nullable=False),
            Column("state", Text, nullable=False),
            Column("done", Integer, nullable=False),
            Column("total", Integer),
            Column("message", Text),
            Column("changeset", BigInteger),
            Column("actor", Text, nullable=False),
            Column("input", Text, nullable=False),
            Column("created_at", Stamp, nullable=False),
            Column("leased_until", Stamp),
        )

    def __getitem__(self, name: str) -> Table:
        """A table that is not a kind's, by name."""
        return self.metadata.tables[name]
