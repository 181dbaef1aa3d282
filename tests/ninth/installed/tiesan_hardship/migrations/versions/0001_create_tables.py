"""Create the tables of hardship."""

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
        "hardship_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=50), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.String(length=2000), nullable=True),
        *_bookkeeping("hardship_case"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_hardship_case_code_length")
        ),
        sa.CheckConstraint(
            "length(worker) BETWEEN 1 AND 50", name=op.f("ck_hardship_case_worker_length")
        ),
        sa.CheckConstraint(
            "cause IN ('illness', 'schooling', 'accident', 'income')",
            name=op.f("ck_hardship_case_cause_choice"),
        ),
        sa.CheckConstraint(
            "length(summary) BETWEEN 1 AND 2000", name=op.f("ck_hardship_case_summary_length")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_hardship_case_organization_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_hardship_case_code")),
    )
    op.create_index(op.f("ix_hardship_case_district_id"), "hardship_case", ["district_id"])
    op.create_index("ix_hardship_case_listed", "hardship_case", ["district_id", "opened_on", "id"])
    op.create_index(
        op.f("ix_hardship_case_organization_id_opened_on"),
        "hardship_case",
        ["organization_id", "opened_on"],
    )
    op.create_table(
        "hardship_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitor_id", sa.Integer(), nullable=True),
        sa.Column("aid", sa.BigInteger(), nullable=True),
        *_bookkeeping("hardship_visit"),
        sa.CheckConstraint("aid >= 0", name=op.f("ck_hardship_visit_aid_not_negative")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["hardship_case.id"], name=op.f("fk_hardship_visit_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["cadre.id"], name=op.f("fk_hardship_visit_visitor_id")
        ),
    )
    op.create_index(op.f("ix_hardship_visit_district_id"), "hardship_visit", ["district_id"])
    op.create_index(
        "ix_hardship_visit_listed", "hardship_visit", ["district_id", "visited_on", "id"]
    )
    op.create_index(op.f("ix_hardship_visit_visitor_id"), "hardship_visit", ["visitor_id"])
    live = sa.text("voided_at IS NULL")
    op.create_index(
        op.f("uq_hardship_visit_case_id_visited_on"),
        "hardship_visit",
        ["case_id", "visited_on"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def downgrade() -> None:
    op.drop_table("hardship_visit")
    op.drop_table("hardship_case")
