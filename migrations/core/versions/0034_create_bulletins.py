"""Create bulletins: the text and its frozen numbers, demands, names, receipts, and the series."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _series()
    _bulletin()
    _writer()
    _demand()
    _name()
    _receipt()


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}"))


def _series() -> None:
    op.create_table(
        "bulletin_series",
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(length=10), nullable=False),
        _key("bulletin_series", "district_id", "organization"),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_bulletin_series")),
        sa.UniqueConstraint("prefix", name=op.f("uq_bulletin_series_prefix")),
    )


def _bulletin() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("comments", sa.JSON(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("prefix", sa.String(length=10), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        *_bulletin_checks(),
        _key("bulletin", "district_id", "organization"),
        _key("bulletin", "author_id", "account"),
        _key("bulletin", "corrects_id", "bulletin"),
        _key("bulletin", "issued_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint(
            "district_id", "year", "number", name=op.f("uq_bulletin_district_id_year_number")
        ),
    )
    op.create_index(op.f("ix_bulletin_state_district_id"), "bulletin", ["state", "district_id"])
    op.create_index(op.f("ix_bulletin_corrects_id"), "bulletin", ["corrects_id"])


def _bulletin_checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint("number >= 1", name=op.f("ck_bulletin_number_from_one")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_bulletin_days_in_order")),
        sa.CheckConstraint(
            "(state = 'issued') = (number IS NOT NULL)"
            " AND (number IS NULL) = (year IS NULL) AND (number IS NULL) = (prefix IS NULL)"
            " AND (number IS NULL) = (issued_on IS NULL)",
            name=op.f("ck_bulletin_numbered_when_issued"),
        ),
        sa.CheckConstraint("corrects_id <> id", name=op.f("ck_bulletin_corrects_another")),
        sa.CheckConstraint(
            "length(introduction) <= 5000", name=op.f("ck_bulletin_introduction_fits")
        ),
        sa.CheckConstraint(
            "state IN ('drafted', 'submitted', 'issued', 'discarded')",
            name=op.f("ck_bulletin_state_choice"),
        ),
    )


def _writer() -> None:
    op.create_table(
        "bulletin_writer",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        _key("bulletin_writer", "bulletin_id", "bulletin"),
        _key("bulletin_writer", "account_id", "account"),
        sa.PrimaryKeyConstraint("bulletin_id", "account_id", name=op.f("pk_bulletin_writer")),
    )


def _demand() -> None:
    op.create_table(
        "bulletin_demand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 2000", name=op.f("ck_bulletin_demand_text_length")
        ),
        sa.CheckConstraint(
            "notice_id IS NULL OR settled_on IS NULL",
            name=op.f("ck_bulletin_demand_settled_one_way"),
        ),
        _key("bulletin_demand", "bulletin_id", "bulletin"),
        _key("bulletin_demand", "organization_id", "organization"),
        _key("bulletin_demand", "notice_id", "notice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_demand")),
        sa.UniqueConstraint(
            "bulletin_id", "position", name=op.f("uq_bulletin_demand_bulletin_id_position")
        ),
    )
    op.create_index(op.f("ix_bulletin_demand_notice_id"), "bulletin_demand", ["notice_id"])


def _name() -> None:
    op.create_table(
        "bulletin_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=True),
        sa.Column("praise", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(flag_id IS NULL) <> (praise IS NULL)", name=op.f("ck_bulletin_name_praise_or_flag")
        ),
        sa.CheckConstraint(
            "length(praise) BETWEEN 1 AND 2000", name=op.f("ck_bulletin_name_praise_length")
        ),
        _key("bulletin_name", "bulletin_id", "bulletin"),
        _key("bulletin_name", "cadre_id", "cadre"),
        _key("bulletin_name", "flag_id", "flag"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_name")),
        sa.UniqueConstraint(
            "bulletin_id", "flag_id", name=op.f("uq_bulletin_name_bulletin_id_flag_id")
        ),
    )
    for column in ("cadre_id", "flag_id"):
        op.create_index(op.f(f"ix_bulletin_name_{column}"), "bulletin_name", [column])


def _receipt() -> None:
    op.create_table(
        "bulletin_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "received_on IS NOT NULL OR received_by_id IS NULL",
            name=op.f("ck_bulletin_receipt_received_by"),
        ),
        _key("bulletin_receipt", "bulletin_id", "bulletin"),
        _key("bulletin_receipt", "organization_id", "organization"),
        _key("bulletin_receipt", "received_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_receipt")),
        sa.UniqueConstraint(
            "bulletin_id",
            "organization_id",
            name=op.f("uq_bulletin_receipt_bulletin_id_organization_id"),
        ),
    )
    op.create_index(
        op.f("ix_bulletin_receipt_organization_id_received_on"),
        "bulletin_receipt",
        ["organization_id", "received_on"],
    )


def downgrade() -> None:
    for table in ("receipt", "name", "demand", "writer"):
        op.drop_table(f"bulletin_{table}")
    op.drop_table("bulletin")
    op.drop_table("bulletin_series")
