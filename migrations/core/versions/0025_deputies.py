"""Let a superior name a deputy for a time, and keep on which day a request was called to mind."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("named_at", sa.DateTime(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("giver_id <> account_id", name=op.f("ck_deputy_somebody_else")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_deputy_last_not_before_first")),
        sa.CheckConstraint("days BETWEEN 1 AND 92", name=op.f("ck_deputy_days_at_most")),
        sa.ForeignKeyConstraint(["giver_id"], ["account.id"], name=op.f("fk_deputy_giver_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_deputy_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index(op.f("ix_deputy_giver_id"), "deputy", ["giver_id"])
    op.create_index(op.f("ix_deputy_account_id"), "deputy", ["account_id"])
    op.create_table(
        "course_reminder",
        sa.Column("course", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("course", "row_id", "day", name=op.f("pk_course_reminder")),
    )


def downgrade() -> None:
    op.drop_table("course_reminder")
    op.drop_table("deputy")
