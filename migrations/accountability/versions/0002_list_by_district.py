"""Find the page of a district's list by an index."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# By the table the date by which its lists are sorted.
_LISTED_BY = {
    "accountability_responsibility_letter": "signed_on",
    "accountability_mistake": "reported_on",
    "accountability_case": "opened_on",
}


def upgrade() -> None:
    for table, date in _LISTED_BY.items():
        op.create_index(op.f(f"ix_{table}_listed"), table, ["district_id", date, "id"])


def downgrade() -> None:
    for table in _LISTED_BY:
        op.drop_index(op.f(f"ix_{table}_listed"), table)
