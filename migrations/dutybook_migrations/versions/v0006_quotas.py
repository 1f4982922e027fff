"""Make the tables of quotas; mark leading posts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("position_version", sa.Column("leading", sa.Boolean(), nullable=True))
    op.create_table(
        "quota",
        sa.Column("key", ID, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_quota")),
    )
    op.create_table(
        "quota_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.Column("reach", sa.Text(), nullable=True),
        sa.Column("employment_type", sa.Text(), nullable=True),
        sa.Column("leading", sa.Boolean(), nullable=True),
        sa.Column("seats", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_quota_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_quota_version_days")),
        sa.ForeignKeyConstraint(["key"], ["quota.key"], name=op.f("fk_quota_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_version")),
    )
    for column in ("key", "department", "document"):
        op.create_index(
            f"ix_quota_version_{column}", "quota_version", [column, "until_revision", "since_revision"], unique=False
        )


def downgrade() -> None:
    op.drop_table("quota_version")
    op.drop_table("quota")
    op.drop_column("position_version", "leading")
