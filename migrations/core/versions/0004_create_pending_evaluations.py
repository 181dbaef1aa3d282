"""Create the table of what is still to be evaluated."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("cadres", sa.JSON(), nullable=False),
        sa.Column("organizations", sa.JSON(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_pending_evaluation_attempts_from_zero")),
        sa.CheckConstraint(
            "(attempts = 0) = (last_error IS NULL)",
            name=op.f("ck_pending_evaluation_error_of_an_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_pending_evaluation_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_pending_evaluation_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_evaluation")),
    )
    op.create_index(
        op.f("ix_pending_evaluation_district_id"), "pending_evaluation", ["district_id"]
    )
    op.create_index(
        op.f("ix_pending_evaluation_kind_record_id"), "pending_evaluation", ["kind", "record_id"]
    )


def downgrade() -> None:
    op.drop_table("pending_evaluation")
