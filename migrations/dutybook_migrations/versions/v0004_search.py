"""Make the search index and fill it for what the book holds already; make the tables of synonyms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Session

from dutybook.book.nouns import CORE
from dutybook.db.search_index import fill
from dutybook.db.search_tables import FTS, MAKE_FTS
from dutybook.db.tables import Tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_synonyms()
    op.create_table(
        "search_entry",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("spelt", sa.BigInteger(), nullable=True),
        sa.Column("tokens", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    filled = sa.text("tokens IS NOT NULL")
    op.create_index("ix_search_entry_tokens", "search_entry", ["tokens"], postgresql_using="gin", sqlite_where=filled)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(MAKE_FTS)
    op.create_table(
        "search_token",
        sa.Column("token", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_token")),
    )
    op.add_column("personal_value", sa.Column("sought", sa.Text(), nullable=True))
    # What the index holds follows from the book by the code that reads it, so that is what fills it.
    with Session(op.get_bind()) as session:
        fill(session, Tables(CORE))


def _make_synonyms() -> None:
    op.create_table(
        "synonym",
        sa.Column("key", ID, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_synonym")),
    )
    op.create_table(
        "synonym_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_synonym_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_synonym_version_days")),
        sa.ForeignKeyConstraint(["key"], ["synonym.key"], name=op.f("fk_synonym_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_version")),
    )
    op.create_index("ix_synonym_version_key", "synonym_version", ["key", "until_revision", "since_revision"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {FTS}")
    op.drop_column("personal_value", "sought")
    for name in ("search_token", "search_entry", "synonym_version", "synonym"):
        op.drop_table(name)
