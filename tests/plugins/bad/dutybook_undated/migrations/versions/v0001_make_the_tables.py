"""Make its tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plg_undated_newest",
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_plg_undated_newest")),
    )


def downgrade() -> None:
    op.drop_table("plg_undated_newest")
