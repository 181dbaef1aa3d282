"""Create the tables of innovation."""

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
        "innovation_innovation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.Column("result", sa.String(length=2000), nullable=True),
        *_bookkeeping("innovation_innovation"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_innovation_innovation_code_length")
        ),
        sa.CheckConstraint(
            "length(result) BETWEEN 1 AND 2000", name=op.f("ck_innovation_innovation_result_length")
        ),
        sa.CheckConstraint(
            "length(title) BETWEEN 1 AND 300", name=op.f("ck_innovation_innovation_title_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_innovation_innovation_cadre_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_innovation_innovation_organization_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_innovation_innovation_code")),
    )
    op.create_index(
        op.f("ix_innovation_innovation_cadre_id"), "innovation_innovation", ["cadre_id"]
    )
    op.create_index(
        op.f("ix_innovation_innovation_district_id"), "innovation_innovation", ["district_id"]
    )
    op.create_index(
        op.f("ix_innovation_innovation_organization_id_proposed_on"),
        "innovation_innovation",
        ["organization_id", "proposed_on"],
    )
    op.create_table(
        "innovation_award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("innovation_id", sa.Integer(), nullable=True),
        sa.Column("nominated_on", sa.Date(), nullable=False),
        *_bookkeeping("innovation_award"),
        sa.CheckConstraint(
            "cadre_id IS NOT NULL OR organization_id IS NOT NULL",
            name=op.f("ck_innovation_award_somebody_nominated"),
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_innovation_award_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_innovation_award_cadre_id")
        ),
        sa.ForeignKeyConstraint(
            ["innovation_id"],
            ["innovation_innovation.id"],
            name=op.f("fk_innovation_award_innovation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_innovation_award_organization_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_innovation_award_code")),
    )
    op.create_index(
        op.f("ix_innovation_award_cadre_id_nominated_on"),
        "innovation_award",
        ["cadre_id", "nominated_on"],
    )
    op.create_index(op.f("ix_innovation_award_district_id"), "innovation_award", ["district_id"])
    op.create_index(
        op.f("ix_innovation_award_innovation_id"), "innovation_award", ["innovation_id"]
    )
    op.create_index(
        op.f("ix_innovation_award_organization_id"), "innovation_award", ["organization_id"]
    )


def downgrade() -> None:
    op.drop_table("innovation_award")
    op.drop_table("innovation_innovation")
