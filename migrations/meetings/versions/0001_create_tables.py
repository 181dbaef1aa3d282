"""Create the tables of meetings."""

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
        "meetings_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes_on", sa.Date(), nullable=True),
        sa.Column("bulletin", sa.Boolean(), nullable=False),
        *_bookkeeping("meetings_meeting"),
        sa.CheckConstraint(
            "kind IN ('chairs', 'office', 'enterprise_chairs')",
            name=op.f("ck_meetings_meeting_kind_choice"),
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_meetings_meeting_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_meetings_meeting_organization_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_meetings_meeting_code")),
    )
    op.create_index(op.f("ix_meetings_meeting_district_id"), "meetings_meeting", ["district_id"])
    op.create_index(
        op.f("ix_meetings_meeting_organization_id_held_on"),
        "meetings_meeting",
        ["organization_id", "held_on"],
    )
    op.create_table(
        "meetings_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        *_bookkeeping("meetings_attendance"),
        sa.CheckConstraint(
            "status IN ('present', 'leave', 'absent')",
            name=op.f("ck_meetings_attendance_status_choice"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings_meeting.id"], name=op.f("fk_meetings_attendance_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_meetings_attendance_organization_id"),
        ),
    )
    op.create_index(
        op.f("ix_meetings_attendance_district_id"), "meetings_attendance", ["district_id"]
    )
    op.create_index(
        op.f("ix_meetings_attendance_organization_id"), "meetings_attendance", ["organization_id"]
    )
    op.create_index(
        op.f("uq_meetings_attendance_meeting_id_organization_id"),
        "meetings_attendance",
        ["meeting_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("meetings_attendance")
    op.drop_table("meetings_meeting")
