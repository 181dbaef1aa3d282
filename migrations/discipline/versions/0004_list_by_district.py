"""Find the page of a district's list by an index."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# By the table the date by which its lists are sorted.
_LISTED_BY = {
    "discipline_work_log": "written_on",
    "discipline_attendance": "day",
    "discipline_leave": "first_day",
    "discipline_post_check": "checked_on",
    "discipline_expense": "spent_on",
    "discipline_expense_approval": "decided_on",
    "discipline_asset": "acquired_on",
    "discipline_asset_count": "counted_on",
    "discipline_conduct_report": "reported_on",
}


def upgrade() -> None:
    for table, date in _LISTED_BY.items():
        op.create_index(op.f(f"ix_{table}_listed"), table, ["district_id", date, "id"])


def downgrade() -> None:
    for table in _LISTED_BY:
        op.drop_index(op.f(f"ix_{table}_listed"), table)
