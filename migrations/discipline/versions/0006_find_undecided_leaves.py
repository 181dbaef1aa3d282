"""Find leaves that wait for a decision by an index of those alone, the oldest first."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text(
    "requested_on IS NOT NULL AND approved_on IS NULL AND rejected_on IS NULL "
    "AND closed_on IS NULL AND withdrawn_on IS NULL"
)


def upgrade() -> None:
    op.create_index(
        "ix_discipline_leave_undecided",
        "discipline_leave",
        ["requested_on", "id"],
        sqlite_where=_UNDECIDED,
        postgresql_where=_UNDECIDED,
    )


def downgrade() -> None:
    op.drop_index("ix_discipline_leave_undecided", "discipline_leave")
