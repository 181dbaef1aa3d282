"""Follow a confirmed flag up: cases that it is escalated to, and rectification notices."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATES = "'issued', 'received', 'answered', 'returned', 'accepted', 'revoked'"


def upgrade() -> None:
    op.create_table(
        "escalated_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "length(measure) BETWEEN 1 AND 2000", name=op.f("ck_escalated_flag_measure_length")
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_escalated_flag_flag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalated_flag")),
        sa.UniqueConstraint("kind", "row_id", name=op.f("uq_escalated_flag_kind_row_id")),
    )
    op.create_index(
        "uq_escalated_flag_one",
        "escalated_flag",
        ["flag_id"],
        unique=True,
        sqlite_where=sa.text("NOT superseded"),
        postgresql_where=sa.text("NOT superseded"),
    )
    op.create_table(
        "notice_series",
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_notice_series_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_notice_series")),
        sa.UniqueConstraint("prefix", name=op.f("uq_notice_series_prefix")),
    )
    _create_notices()
    _create_findings()


def _create_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=10), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_notice_number_from_one")),
        sa.CheckConstraint(
            "(cadre_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_notice_one_subject")
        ),
        sa.CheckConstraint("due_on >= issued_on", name=op.f("ck_notice_due_after_issue")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 2000", name=op.f("ck_notice_text_length")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_notice_state_choice")),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_notice_cadre_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_notice_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["account.id"], name=op.f("fk_notice_issued_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_notice_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "district_id", "year", "number", name=op.f("uq_notice_district_id_year_number")
        ),
    )
    op.create_index(op.f("ix_notice_state_due_on"), "notice", ["state", "due_on"])
    op.create_index(op.f("ix_notice_cadre_id"), "notice", ["cadre_id"])
    op.create_index(op.f("ix_notice_organization_id"), "notice", ["organization_id"])


def _create_findings() -> None:
    op.create_table(
        "notice_finding",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("clause_zh", sa.Text(), nullable=False),
        sa.Column("clause_en", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_as", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "(left_on IS NULL) = (left_as IS NULL)", name=op.f("ck_notice_finding_left_as_what")
        ),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_notice_finding_flag_id")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_finding_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "flag_id", name=op.f("pk_notice_finding")),
    )
    op.create_index(op.f("ix_notice_finding_flag_id"), "notice_finding", ["flag_id"])
    op.create_index(
        "uq_notice_finding_unfinished",
        "notice_finding",
        ["flag_id"],
        unique=True,
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )


def downgrade() -> None:
    for table in ("notice_finding", "notice", "notice_series", "escalated_flag"):
        op.drop_table(table)
