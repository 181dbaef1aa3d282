"""Keep after how many months what is removed, and of files that their content has gone."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(), nullable=True),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("ran_at", sa.DateTime(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("months BETWEEN 1 AND 600", name=op.f("ck_retention_months_range")),
        sa.CheckConstraint(
            "rows >= 0 AND files >= 0 AND bytes >= 0", name=op.f("ck_retention_removed_from_zero")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["account.id"], name=op.f("fk_retention_set_by_id")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention")),
    )
    with op.batch_alter_table("attachment") as table:
        table.add_column(sa.Column("removed_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("gone_at", sa.DateTime(), nullable=True))
        table.create_check_constraint(
            op.f("ck_attachment_gone_once_removed"), "gone_at IS NULL OR removed_at IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("attachment") as table:
        table.drop_constraint(op.f("ck_attachment_gone_once_removed"), type_="check")
        table.drop_column("gone_at")
        table.drop_column("removed_at")
    op.drop_table("retention")
