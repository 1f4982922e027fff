"""The tables of approval: routes of sets with what chose them, signatures, delegations, review comments."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, MetaData, Table, Text

from dutybook.db.stamps import Id, Stamp


def approval_step(metadata: MetaData) -> Table:
    """The route of a set, from its submission on: who must sign, step by step, and which routes of the book ask for it."""
    return Table(
        "approval_step",
        metadata,
        Column("changeset", BigInteger, ForeignKey("changeset.id"), primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        Column("signers", Text, nullable=False),
        Column("name", Text),
        Column("routes", Text),
    )


def route_choice(metadata: MetaData) -> Table:
    """Which routes of the book a set goes by, and what of it chose them; route 0 stands for the default."""
    return Table(
        "route_choice",
        metadata,
        Column("changeset", BigInteger, ForeignKey("changeset.id"), primary_key=True),
        Column("route", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, primary_key=True),
        Column("name", Text),
        Column("records", Integer, nullable=False),
        # The first of their keys: a set of half a million changes is told by its count.
        Column("keys", Text, nullable=False),
    )


def signature(metadata: MetaData) -> Table:
    """What signers said; those that count no more stay on record."""
    return Table(
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
        Column("on_behalf_of", Text),
        # A decision taken elsewhere: by whom, on which day, in which document.
        Column("body", Text),
        Column("decided_on", Date),
        Column("document", BigInteger),
    )


def delegation(metadata: MetaData) -> Table:
    """Who lets whom sign for them, on [from_day, to_day); never deleted, so that it can be told who could sign when."""
    return Table(
        "delegation",
        metadata,
        Column("id", Id, primary_key=True),
        Column("principal", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
        Column("delegate", BigInteger, ForeignKey("account.id"), nullable=False, index=True),
        Column("department", BigInteger),
        Column("from_day", Date, nullable=False),
        Column("to_day", Date, nullable=False),
        Column("reason", Text, nullable=False),
        Column("made_by", Text, nullable=False),
        Column("made_at", Stamp, nullable=False),
        Column("revoked_by", Text),
        Column("revoked_at", Stamp),
    )


def review_comment(metadata: MetaData) -> Table:
    """What is said of a set, or of one change of it, found again by record, verb and day; `thread` is what it replies to."""
    return Table(
        "review_comment",
        metadata,
        Column("id", Id, primary_key=True),
        Column("changeset", BigInteger, ForeignKey("changeset.id"), nullable=False, index=True),
        Column("thread", BigInteger, ForeignKey("review_comment.id")),
        Column("kind", Text),
        Column("key", BigInteger),
        Column("verb", Text),
        Column("start", Date),
        Column("attribute", Text),
        Column("text", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("said_at", Stamp, nullable=False),
        Column("resolved_by", Text),
        Column("resolved_at", Stamp),
    )


ALL = (approval_step, route_choice, signature, delegation, review_comment)
