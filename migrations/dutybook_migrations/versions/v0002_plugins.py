"""Make the tables that plugins live by; events carry a version, a cause and a payload, sets tell when they took effect."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plugin",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("changed_at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin")),
    )
    op.create_table(
        "lane",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "number", name=op.f("pk_lane")),
    )
    op.create_table(
        "parked",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", STAMP, nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "aggregate", "key", name=op.f("pk_parked")),
    )
    op.create_index("ix_parked_due", "parked", ["subscriber", "dead", "next_attempt_at"])
    op.create_table(
        "delivery_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_act")),
    )
    op.create_table(
        "plugin_job",
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", STAMP, nullable=False),
        sa.Column("ran_at", STAMP, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "name", name=op.f("pk_plugin_job")),
    )
    for column in (
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("cause", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
    ):
        op.add_column("event", column)
    op.add_column("changeset", sa.Column("took_effect", sa.Boolean(), server_default=sa.false(), nullable=False))
    # What is in force already needs no announcement any more.
    op.execute("UPDATE changeset SET took_effect = true WHERE state = 'PUBLISHED' AND effective_on <= CURRENT_DATE")
    op.create_index("ix_changeset_effect", "changeset", ["took_effect", "state", "effective_on"])


def downgrade() -> None:
    op.drop_index("ix_changeset_effect", table_name="changeset")
    # Not as a batch: on SQLite that would make the table anew, which the rows that refer to it forbid.
    op.drop_column("changeset", "took_effect")
    for name in ("payload", "cause", "version"):
        op.drop_column("event", name)
    for name in ("plugin_job", "delivery_act", "parked", "lane", "plugin"):
        op.drop_table(name)
