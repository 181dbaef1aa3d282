"""Create the tables of efficiency."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _bookkeeping(table: str) -> list[sa.Column[Any] | sa.Constraint]:
    """What every activity record has besides its own columns."""
    return [
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "source IN ('web', 'import', 'demo')", name=op.f(f"ck_{table}_source_choice")
        ),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f(f"ck_{table}_voided_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f(f"fk_{table}_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f(f"fk_{table}_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["account.id"], name=op.f(f"fk_{table}_voided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(
        "efficiency_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("goal", sa.String(length=2000), nullable=True),
        sa.Column("measures", sa.String(length=2000), nullable=True),
        sa.Column("assigned_on", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        *_bookkeeping("efficiency_task"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_efficiency_task_code_length")
        ),
        sa.CheckConstraint(
            "length(goal) BETWEEN 1 AND 2000", name=op.f("ck_efficiency_task_goal_length")
        ),
        sa.CheckConstraint(
            "length(measures) BETWEEN 1 AND 2000", name=op.f("ck_efficiency_task_measures_length")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_efficiency_task_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["cadre.id"], name=op.f("fk_efficiency_task_owner_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_efficiency_task_code")),
    )
    op.create_index(op.f("ix_efficiency_task_district_id"), "efficiency_task", ["district_id"])
    op.create_index(
        op.f("ix_efficiency_task_organization_id_assigned_on"),
        "efficiency_task",
        ["organization_id", "assigned_on"],
    )


def downgrade() -> None:
    op.drop_table("efficiency_task")
