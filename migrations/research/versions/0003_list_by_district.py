"""Find the page of a district's list by an index."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# By the table the date by which its lists are sorted.
_LISTED_BY = {
    "research_info_report": "submitted_on",
    "research_paper": "submitted_on",
}


def upgrade() -> None:
    for table, date in _LISTED_BY.items():
        op.create_index(op.f(f"ix_{table}_listed"), table, ["district_id", date, "id"])


def downgrade() -> None:
    for table in _LISTED_BY:
        op.drop_index(op.f(f"ix_{table}_listed"), table)
