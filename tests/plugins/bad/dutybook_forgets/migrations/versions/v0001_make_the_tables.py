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
        "plg_forgets_seen",
        sa.Column("sequence", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_plg_forgets_seen")),
    )
    op.create_table(
        "plg_forgets_total",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plg_forgets_total")),
    )


def downgrade() -> None:
    op.drop_table("plg_forgets_seen")
    op.drop_table("plg_forgets_total")
