"""Let the lines on homes become notifications: about a row, and read or not.

What was told before counts as read. Going back, what was read is shown as a line again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("row_kind", sa.String(length=60), nullable=True),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "(row_kind IS NULL) = (row_id IS NULL)", name=op.f("ck_notification_whole_row")
        ),
        sa.CheckConstraint("read_at >= at", name=op.f("ck_notification_read_after_made")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    for columns in (["account_id", "at"], ["row_kind", "row_id"]):
        op.create_index(op.f(f"ix_notification_{'_'.join(columns)}"), "notification", columns)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["account_id"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
    op.execute(
        "INSERT INTO notification (account_id, at, kind, details, read_at)"
        " SELECT account_id, at, verb, details, at FROM home_line ORDER BY id"
    )
    op.drop_index(op.f("ix_home_line_account_id_at"), "home_line")
    op.drop_table("home_line")


def downgrade() -> None:
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
    op.execute(
        "INSERT INTO home_line (account_id, at, verb, details)"
        " SELECT account_id, at, kind, details FROM notification ORDER BY id"
    )
    op.drop_table("notification")
