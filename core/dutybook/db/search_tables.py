"""The tables of the search index: an entry for each version that holds text, and how many hold each token.

On SQLite the tokens are in a table of FTS5, which is its own kind of table and made by a migration alone.
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from dutybook.db.stamps import Id

FTS = "search_fts"
MAKE_FTS = (
    f"CREATE VIRTUAL TABLE {FTS} USING fts5("
    "tokens, content='', detail=none, prefix='2', tokenize='unicode61 remove_diacritics 0')"
)


def is_shadow(table: str) -> bool:
    """Whether FTS5 made a table for its own use."""
    return table.startswith(FTS)


def entry(metadata: MetaData) -> Table:
    """A version by its text. `id` is slot and version, so that entries stand in the order of their slots."""
    return Table(
        "search_entry",
        metadata,
        Column("id", Id, primary_key=True, autoincrement=False),
        Column("folded", Text, nullable=False),
        # Where pinyin begins; what is found before it was found as written.
        Column("spelt", BigInteger),
        Column("tokens", Text().with_variant(TSVECTOR(), "postgresql")),
        # Empty on SQLite, where nothing has tokens here; so both databases have the same tables.
        Index("ix_search_entry_tokens", "tokens", postgresql_using="gin", sqlite_where=text("tokens IS NOT NULL")),
    )


def token(metadata: MetaData) -> Table:
    """In how many entries a token stands, which tells rare words from common ones before anything is read."""
    return Table(
        "search_token",
        metadata,
        Column("token", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
        Column("entries", BigInteger, nullable=False),
    )


ALL = (entry, token)
