"""Keep what is owed and done by rule, organization and period; the daily run counts it."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_CHECKS = {
    "owner_kind_choice": "owner_kind IN ('cadre', 'organization')",
    "last_day_not_before_first": "last_day >= first_day",
    "owed_by_somebody": "owed >= 1",
    "done_of_owed": "done BETWEEN 0 AND owed",
}


def upgrade() -> None:
    op.create_table(
        "duty_balance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_duty_balance_{name}"))
            for name, text in _CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["organization.id"], name=op.f(f"fk_duty_balance_{column}")
            )
            for column in ("district_id", "organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_balance")),
        sa.UniqueConstraint(
            "district_id",
            "due_on",
            "rule",
            "organization_id",
            "owner_kind",
            "first_day",
            "last_day",
            name="uq_duty_balance_period",
        ),
    )
    op.create_index(op.f("ix_duty_balance_organization_id"), "duty_balance", ["organization_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_duty_balance_organization_id"), "duty_balance")
    op.drop_table("duty_balance")
