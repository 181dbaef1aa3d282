"""Tell nothing twice, and let people choose by which way they are told.

What was told before stays in the application. Going back, all of these choices are forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL")
_UNSETTLED = sa.text("leaves IS NULL")
_LEAVING = sa.text("leaves <> 'here' AND left_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("notification") as table:
        table.add_column(sa.Column("once", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("leaves", sa.String(length=10), nullable=True))
        table.add_column(sa.Column("left_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE notification SET leaves = 'here'")
    with op.batch_alter_table("notification") as table:
        table.create_check_constraint(
            op.f("ck_notification_leaves_choice"), "leaves IN ('now', 'digest', 'here')"
        )
        table.create_check_constraint(
            op.f("ck_notification_left_if_it_leaves"), "left_at IS NULL OR leaves <> 'here'"
        )
        table.create_unique_constraint(
            op.f("uq_notification_account_id_kind_once"), ["account_id", "kind", "once"]
        )
    op.drop_index("ix_notification_account_id_at", "notification")
    op.drop_index("ix_notification_unread", "notification")
    op.create_index("ix_notification_account_id_id", "notification", ["account_id", "id"])
    for name, columns, where in (
        ("ix_notification_unread", ["account_id", "id"], _UNREAD),
        ("ix_notification_unsettled", ["id"], _UNSETTLED),
        ("ix_notification_leaving", ["account_id"], _LEAVING),
    ):
        op.create_index(name, "notification", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "notification_choice",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("leaves", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "leaves IN ('now', 'digest', 'here')", name=op.f("ck_notification_choice_leaves_choice")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_choice_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "notification_language",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "language IN ('zh_Hans_CN', 'en')", name=op.f("ck_notification_language_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_notification_language_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notification_language")),
    )
    op.create_table(
        "notification_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Time(), nullable=False),
        sa.Column("last", sa.Time(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_notification_hours_one_row")),
        sa.CheckConstraint("first < last", name=op.f("ck_notification_hours_first_before_last")),
        sa.CheckConstraint("most BETWEEN 0 AND 100", name=op.f("ck_notification_hours_most_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_hours")),
    )
    op.create_table(
        "rule_reminder",
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 30", name=op.f("ck_rule_reminder_days_range")),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_reminder")),
    )


def downgrade() -> None:
    for name in ("rule_reminder", "notification_hours", "notification_language"):
        op.drop_table(name)
    op.drop_table("notification_choice")
    for name in (
        "ix_notification_leaving",
        "ix_notification_unsettled",
        "ix_notification_unread",
        "ix_notification_account_id_id",
    ):
        op.drop_index(name, "notification")
    op.create_index("ix_notification_account_id_at", "notification", ["account_id", "at"])
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["account_id"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )
    with op.batch_alter_table("notification") as table:
        table.drop_constraint(op.f("uq_notification_account_id_kind_once"), type_="unique")
        table.drop_constraint(op.f("ck_notification_left_if_it_leaves"), type_="check")
        table.drop_constraint(op.f("ck_notification_leaves_choice"), type_="check")
        for column in ("left_at", "leaves", "once"):
            table.drop_column(column)
