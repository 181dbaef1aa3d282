"""Create the tables of accountability."""

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
        "accountability_mistake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=True),
        *_bookkeeping("accountability_mistake"),
        sa.CheckConstraint(
            "level IN ('minor', 'major')", name=op.f("ck_accountability_mistake_level_choice")
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_accountability_mistake_code_length")
        ),
        sa.CheckConstraint(
            "length(summary) BETWEEN 1 AND 2000",
            name=op.f("ck_accountability_mistake_summary_length"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_accountability_mistake_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_accountability_mistake_code")),
    )
    op.create_index(
        op.f("ix_accountability_mistake_cadre_id_reported_on"),
        "accountability_mistake",
        ["cadre_id", "reported_on"],
    )
    op.create_index(
        op.f("ix_accountability_mistake_district_id"), "accountability_mistake", ["district_id"]
    )
    op.create_table(
        "accountability_responsibility_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        *_bookkeeping("accountability_responsibility_letter"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50",
            name=op.f("ck_accountability_responsibility_letter_code_length"),
        ),
        sa.CheckConstraint(
            "year BETWEEN 1900 AND 2999",
            name=op.f("ck_accountability_responsibility_letter_year_range"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"],
            ["cadre.id"],
            name=op.f("fk_accountability_responsibility_letter_cadre_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_accountability_responsibility_letter_code")),
    )
    op.create_index(
        op.f("ix_accountability_responsibility_letter_cadre_id_signed_on"),
        "accountability_responsibility_letter",
        ["cadre_id", "signed_on"],
    )
    op.create_index(
        op.f("ix_accountability_responsibility_letter_district_id"),
        "accountability_responsibility_letter",
        ["district_id"],
    )
    op.create_table(
        "accountability_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("mistake_id", sa.Integer(), nullable=True),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=2000), nullable=True),
        *_bookkeeping("accountability_case"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_accountability_case_code_length")
        ),
        sa.CheckConstraint(
            "length(decision) BETWEEN 1 AND 2000",
            name=op.f("ck_accountability_case_decision_length"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_accountability_case_cadre_id")
        ),
        sa.ForeignKeyConstraint(
            ["mistake_id"],
            ["accountability_mistake.id"],
            name=op.f("fk_accountability_case_mistake_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_accountability_case_code")),
    )
    op.create_index(
        op.f("ix_accountability_case_cadre_id_opened_on"),
        "accountability_case",
        ["cadre_id", "opened_on"],
    )
    op.create_index(
        op.f("ix_accountability_case_district_id"), "accountability_case", ["district_id"]
    )
    op.create_index(
        op.f("ix_accountability_case_mistake_id"), "accountability_case", ["mistake_id"]
    )


def downgrade() -> None:
    op.drop_table("accountability_case")
    op.drop_table("accountability_responsibility_letter")
    op.drop_table("accountability_mistake")
