"""Make the tables of the core."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("employee_number", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
    )
    op.create_table(
        "assignment",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_assignment")),
    )
    op.create_table(
        "changeset",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("organisation", sa.BigInteger(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("reverts", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current_step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changeset")),
        sa.UniqueConstraint("revision", name=op.f("uq_changeset_revision")),
    )
    with op.batch_alter_table("changeset", schema=None) as batch_op:
        batch_op.create_index("ix_changeset_state", ["state", "id"], unique=False)

    op.create_table(
        "department",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_department")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_department_organisation_code")),
    )
    with op.batch_alter_table("department") as batch_op:
        batch_op.create_index("ix_department_code", ["code"], unique=False)

    op.create_table(
        "document",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_document")),
    )
    op.create_table(
        "duty",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_duty")),
    )
    op.create_table(
        "employee",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_employee")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_employee_organisation_code")),
    )
    with op.batch_alter_table("employee") as batch_op:
        batch_op.create_index("ix_employee_code", ["code"], unique=False)

    op.create_table(
        "event",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("changeset", sa.BigInteger(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_aggregate", ["aggregate", "key", "sequence"], unique=False)

    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("changeset", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_table(
        "key_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_key", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_counter")),
    )
    op.create_table(
        "lineage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("other_kind", sa.Text(), nullable=False),
        sa.Column("other", sa.BigInteger(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage")),
    )
    with op.batch_alter_table("lineage", schema=None) as batch_op:
        batch_op.create_index("ix_lineage_key", ["kind", "key"], unique=False)
        batch_op.create_index("ix_lineage_other", ["other_kind", "other"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organisation")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_organisation_organisation_code")),
    )
    with op.batch_alter_table("organisation") as batch_op:
        batch_op.create_index("ix_organisation_code", ["code"], unique=False)

    op.create_table(
        "personal_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_personal_key")),
    )
    op.create_table(
        "personal_value",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_personal_value")),
    )
    with op.batch_alter_table("personal_value", schema=None) as batch_op:
        batch_op.create_index("ix_personal_value_key", ["kind", "key"], unique=False)

    op.create_table(
        "position",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_position")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_position_organisation_code")),
    )
    with op.batch_alter_table("position") as batch_op:
        batch_op.create_index("ix_position_code", ["code"], unique=False)

    op.create_table(
        "standard_position",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_standard_position")),
        sa.UniqueConstraint("organisation", "code", name=op.f("uq_standard_position_organisation_code")),
    )
    with op.batch_alter_table("standard_position") as batch_op:
        batch_op.create_index("ix_standard_position_code", ["code"], unique=False)

    op.create_table(
        "approval_step",
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_approval_step_changeset")),
        sa.PrimaryKeyConstraint("changeset", "ordinal", name=op.f("pk_approval_step")),
    )
    op.create_table(
        "assignment_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("employee", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=True),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_assignment_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_assignment_version_days")),
        sa.ForeignKeyConstraint(["key"], ["assignment.key"], name=op.f("fk_assignment_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_version")),
    )
    with op.batch_alter_table("assignment_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_assignment_version_document", ["document", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index(
            "ix_assignment_version_employee", ["employee", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index("ix_assignment_version_key", ["key", "until_revision", "since_revision"], unique=False)
        batch_op.create_index(
            "ix_assignment_version_position", ["position", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "change",
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_change_changeset")),
        sa.PrimaryKeyConstraint("changeset", "ordinal", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("ix_change_kind_key", ["kind", "key", "changeset"], unique=False)

    op.create_table(
        "department_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_department_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_department_version_days")),
        sa.ForeignKeyConstraint(["key"], ["department.key"], name=op.f("fk_department_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_version")),
    )
    with op.batch_alter_table("department_version", schema=None) as batch_op:
        batch_op.create_index("ix_department_version_key", ["key", "until_revision", "since_revision"], unique=False)
        batch_op.create_index(
            "ix_department_version_parent", ["parent", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "document_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("repealed_on", sa.Date(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_document_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_document_version_days")),
        sa.ForeignKeyConstraint(["key"], ["document.key"], name=op.f("fk_document_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
    )
    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.create_index("ix_document_version_key", ["key", "until_revision", "since_revision"], unique=False)

    op.create_table(
        "duty_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("standard", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("involvement", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=True),
        sa.Column("documents", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_duty_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_duty_version_days")),
        sa.ForeignKeyConstraint(["key"], ["duty.key"], name=op.f("fk_duty_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_version")),
    )
    with op.batch_alter_table("duty_version", schema=None) as batch_op:
        batch_op.create_index("ix_duty_version_key", ["key", "until_revision", "since_revision"], unique=False)
        batch_op.create_index(
            "ix_duty_version_position", ["position", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index(
            "ix_duty_version_standard", ["standard", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "employee_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("employment_type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("entered_on", sa.Text(), nullable=True),
        sa.Column("left_on", sa.Text(), nullable=True),
        sa.Column("office_phone", sa.Text(), nullable=True),
        sa.Column("short_number", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("external_ids", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_employee_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_employee_version_days")),
        sa.ForeignKeyConstraint(["key"], ["employee.key"], name=op.f("fk_employee_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee_version")),
    )
    with op.batch_alter_table("employee_version", schema=None) as batch_op:
        batch_op.create_index("ix_employee_version_key", ["key", "until_revision", "since_revision"], unique=False)

    op.create_table(
        "organisation_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_organisation_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_organisation_version_days")),
        sa.ForeignKeyConstraint(["key"], ["organisation.key"], name=op.f("fk_organisation_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_version")),
    )
    with op.batch_alter_table("organisation_version", schema=None) as batch_op:
        batch_op.create_index("ix_organisation_version_key", ["key", "until_revision", "since_revision"], unique=False)

    op.create_table(
        "position_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("headcount", sa.BigInteger(), nullable=True),
        sa.Column("rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("standard", sa.BigInteger(), nullable=True),
        sa.Column("reports_to", sa.BigInteger(), nullable=True),
        sa.Column("deputy_of", sa.BigInteger(), nullable=True),
        sa.Column("substitutes", sa.Text(), nullable=True),
        sa.Column("exceptions", sa.Text(), nullable=True),
        sa.Column("sections", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("classification", sa.Text(), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_position_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_position_version_days")),
        sa.ForeignKeyConstraint(["key"], ["position.key"], name=op.f("fk_position_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_version")),
    )
    with op.batch_alter_table("position_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_position_version_department", ["department", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index(
            "ix_position_version_deputy_of", ["deputy_of", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index("ix_position_version_key", ["key", "until_revision", "since_revision"], unique=False)
        batch_op.create_index(
            "ix_position_version_reports_to", ["reports_to", "until_revision", "since_revision"], unique=False
        )
        batch_op.create_index(
            "ix_position_version_standard", ["standard", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "revision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("covered_from", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_revision_changeset")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_revision")),
    )
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.create_index("ix_revision_published_at", ["published_at"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=True),
        sa.Column("department", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_role_grant_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_account"), ["account"], unique=False)

    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changeset", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["changeset"], ["changeset.id"], name=op.f("fk_signature_changeset")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_changeset"), ["changeset"], unique=False)

    op.create_table(
        "standard_position_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("since_revision", sa.Integer(), nullable=False),
        sa.Column("until_revision", sa.Integer(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("sections", sa.Text(), nullable=True),
        sa.Column("rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.CheckConstraint("since_revision < until_revision", name=op.f("ck_standard_position_version_revisions")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_standard_position_version_days")),
        sa.ForeignKeyConstraint(["key"], ["standard_position.key"], name=op.f("fk_standard_position_version_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_position_version")),
    )
    with op.batch_alter_table("standard_position_version", schema=None) as batch_op:
        batch_op.create_index(
            "ix_standard_position_version_key", ["key", "until_revision", "since_revision"], unique=False
        )

    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_token_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_token_digest")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_account"), ["account"], unique=False)
    op.execute(f"INSERT INTO head (id, revision, sequence, hash) VALUES (1, 0, 0, '{'0' * 64}')")
    op.execute("INSERT INTO key_counter (id, next_key) VALUES (1, 1)")


def downgrade() -> None:
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_account"))

    op.drop_table("token")
    with op.batch_alter_table("standard_position_version", schema=None) as batch_op:
        batch_op.drop_index("ix_standard_position_version_key")

    op.drop_table("standard_position_version")
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signature_changeset"))

    op.drop_table("signature")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_account"))

    op.drop_table("role_grant")
    with op.batch_alter_table("revision", schema=None) as batch_op:
        batch_op.drop_index("ix_revision_published_at")

    op.drop_table("revision")
    with op.batch_alter_table("position_version", schema=None) as batch_op:
        batch_op.drop_index("ix_position_version_standard")
        batch_op.drop_index("ix_position_version_reports_to")
        batch_op.drop_index("ix_position_version_key")
        batch_op.drop_index("ix_position_version_deputy_of")
        batch_op.drop_index("ix_position_version_department")

    op.drop_table("position_version")
    with op.batch_alter_table("organisation_version", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_version_key")

    op.drop_table("organisation_version")
    with op.batch_alter_table("employee_version", schema=None) as batch_op:
        batch_op.drop_index("ix_employee_version_key")

    op.drop_table("employee_version")
    with op.batch_alter_table("duty_version", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_version_standard")
        batch_op.drop_index("ix_duty_version_position")
        batch_op.drop_index("ix_duty_version_key")

    op.drop_table("duty_version")
    with op.batch_alter_table("document_version", schema=None) as batch_op:
        batch_op.drop_index("ix_document_version_key")

    op.drop_table("document_version")
    with op.batch_alter_table("department_version", schema=None) as batch_op:
        batch_op.drop_index("ix_department_version_parent")
        batch_op.drop_index("ix_department_version_key")

    op.drop_table("department_version")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index("ix_change_kind_key")

    op.drop_table("change")
    with op.batch_alter_table("assignment_version", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_version_position")
        batch_op.drop_index("ix_assignment_version_key")
        batch_op.drop_index("ix_assignment_version_employee")
        batch_op.drop_index("ix_assignment_version_document")

    op.drop_table("assignment_version")
    op.drop_table("approval_step")
    op.drop_table("standard_position")
    op.drop_table("position")
    with op.batch_alter_table("personal_value", schema=None) as batch_op:
        batch_op.drop_index("ix_personal_value_key")

    op.drop_table("personal_value")
    op.drop_table("personal_key")
    op.drop_table("organisation")
    with op.batch_alter_table("lineage", schema=None) as batch_op:
        batch_op.drop_index("ix_lineage_other")
        batch_op.drop_index("ix_lineage_key")

    op.drop_table("lineage")
    op.drop_table("key_counter")
    op.drop_table("job")
    op.drop_table("idempotency")
    op.drop_table("head")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("ix_event_aggregate")

    op.drop_table("event")
    op.drop_table("employee")
    op.drop_table("duty")
    op.drop_table("document")
    op.drop_table("department")
    with op.batch_alter_table("changeset", schema=None) as batch_op:
        batch_op.drop_index("ix_changeset_state")

    op.drop_table("changeset")
    op.drop_table("assignment")
    op.drop_table("account")
