"""Find expenses that are neither reimbursed nor withdrawn by an index of those alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("reimbursed_on IS NULL AND withdrawn_on IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_discipline_expense_unfinished",
        "discipline_expense",
        ["requested_on", "id"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def downgrade() -> None:
    op.drop_index("ix_discipline_expense_unfinished", "discipline_expense")
