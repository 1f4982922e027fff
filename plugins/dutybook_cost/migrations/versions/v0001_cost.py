"""Make the tables of costs: six kinds of the book, the documents of a period, and the settlements made from them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: dict[str, Any] = {
    "id": ID,
    "key": sa.BigInteger(),
    "int": sa.BigInteger(),
    "text": sa.Text(),
    "day": sa.Date(),
    "bool": sa.Boolean(),
    "stamp": sa.DateTime(timezone=True),
}

CENTRE = "name:text? department:key? team:text?"
MATERIAL = "name:text? unit:text? size:text? visibility:text? price:int?"
QUOTA = "material:key? centre:key? rate:int? per:text? reserve:int? production:int? electromech:int? area:text?"
SHARE = "material:key? position:key? percent:int?"
POLICY = """quota_adjustment:text? adjustment_table:text? below_minimum:text? hazard_base:text? reward_rate:int?
    odd_jobs:text? stock_account:text? cost_account:text? wage_account:text?"""
WEIGHT = "duty:key? percent:int?"
KINDS = {
    "centre": CENTRE,
    "material": MATERIAL,
    "quota": QUOTA,
    "share": SHARE,
    "policy": POLICY,
    "duty_weight": WEIGHT,
}
CODED = {"centre", "material", "quota", "policy"}

RECORDED = "id:id recorded_by:text recorded_at:stamp"
FEN = "plan_fen:int actual_fen:int"
TABLES = {
    "shift": f"""{RECORDED} centre:key department:key section:key team:text day:day label:text sections_milli:int?
        tons_milli:int?""",
    "member": f"{RECORDED} shift:id>shift employee:key position:key points_centi:int odd:bool",
    "slip": f"""{RECORDED} number:text shift:id>shift material:key sort:text quantity_milli:int signed_by:text?
        person:key? users:text late_reason:text?""",
    "part": f"""{RECORDED} number:text shift:id>shift due_shift:id>shift material:key quantity_milli:int cause:text
        responsible:key? late_reason:text? analysis:text? charges:text? deducted_milli:int decided_by:text?
        decided_at:stamp?""",
    "hazard": f"{RECORDED} shift:id>shift material:key times:int note:text late_reason:text?",
    "award": f"""{RECORDED} month:text day:day employee:key department:key position:key amount_fen:int wage_fen:int?
        minimum_fen:int? reason:text""",
    "target": f"{RECORDED} centre:key section:key month:text output_milli:int",
    "plan": f"{RECORDED} month:text day:day? centre:key department:key material:key quantity_milli:int step:text",
    "plan_step": f"{RECORDED} plan:id>plan step:text",
    "settlement": f"""{RECORDED} shift:id>shift number:int month:text day:day centre:key department:key revision:int
        rules:text inputs:text hash:text {FEN} saving_fen:int hazard_fen:int net_fen:int delta:bool cause:text?
        slips_after:int slips_until:int final:bool current:bool stale:text?""",
    "line": f"""id:id settlement:id>settlement shift:key material:key rate:text price:text {FEN} floor_fen:int
        below_minimum:bool saving_fen:int hazard_fen:int net_fen:int""",
    "charge": """id:id settlement:id>settlement month:text centre:key department:key employee:key? position:key?
        material:key? reason:text plan_fen:int cost_fen:int amount_fen:int""",
}
UNIQUE = {
    "shift": ("centre", "day", "label"),
    "member": ("shift", "employee"),
    "slip": ("number",),
    "part": ("number",),
    "target": ("centre", "month"),
    "plan_step": ("plan", "step"),
    "settlement": ("shift", "number"),
}
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "shift": {"day": ("day",)},
    "slip": {"shift": ("shift", "material")},
    "part": {"shift": ("shift",), "due_shift": ("due_shift",)},
    "hazard": {"shift": ("shift",)},
    "award": {"month": ("month", "employee")},
    "plan": {"month": ("month", "centre", "material")},
    "settlement": {"month": ("month", "current")},
    "line": {"settlement": ("settlement",), "material": ("material", "shift")},
    "charge": {
        "settlement": ("settlement",),
        "position": ("position", "month"),
        "department": ("department", "month"),
    },
}


def upgrade() -> None:
    for name, fields in KINDS.items():
        make_kind(f"plg_cost_{name}", name, fields)
    for name, columns in TABLES.items():
        make_table(name, columns)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(f"plg_cost_{name}")
    for name in reversed(KINDS):
        op.drop_table(f"plg_cost_{name}_version")
        op.drop_table(f"plg_cost_{name}")


def column(said: str) -> sa.Column[Any]:
    """`name:type`, with `?` where it may be empty and `>table` where it leads to one."""
    name, _, of = said.partition(":")
    sort = of.partition(">")[0].rstrip("?")
    return sa.Column(name, TYPES[sort], nullable=of.endswith("?"))


def make_table(name: str, columns: str) -> None:
    table, said = f"plg_cost_{name}", columns.split()
    leading = [(it.partition(":")[0], it.partition(">")[2]) for it in said if ">" in it]
    unique = UNIQUE.get(name)
    op.create_table(
        table,
        *map(column, said),
        *(
            sa.ForeignKeyConstraint([own], [f"plg_cost_{other}.id"], name=op.f(f"fk_{table}_{own}"))
            for own, other in leading
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *([sa.UniqueConstraint(*unique, name=op.f(f"uq_{table}_{'_'.join(unique)}"))] if unique else []),
    )
    for own, over in INDEXES.get(name, {}).items():
        op.create_index(f"ix_{table}_{own}", table, list(over))


def make_kind(table: str, name: str, fields: str) -> None:
    """The two tables that the book keeps of a kind: identities, and their versions on both axes."""
    coded = [sa.UniqueConstraint("organisation", "code", name=op.f(f"uq_{table}_organisation_code"))]
    op.create_table(
        table,
        sa.Column("key", ID, autoincrement=False, nullable=False),
        *map(column, ("organisation:key", "code:text?")),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{table}")),
        *(coded if name in CODED else []),
    )
    if name in CODED:
        op.create_index(f"ix_{table}_code", table, ["code"])
    versions = f"{table}_version"
    op.create_table(
        versions,
        *map(column, ("id:id", "key:key", "valid_from:day", "valid_to:day")),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        *map(column, ("touched:text", *fields.split())),
        sa.CheckConstraint("valid_from < valid_to", name=op.f(f"ck_{versions}_days")),
        sa.CheckConstraint("since_revision < until_revision", name=op.f(f"ck_{versions}_revisions")),
        sa.ForeignKeyConstraint(["key"], [f"{table}.key"], name=op.f(f"fk_{versions}_key")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{versions}")),
    )
    for own in ("key", *INDEXED[name]):
        op.create_index(f"ix_{versions}_{own}", versions, [own, "until_revision", "since_revision"])


INDEXED: dict[str, tuple[str, ...]] = {
    "centre": ("department",),
    "material": (),
    "quota": ("material", "centre"),
    "share": ("material", "position"),
    "policy": (),
    "duty_weight": ("duty",),
}
"""The references by which the versions of each kind are looked up."""
