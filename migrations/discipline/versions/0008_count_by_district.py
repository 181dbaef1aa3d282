"""Count the work logs and the attendance of a district by an index that holds all that it takes."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("discipline_attendance", "discipline_work_log")


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_counted", table, ["district_id", "cadre_id", "voided_at"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_counted", table)
