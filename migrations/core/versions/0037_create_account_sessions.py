"""Keep sessions as rows, and what is set about signing in.

Who was signed in before has no such row, and signs in once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=20), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("own_phone", sa.Boolean(), nullable=False),
        sa.Column("had_left", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "seen_at >= started_at", name=op.f("ck_account_session_seen_after_started")
        ),
        sa.CheckConstraint(
            "ended_at >= started_at", name=op.f("ck_account_session_ended_after_started")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_session_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_account_session_token_digest")),
    )
    op.create_index(
        op.f("ix_account_session_account_id_started_at"),
        "account_session",
        ["account_id", "started_at"],
    )
    op.create_table(
        "sign_in_setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_sign_in_setting_number_not_negative")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_setting")),
    )


def downgrade() -> None:
    op.drop_table("sign_in_setting")
    op.drop_table("account_session")
