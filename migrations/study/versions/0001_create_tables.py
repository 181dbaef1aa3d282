"""Create the tables of study."""

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
        "study_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=True),
        sa.Column("main_speaker_id", sa.Integer(), nullable=True),
        *_bookkeeping("study_session"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_study_session_code_length")
        ),
        sa.CheckConstraint(
            "length(topic) BETWEEN 1 AND 200", name=op.f("ck_study_session_topic_length")
        ),
        sa.ForeignKeyConstraint(
            ["main_speaker_id"], ["cadre.id"], name=op.f("fk_study_session_main_speaker_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_study_session_organization_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_study_session_code")),
    )
    op.create_index(op.f("ix_study_session_district_id"), "study_session", ["district_id"])
    op.create_index(
        op.f("ix_study_session_organization_id_held_on"),
        "study_session",
        ["organization_id", "held_on"],
    )
    op.create_table(
        "study_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        *_bookkeeping("study_attendance"),
        sa.CheckConstraint(
            "status IN ('present', 'leave', 'absent')",
            name=op.f("ck_study_attendance_status_choice"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_study_attendance_cadre_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["study_session.id"], name=op.f("fk_study_attendance_session_id")
        ),
    )
    op.create_index(op.f("ix_study_attendance_cadre_id"), "study_attendance", ["cadre_id"])
    op.create_index(op.f("ix_study_attendance_district_id"), "study_attendance", ["district_id"])
    op.create_index(
        op.f("uq_study_attendance_session_id_cadre_id"),
        "study_attendance",
        ["session_id", "cadre_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("study_attendance")
    op.drop_table("study_session")
