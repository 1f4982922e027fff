"""Keep the reason and document of what becomes of people."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOCUMENT = "ix_employee_version_status_document"


def upgrade() -> None:
    op.add_column("employee_version", sa.Column("status_reason", sa.Text(), nullable=True))
    op.add_column("employee_version", sa.Column("status_document", sa.BigInteger(), nullable=True))
    op.create_index(DOCUMENT, "employee_version", ["status_document", "until_revision", "since_revision"])
    op.add_column("assignment_version", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("assignment_version", "reason")
    op.drop_index(DOCUMENT, "employee_version")
    op.drop_column("employee_version", "status_document")
    op.drop_column("employee_version", "status_reason")
