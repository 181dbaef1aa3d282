"""Create the lines by which persons are told something on their home."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_home_line_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_line")),
    )
    op.create_index(op.f("ix_home_line_account_id_at"), "home_line", ["account_id", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_home_line_account_id_at"), "home_line")
    op.drop_table("home_line")
