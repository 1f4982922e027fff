"""Note the moment too, and make a table anew that another one refers to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plg_kept_note") as batch:
        batch.add_column(sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("plg_kept_shift") as batch:
        batch.alter_column("opened_revision", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("plg_kept_note") as batch:
        batch.drop_column("at")
