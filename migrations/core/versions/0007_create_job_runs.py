"""Create the table of the runs of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OVER = "state IN ('done', 'failed', 'covered')"


def upgrade() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.String(length=32), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("began_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("peak_memory_kb", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'covered')",
            name=op.f("ck_job_run_state_choice"),
        ),
        sa.CheckConstraint(
            "(state = 'running') = (claim IS NOT NULL)",
            name=op.f("ck_job_run_claimed_while_running"),
        ),
        sa.CheckConstraint(
            "(claim IS NULL) = (lease_until IS NULL)", name=op.f("ck_job_run_claim_with_lease")
        ),
        sa.CheckConstraint(
            f"({_OVER}) = (ended_at IS NOT NULL)", name=op.f("ck_job_run_ended_when_over")
        ),
        sa.CheckConstraint("covers_from <= day", name=op.f("ck_job_run_covers_until_its_day")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_run_attempts_from_zero")),
        sa.CheckConstraint(
            "step >= 0 AND step <= steps", name=op.f("ck_job_run_step_within_steps")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_job_run_actor_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_job_run_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    for name, columns, of_district in (
        ("uq_job_run_district", ["job", "district_id", "day", "asked"], "IS NOT NULL"),
        ("uq_job_run_installation", ["job", "day", "asked"], "IS NULL"),
    ):
        condition = sa.text(f"district_id {of_district}")
        op.create_index(
            name,
            "job_run",
            columns,
            unique=True,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    op.create_index(op.f("ix_job_run_state_due_at"), "job_run", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("job_run")
