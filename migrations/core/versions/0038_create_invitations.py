"""Keep invitations: links by which persons set the passwords of their accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "used_at IS NULL OR voided_at IS NULL", name=op.f("ck_account_invitation_used_or_void")
        ),
        sa.CheckConstraint(
            "used_at >= made_at", name=op.f("ck_account_invitation_used_after_made")
        ),
        sa.CheckConstraint(
            "voided_at >= made_at", name=op.f("ck_account_invitation_voided_after_made")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_invitation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_account_invitation_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_account_invitation_token_digest")),
    )
    op.create_index(
        op.f("ix_account_invitation_account_id_made_at"),
        "account_invitation",
        ["account_id", "made_at"],
    )


def downgrade() -> None:
    op.drop_table("account_invitation")
