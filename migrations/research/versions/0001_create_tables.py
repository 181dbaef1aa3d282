"""Create the tables of research."""

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
        "research_info_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        *_bookkeeping("research_info_report"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_research_info_report_code_length")
        ),
        sa.CheckConstraint(
            "length(title) BETWEEN 1 AND 300", name=op.f("ck_research_info_report_title_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_research_info_report_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_research_info_report_code")),
    )
    op.create_index(
        op.f("ix_research_info_report_cadre_id_submitted_on"),
        "research_info_report",
        ["cadre_id", "submitted_on"],
    )
    op.create_index(
        op.f("ix_research_info_report_district_id"), "research_info_report", ["district_id"]
    )
    op.create_table(
        "research_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        *_bookkeeping("research_paper"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_research_paper_code_length")
        ),
        sa.CheckConstraint(
            "length(title) BETWEEN 1 AND 300", name=op.f("ck_research_paper_title_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_research_paper_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_research_paper_code")),
    )
    op.create_index(
        op.f("ix_research_paper_cadre_id_submitted_on"),
        "research_paper",
        ["cadre_id", "submitted_on"],
    )
    op.create_index(op.f("ix_research_paper_district_id"), "research_paper", ["district_id"])


def downgrade() -> None:
    op.drop_table("research_paper")
    op.drop_table("research_info_report")
