"""Make the tables of approval routes, delegations and review comments."""

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DEFAULT = '["role:approver"]'
ADDED = (
    ("changeset", "route", sa.Text),
    ("approval_step", "name", sa.Text),
    ("approval_step", "routes", sa.Text),
    ("signature", "on_behalf_of", sa.Text),
    ("signature", "body", sa.Text),
    ("signature", "decided_on", sa.Date),
    ("signature", "document", sa.BigInteger),
)


def upgrade() -> None:
    _make_routes()
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind(), nullable=True))
    _keep_what_was_said()
    op.create_table(
        "route_choice",
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_route_choice_changeset")),
        sa.PrimaryKeyConstraint("changeset", "route", "kind", name=op.f("pk_route_choice")),
    )
    _make_delegations()
    _make_comments()


def _make_routes() -> None:
    op.create_table(
        "approval_route",
        sa.Column("key", ID, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_approval_route")),
    )
    op.create_table(
        "approval_route_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organisation", sa.BigInteger(), nullable=True),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=True),
        sa.Column("steps", sa.Text(), nullable=True),
        sa.Column("priority", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_approval_route_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_approval_route_version_days")),
        sa.ForeignKeyConstraint(["key"], ["approval_route.key"], name=op.f("fk_approval_route_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_route_version")),
    )
    for name in ("key", "organisation", "department"):
        columns = [name, "until_revision", "since_revision"]
        op.create_index(f"ix_approval_route_version_{name}", "approval_route_version", columns)


def _make_delegations() -> None:
    op.create_table(
        "delegation",
        sa.Column("id", ID, nullable=False),
        sa.Column("principal", sa.BigInteger(), nullable=False),
        sa.Column("delegate", sa.BigInteger(), nullable=False),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["principal"], ["account.id"], name=op.f("fk_delegation_principal")),
        sa.ForeignKeyConstraint(["delegate"], ["account.id"], name=op.f("fk_delegation_delegate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_principal", "delegation", ["principal"])
    op.create_index("ix_delegation_delegate", "delegation", ["delegate"])


def _make_comments() -> None:
    op.create_table(
        "review_comment",
        sa.Column("id", ID, nullable=False),
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("key", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=True),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("attribute", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_review_comment_changeset")),
        sa.ForeignKeyConstraint(["thread"], ["review_comment.id"], name=op.f("fk_review_comment_thread")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comment")),
    )
    op.create_index("ix_review_comment_changeset", "review_comment", ["changeset"])


def _keep_what_was_said() -> None:
    """Until now the steps of a set were those that were said when it was opened; a draft has none from here on."""
    step = sa.table("approval_step", sa.column("changeset"), sa.column("ordinal"), sa.column("signers"))
    changeset = sa.table("changeset", sa.column("id"), sa.column("state"), sa.column("route"))
    under_way = sa.select(changeset.c.id).where(changeset.c.state.in_(["DRAFT", "SUBMITTED", "APPROVED"]))
    rows = sa.select(step.c.changeset, step.c.signers).where(step.c.changeset.in_(under_way)).order_by(step.c.ordinal)
    routes: dict[int, list[str]] = defaultdict(list)
    connection = op.get_bind()
    for number, signers in connection.execute(rows):
        routes[number].append(signers)
    for number, said in routes.items():
        if said != [DEFAULT]:
            route = json.dumps([json.loads(signers) for signers in said], ensure_ascii=False, separators=(",", ":"))
            connection.execute(sa.update(changeset).where(changeset.c.id == number).values(route=route))


def downgrade() -> None:
    without = "NOT EXISTS (SELECT 1 FROM approval_step WHERE approval_step.changeset = changeset.id)"
    op.execute(
        "INSERT INTO approval_step (changeset, ordinal, signers) "
        f"SELECT changeset.id, 0, '{DEFAULT}' FROM changeset WHERE {without}"
    )
    for table, name, _ in ADDED:
        op.drop_column(table, name)
    for name in ("review_comment", "delegation", "route_choice", "approval_route_version", "approval_route"):
        op.drop_table(name)
