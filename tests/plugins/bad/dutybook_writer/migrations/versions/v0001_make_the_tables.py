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
        "plg_writer_asked",
        sa.Column("position", ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_plg_writer_asked")),
    )


def downgrade() -> None:
    op.drop_table("plg_writer_asked")
