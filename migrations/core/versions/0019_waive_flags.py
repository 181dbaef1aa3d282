"""Waive flags: standing waivers with their ends, and which flags they cover."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ONE_WAIVER = "waiver_id IS NULL OR (review = 'waived' AND waived_until IS NULL)"


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(100), nullable=True),
        sa.Column("plugin", sa.String(100), nullable=True),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(rule IS NULL) <> (plugin IS NULL)", name=op.f("ck_waiver_rule_or_plugin")
        ),
        sa.CheckConstraint(
            "(cadre_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_waiver_one_subject")
        ),
        sa.CheckConstraint(
            "NOT below OR organization_id IS NOT NULL", name=op.f("ck_waiver_below_an_organization")
        ),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 2000", name=op.f("ck_waiver_text_length")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_waiver_district_id")
        ),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_waiver_cadre_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_waiver_organization_id")
        ),
        sa.ForeignKeyConstraint(["giver_id"], ["account.id"], name=op.f("fk_waiver_giver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_index(op.f("ix_waiver_district_id_until"), "waiver", ["district_id", "until"])
    op.create_table(
        "waiver_end",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("waiver_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["waiver_id"], ["waiver.id"], name=op.f("fk_waiver_end_waiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver_end")),
        sa.UniqueConstraint("waiver_id", "number", name=op.f("uq_waiver_end_waiver_id_number")),
    )
    for name in ("flag", "flag_event"):
        with op.batch_alter_table(name) as batch:
            batch.add_column(sa.Column("waiver_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{name}_waiver_id"), "waiver", ["waiver_id"], ["id"])
    with op.batch_alter_table("flag") as batch:
        batch.create_check_constraint(op.f("ck_flag_one_waiver_while_waived"), _ONE_WAIVER)
    for name in ("waiver_id", "waived_until"):
        op.create_index(op.f(f"ix_flag_{name}"), "flag", [name])


def downgrade() -> None:
    # Without the table that names them, flags under a standing waiver stay waived.
    for name in ("waiver_id", "waived_until"):
        op.drop_index(op.f(f"ix_flag_{name}"), "flag")
    with op.batch_alter_table("flag") as batch:
        batch.drop_constraint(op.f("ck_flag_one_waiver_while_waived"), type_="check")
    for name in ("flag", "flag_event"):
        with op.batch_alter_table(name) as batch:
            batch.drop_constraint(op.f(f"fk_{name}_waiver_id"), type_="foreignkey")
            batch.drop_column("waiver_id")
    op.drop_table("waiver_end")
    op.drop_index(op.f("ix_waiver_district_id_until"), "waiver")
    op.drop_table("waiver")
