"""The tables of files: what is known of each, and its bytes in parts, so that nothing ever holds a whole one in memory."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

from dutybook.db.stamps import Stamp


def file(metadata: MetaData) -> Table:
    """A file by the SHA-256 of its bytes. `named`: a document has named it, so that it is kept for ever."""
    return Table(
        "file",
        metadata,
        Column("digest", Text, primary_key=True),
        Column("size", BigInteger, nullable=False),
        Column("media_type", Text, nullable=False),
        Column("created_at", Stamp, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("named", Boolean, nullable=False),
        Index("ix_file_named", "named", "created_at"),
    )


def file_part(metadata: MetaData) -> Table:
    """The bytes of files, piece by piece."""
    return Table(
        "file_part",
        metadata,
        Column("digest", Text, ForeignKey("file.digest"), primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        Column("content", LargeBinary, nullable=False),
    )


ALL = (file, file_part)
