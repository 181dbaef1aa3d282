"""Create the tables of discipline."""

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
        "discipline_asset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("custodian_id", sa.Integer(), nullable=True),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        *_bookkeeping("discipline_asset"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_asset_code_length")
        ),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 200", name=op.f("ck_discipline_asset_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["custodian_id"], ["cadre.id"], name=op.f("fk_discipline_asset_custodian_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_discipline_asset_organization_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_asset_code")),
    )
    op.create_index(op.f("ix_discipline_asset_district_id"), "discipline_asset", ["district_id"])
    op.create_index(
        op.f("ix_discipline_asset_organization_id_acquired_on"),
        "discipline_asset",
        ["organization_id", "acquired_on"],
    )
    op.create_table(
        "discipline_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("clock_in", sa.Time(), nullable=True),
        sa.Column("clock_out", sa.Time(), nullable=True),
        *_bookkeeping("discipline_attendance"),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_attendance_cadre_id")
        ),
    )
    op.create_index(
        op.f("ix_discipline_attendance_district_id"), "discipline_attendance", ["district_id"]
    )
    op.create_index(
        op.f("uq_discipline_attendance_cadre_id_day"),
        "discipline_attendance",
        ["cadre_id", "day"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "discipline_conduct_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.String(length=2000), nullable=True),
        *_bookkeeping("discipline_conduct_report"),
        sa.CheckConstraint(
            "kind IN ('political', 'integrity', 'conduct')",
            name=op.f("ck_discipline_conduct_report_kind_choice"),
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_conduct_report_code_length")
        ),
        sa.CheckConstraint(
            "length(summary) BETWEEN 1 AND 2000",
            name=op.f("ck_discipline_conduct_report_summary_length"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_conduct_report_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_conduct_report_code")),
    )
    op.create_index(
        op.f("ix_discipline_conduct_report_cadre_id_reported_on"),
        "discipline_conduct_report",
        ["cadre_id", "reported_on"],
    )
    op.create_index(
        op.f("ix_discipline_conduct_report_district_id"),
        "discipline_conduct_report",
        ["district_id"],
    )
    op.create_table(
        "discipline_expense",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("payee", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=500), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("reimbursed_on", sa.Date(), nullable=True),
        sa.Column("receipt", sa.Boolean(), nullable=False),
        *_bookkeeping("discipline_expense"),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_discipline_expense_amount_not_negative")),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_expense_code_length")
        ),
        sa.CheckConstraint(
            "length(item) BETWEEN 1 AND 500", name=op.f("ck_discipline_expense_item_length")
        ),
        sa.CheckConstraint(
            "length(payee) BETWEEN 1 AND 200", name=op.f("ck_discipline_expense_payee_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_expense_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_expense_code")),
    )
    op.create_index(
        op.f("ix_discipline_expense_cadre_id_spent_on"),
        "discipline_expense",
        ["cadre_id", "spent_on"],
    )
    op.create_index(
        op.f("ix_discipline_expense_district_id"), "discipline_expense", ["district_id"]
    )
    op.create_table(
        "discipline_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("first_half", sa.String(length=30), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_half", sa.String(length=30), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        *_bookkeeping("discipline_leave"),
        sa.CheckConstraint(
            "NOT (first_day = last_day AND first_half = 'pm' AND last_half = 'am')",
            name=op.f("ck_discipline_leave_covers_half_a_day"),
        ),
        sa.CheckConstraint(
            "first_half IN ('pm')", name=op.f("ck_discipline_leave_first_half_choice")
        ),
        sa.CheckConstraint(
            "kind IN ('annual', 'sick', 'personal', 'parental', 'official', 'other')",
            name=op.f("ck_discipline_leave_kind_choice"),
        ),
        sa.CheckConstraint(
            "last_half IN ('am')", name=op.f("ck_discipline_leave_last_half_choice")
        ),
        sa.CheckConstraint(
            "last_day >= first_day", name=op.f("ck_discipline_leave_last_day_not_before_first")
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_leave_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_leave_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_leave_code")),
    )
    op.create_index(
        op.f("ix_discipline_leave_cadre_id_first_day"),
        "discipline_leave",
        ["cadre_id", "first_day"],
    )
    op.create_index(op.f("ix_discipline_leave_district_id"), "discipline_leave", ["district_id"])
    op.create_table(
        "discipline_post_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("on_post", sa.Boolean(), nullable=False),
        *_bookkeeping("discipline_post_check"),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_post_check_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_post_check_cadre_id")
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_post_check_code")),
    )
    op.create_index(
        op.f("ix_discipline_post_check_cadre_id_checked_on"),
        "discipline_post_check",
        ["cadre_id", "checked_on"],
    )
    op.create_index(
        op.f("ix_discipline_post_check_district_id"), "discipline_post_check", ["district_id"]
    )
    op.create_table(
        "discipline_work_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("content", sa.String(length=10000), nullable=True),
        *_bookkeeping("discipline_work_log"),
        sa.CheckConstraint(
            "length(content) BETWEEN 1 AND 10000",
            name=op.f("ck_discipline_work_log_content_length"),
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_discipline_work_log_cadre_id")
        ),
    )
    op.create_index(
        op.f("ix_discipline_work_log_district_id"), "discipline_work_log", ["district_id"]
    )
    op.create_index(
        op.f("uq_discipline_work_log_cadre_id_day"),
        "discipline_work_log",
        ["cadre_id", "day"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "discipline_asset_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        *_bookkeeping("discipline_asset_count"),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["discipline_asset.id"], name=op.f("fk_discipline_asset_count_asset_id")
        ),
    )
    op.create_index(
        op.f("ix_discipline_asset_count_district_id"), "discipline_asset_count", ["district_id"]
    )
    op.create_index(
        op.f("uq_discipline_asset_count_asset_id_counted_on"),
        "discipline_asset_count",
        ["asset_id", "counted_on"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "discipline_expense_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("expense_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=30), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        *_bookkeeping("discipline_expense_approval"),
        sa.CheckConstraint(
            "body IN ('audit_committee', 'chair')",
            name=op.f("ck_discipline_expense_approval_body_choice"),
        ),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected')",
            name=op.f("ck_discipline_expense_approval_decision_choice"),
        ),
        sa.CheckConstraint(
            "amount >= 0", name=op.f("ck_discipline_expense_approval_amount_not_negative")
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_discipline_expense_approval_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["cadre.id"], name=op.f("fk_discipline_expense_approval_approver_id")
        ),
        sa.ForeignKeyConstraint(
            ["expense_id"],
            ["discipline_expense.id"],
            name=op.f("fk_discipline_expense_approval_expense_id"),
        ),
        sa.UniqueConstraint("code", name=op.f("uq_discipline_expense_approval_code")),
    )
    op.create_index(
        op.f("ix_discipline_expense_approval_approver_id"),
        "discipline_expense_approval",
        ["approver_id"],
    )
    op.create_index(
        op.f("ix_discipline_expense_approval_decided_on"),
        "discipline_expense_approval",
        ["decided_on"],
    )
    op.create_index(
        op.f("ix_discipline_expense_approval_district_id"),
        "discipline_expense_approval",
        ["district_id"],
    )
    op.create_index(
        op.f("ix_discipline_expense_approval_expense_id"),
        "discipline_expense_approval",
        ["expense_id"],
    )


def downgrade() -> None:
    op.drop_table("discipline_expense_approval")
    op.drop_table("discipline_asset_count")
    op.drop_table("discipline_work_log")
    op.drop_table("discipline_post_check")
    op.drop_table("discipline_leave")
    op.drop_table("discipline_expense")
    op.drop_table("discipline_conduct_report")
    op.drop_table("discipline_attendance")
    op.drop_table("discipline_asset")
