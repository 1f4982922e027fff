"""Make the tables of the toll stations: two kinds of the book, and five tables of their own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STAMP = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY, TEXT = sa.BigInteger(), sa.Text()


def upgrade() -> None:
    lane = ("name", "department", "direction", "mode")
    make_kind("plg_toll_lane", *(optional(name, KEY if name == "department" else TEXT) for name in lane))
    axes = ["until_revision", "since_revision"]
    op.create_index("ix_plg_toll_lane_version_department", "plg_toll_lane_version", ["department", *axes])
    rule = (("event", TEXT), ("report", sa.Boolean()), ("within_minutes", KEY))
    make_kind("plg_toll_event_rule", *(optional(*field) for field in rule))
    make_shifts()
    make_special_events()
    make_cash_counts()
    make_projections()


def downgrade() -> None:
    for name in ("tally", "vacancy", "cash_count", "special_event", "shift"):
        op.drop_table(f"plg_toll_{name}")
    for name in ("event_rule", "lane"):
        op.drop_table(f"plg_toll_{name}_version")
        op.drop_table(f"plg_toll_{name}")


def needed(name: str, of: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, of, nullable=False)


def optional(name: str, of: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, of, nullable=True)


def make_kind(name: str, *fields: sa.Column[Any]) -> None:
    """The two tables that the book keeps of a kind: identities, and their versions on both axes."""
    op.create_table(
        name,
        sa.Column("key", ID, autoincrement=False, nullable=False),
        needed("organisation", KEY),
        optional("code", TEXT),
        needed("opened_revision", sa.Integer()),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("organisation", "code", name=op.f(f"uq_{name}_organisation_code")),
    )
    op.create_index(f"ix_{name}_code", name, ["code"])
    versions = f"{name}_version"
    op.create_table(
        versions,
        needed("id", ID),
        needed("key", KEY),
        needed("valid_from", sa.Date()),
        needed("valid_to", sa.Date()),
        needed("since_revision", sa.Integer()),
        needed("until_revision", sa.Integer()),
        needed("touched", TEXT),
        *fields,
        sa.CheckConstraint("valid_from < valid_to", name=op.f(f"ck_{versions}_days")),
        sa.CheckConstraint("since_revision < until_revision", name=op.f(f"ck_{versions}_revisions")),
        sa.ForeignKeyConstraint(["key"], [f"{name}.key"], name=op.f(f"fk_{versions}_key")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{versions}")),
    )
    op.create_index(f"ix_{versions}_key", versions, ["key", "until_revision", "since_revision"])


def of_shift(table: str, column: str = "shift") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["plg_toll_shift.id"], name=op.f(f"fk_{table}_{column}"))


def make_shifts() -> None:
    name = "plg_toll_shift"
    op.create_table(
        name,
        needed("id", ID),
        *(needed(column, KEY) for column in ("department", "lane", "position", "employee", "assignment")),
        needed("day", sa.Date()),
        needed("begins_at", STAMP),
        needed("ends_at", STAMP),
        optional("instead_of", ID),
        needed("rostered_by", TEXT),
        needed("rostered_at", STAMP),
        of_shift(name, "instead_of"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("instead_of", name=op.f(f"uq_{name}_instead_of")),
    )
    op.create_index(f"ix_{name}_department", name, ["department", "day"])
    op.create_index(f"ix_{name}_assignment", name, ["assignment", "day"])
    for column in ("position", "employee", "lane"):
        op.create_index(f"ix_{name}_{column}", name, [column, "begins_at"])


def make_special_events() -> None:
    name = "plg_toll_special_event"
    op.create_table(
        name,
        needed("id", ID),
        needed("shift", ID),
        needed("department", KEY),
        needed("lane", KEY),
        needed("day", sa.Date()),
        needed("special", TEXT),
        needed("happened_at", STAMP),
        optional("vehicle", TEXT),
        optional("note", TEXT),
        needed("recorded_by", TEXT),
        needed("recorded_at", STAMP),
        optional("due_at", STAMP),
        optional("reported_at", STAMP),
        optional("reported_by", TEXT),
        optional("late_reason", TEXT),
        optional("escalated_at", STAMP),
        of_shift(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_shift", name, ["shift"])
    op.create_index(f"ix_{name}_department", name, ["department", "day"])
    op.create_index(f"ix_{name}_due_at", name, ["reported_at", "due_at"])


def make_cash_counts() -> None:
    name = "plg_toll_cash_count"
    op.create_table(
        name,
        needed("id", ID),
        needed("shift", ID),
        *(needed(column, KEY) for column in ("number", "system_fen", "counted_fen")),
        optional("explanation", TEXT),
        needed("counted_by", TEXT),
        needed("counted_at", STAMP),
        of_shift(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("shift", "number", name=op.f(f"uq_{name}_shift_number")),
    )


def make_projections() -> None:
    op.create_table(
        "plg_toll_vacancy",
        sa.Column("shift", ID, autoincrement=False, nullable=False),
        needed("assignment", KEY),
        of_shift("plg_toll_vacancy"),
        sa.PrimaryKeyConstraint("shift", name=op.f("pk_plg_toll_vacancy")),
    )
    op.create_table(
        "plg_toll_tally",
        sa.Column("department", KEY, autoincrement=False, nullable=False),
        needed("month", TEXT),
        needed("special", TEXT),
        *(needed(column, KEY) for column in ("recorded", "reported", "late")),
        sa.PrimaryKeyConstraint("department", "month", "special", name=op.f("pk_plg_toll_tally")),
    )
