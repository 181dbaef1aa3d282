"""Count the codes that are given, by kind, district and year; remember which forms were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_counter",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_code_counter_last_from_one")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_code_counter_district_id")
        ),
        sa.PrimaryKeyConstraint("kind", "district_id", "year", name=op.f("pk_code_counter")),
    )
    op.create_table(
        "sent_form",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sent_form_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "once", name=op.f("pk_sent_form")),
    )


def downgrade() -> None:
    op.drop_table("sent_form")
    op.drop_table("code_counter")
