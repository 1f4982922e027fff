"""Make the tables of shifts and of notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plg_kept_shift",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_plg_kept_shift")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_plg_kept_shift_organisation_code")),
    )
    with op.batch_alter_table("plg_kept_shift", schema=None) as batch_op:
        batch_op.create_index("ix_plg_kept_shift_code", ["code"], unique=False)

    op.create_table(
        "plg_kept_shift_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("keeper", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_plg_kept_shift_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_plg_kept_shift_version_days")),
        sa.ForeignKeyConstraint(["key"], ["plg_kept_shift.key"], name=op.f("fk_plg_kept_shift_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plg_kept_shift_version")),
    )
    with op.batch_alter_table("plg_kept_shift_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plg_kept_shift_version_department", ["department", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index(
            "ix_plg_kept_shift_version_key", ["key", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "plg_kept_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plg_kept_note")),
    )


def downgrade() -> None:
    op.drop_table("plg_kept_note")
    with op.batch_alter_table("plg_kept_shift_version", schema=None) as batch_op:
        batch_op.drop_index("ix_plg_kept_shift_version_key")
        batch_op.drop_index("ix_plg_kept_shift_version_department")

    op.drop_table("plg_kept_shift_version")
    with op.batch_alter_table("plg_kept_shift", schema=None) as batch_op:
        batch_op.drop_index("ix_plg_kept_shift_code")

    op.drop_table("plg_kept_shift")
