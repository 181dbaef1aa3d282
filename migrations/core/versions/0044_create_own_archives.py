"""Create the archives of what is kept on a person, one at a time for each account."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=True),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(made_at IS NULL) = (until IS NULL) AND (made_at IS NULL) = (size IS NULL)",
            name=op.f("ck_own_archive_made_as_a_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_own_archive_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_archive")),
        sa.UniqueConstraint("account_id", name=op.f("uq_own_archive_account_id")),
    )


def downgrade() -> None:
    op.drop_table("own_archive")
