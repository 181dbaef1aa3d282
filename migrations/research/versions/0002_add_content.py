"""Let reports and papers have a content besides their title."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("research_info_report", "research_paper")


def upgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("content", sa.String(length=10_000), nullable=True))
            batch.create_check_constraint(
                op.f(f"ck_{table}_content_length"), "length(content) BETWEEN 1 AND 10000"
            )


def downgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_content_length"), type_="check")
            batch.drop_column("content")
