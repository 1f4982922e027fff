"""Make the tables of files; let documents name scans, and find what rests on them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_file")),
    )
    op.create_index("ix_file_named", "file", ["named", "created_at"])
    op.create_table(
        "file_part",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["file.digest"], name=op.f("fk_file_part_digest")),
        sa.PrimaryKeyConstraint("digest", "ordinal", name=op.f("pk_file_part")),
    )
    op.add_column("document_version", sa.Column("scans", sa.Text(), nullable=True))
    op.create_index("ix_changeset_document", "changeset", ["document"])


def downgrade() -> None:
    op.drop_index("ix_changeset_document", "changeset")
    op.drop_column("document_version", "scans")
    op.drop_table("file_part")
    op.drop_table("file")
