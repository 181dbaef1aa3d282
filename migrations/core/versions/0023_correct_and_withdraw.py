"""Let somebody ask for the correction of a record, and keep which records authors withdrew."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ONE_END = (
    "(CASE WHEN granted_on IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN refused_on IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN withdrawn_on IS NULL THEN 0 ELSE 1 END) <= 1"
)


def upgrade() -> None:
    op.create_table(
        "record_withdrawal",
        sa.Column("kind", sa.String(60), nullable=False, comment="the kind of the record"),
        sa.Column(
            "row_id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="the id of the record",
        ),
        sa.PrimaryKeyConstraint("kind", "row_id", name=op.f("pk_record_withdrawal")),
    )
    op.create_table(
        "correction_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False, comment="its district"),
        sa.Column("kind", sa.String(60), nullable=False, comment="the kind of the record"),
        sa.Column("row_id", sa.Integer(), nullable=False, comment="the id of the record"),
        sa.Column(
            "cadre_id", sa.Integer(), nullable=True, comment="the cadre to whom the record belongs"
        ),
        sa.Column(
            "organization_id",
            sa.Integer(),
            nullable=True,
            comment="the organization to which the record belongs",
        ),
        sa.Column("account_id", sa.Integer(), nullable=False, comment="who asks"),
        sa.Column("text", sa.Text(), nullable=False, comment="what is wrong"),
        sa.Column(
            "wished",
            sa.JSON(),
            nullable=False,
            comment="by field the value when asked, and the wished one",
        ),
        sa.Column(
            "voids",
            sa.Boolean(),
            nullable=False,
            comment="whether the record should not be there at all",
        ),
        sa.Column("asked_on", sa.Date(), nullable=False, comment="the day of asking"),
        sa.Column("asked_at", sa.DateTime(), nullable=False, comment="the moment of asking"),
        sa.Column("granted_on", sa.Date(), nullable=True, comment="the day of the correction"),
        sa.Column("refused_on", sa.Date(), nullable=True, comment="the day of the refusal"),
        sa.Column(
            "withdrawn_on", sa.Date(), nullable=True, comment="the day on which it was taken back"
        ),
        sa.CheckConstraint(
            "(cadre_id IS NULL) <> (organization_id IS NULL)",
            name=op.f("ck_correction_request_one_subject"),
        ),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 2000", name=op.f("ck_correction_request_text_length")
        ),
        sa.CheckConstraint(_ONE_END, name=op.f("ck_correction_request_one_end")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_correction_request_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["cadre_id"], ["cadre.id"], name=op.f("fk_correction_request_cadre_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_correction_request_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_request_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    for columns in (("kind", "row_id"), ("district_id", "asked_on"), ("account_id",)):
        name = f"ix_correction_request_{'_'.join(columns)}"
        op.create_index(op.f(name), "correction_request", list(columns))


def downgrade() -> None:
    for columns in (("kind", "row_id"), ("district_id", "asked_on"), ("account_id",)):
        op.drop_index(op.f(f"ix_correction_request_{'_'.join(columns)}"), "correction_request")
    op.drop_table("correction_request")
    op.drop_table("record_withdrawal")
