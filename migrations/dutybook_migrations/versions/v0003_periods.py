"""Make the tables of periods: months, what was done to them, and corrections in closed ones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "period",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", STAMP, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", STAMP, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closing_revision", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_period")),
    )
    op.create_table(
        "period_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", STAMP, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("objections", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["period.month"], name=op.f("fk_period_act_month")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_act")),
    )
    op.create_index("ix_period_act_month", "period_act", ["month"])
    op.create_table(
        "period_correction",
        sa.Column("id", ID, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changeset", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("key", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("recorded_at", STAMP, nullable=False),
        sa.Column("carried_to", sa.Text(), nullable=True),
        sa.Column("absorbed_at", STAMP, nullable=True),
        sa.ForeignKeyConstraint(["month"], ["period.month"], name=op.f("fk_period_correction_month")),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_period_correction_changeset")),
        sa.ForeignKeyConstraint(["carried_to"], ["period.month"], name=op.f("fk_period_correction_carried_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_correction")),
    )
    op.create_index("ix_period_correction_month", "period_correction", ["month", "id"])
    op.create_index("ix_period_correction_carried_to", "period_correction", ["carried_to", "id"])


def downgrade() -> None:
    for name in ("period_correction", "period_act", "period"):
        op.drop_table(name)
