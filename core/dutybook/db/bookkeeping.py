"""The tables around the book: head, change sets, revisions, events; people's secrets, accounts, answers given, jobs."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)

from dutybook.db import approval_tables, file_tables, period_tables, plugin_tables, search_tables
from dutybook.db.stamps import Id, Stamp


def head(metadata: MetaData) -> Table:
    """The one row in which revision and sequence grow."""
    return Table(
        "head",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("revision", Integer, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("hash", Text, nullable=False),
    )


def key_counter(metadata: MetaData) -> Table:
    """Where keys come from."""
    return Table(
        "key_counter",
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("next_key", BigInteger, nullable=False),
    )


def changeset(metadata: MetaData) -> Table:
    """Proposals, and what became of them."""
    return Table(
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
        Column("took_effect", Boolean, nullable=False, server_default=false()),
        # Who must sign, where that was said for this set when it was opened.
        Column("route", Text),
        Index("ix_changeset_state", "state", "id"),
        Index("ix_changeset_document", "document"),
        Index("ix_changeset_effect", "took_effect", "state", "effective_on"),
    )


def change(metadata: MetaData) -> Table:
    """The changes of a set in order, each in canonical form."""
    return Table(
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


def revision(metadata: MetaData) -> Table:
    """The published states, chained by their hashes."""
    return Table(
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


def lineage(metadata: MetaData) -> Table:
    """From which record another one came."""
    return Table(
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


def event(metadata: MetaData) -> Table:
    """What happened, gapless and in commit order."""
    return Table(
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
        # Null for what a publication did: those events have version 1, and their payload is the change itself.
        Column("version", Integer),
        Column("cause", BigInteger),
        Column("payload", Text),
        Index("ix_event_aggregate", "aggregate", "key", "sequence"),
    )


def personal_key(metadata: MetaData) -> Table:
    """The secret under which a person's values are digested."""
    return Table(
        "personal_key",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("key", BigInteger, primary_key=True, autoincrement=False),
        Column("secret", LargeBinary, nullable=False),
    )


def personal_value(metadata: MetaData) -> Table:
    """The clear values, the only copy."""
    return Table(
        "personal_value",
        metadata,
        Column("digest", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("key", BigInteger, nullable=False),
        Column("field", Text, nullable=False),
        Column("value", Text, nullable=False),
        # How a name is searched for; here, so that it goes with the name.
        Column("sought", Text),
        Index("ix_personal_value_key", "kind", "key"),
    )


def account(metadata: MetaData) -> Table:
    """Who may sign in."""
    return Table(
        "account",
        metadata,
        Column("id", Id, primary_key=True),
        Column("name", Text, nullable=False, unique=True),
        Column("password_hash", Text),
        Column("employee_number", Text),
        Column("disabled", Boolean, nullable=False),
        Column("created_at", Stamp, nullable=False),
    )


def role_grant(metadata: MetaData) -> Table:
    """The roles an account holds, and where."""
    return Table(
        "role_grant",
        metadata,
        Column("id", Id, primary_key=True),
        Column("account", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
        Column("role", Text, nullable=False),
        Column("organisation", BigInteger),
        Column("department", BigInteger),
    )


def token(metadata: MetaData) -> Table:
    """Bearer tokens, kept as digests only."""
    return Table(
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


def idempotency(metadata: MetaData) -> Table:
    """What was answered under a client's own key."""
    return Table(
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


def job(metadata: MetaData) -> Table:
    """Long work: its progress and its lease."""
    return Table(
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


ALL = (
    head,
    key_counter,
    changeset,
    change,
    revision,
    lineage,
    event,
    personal_key,
    personal_value,
    account,
    role_grant,
    token,
    idempotency,
    job,
    *plugin_tables.ALL,
    *period_tables.ALL,
    *search_tables.ALL,
    *file_tables.ALL,
    *approval_tables.ALL,
)
