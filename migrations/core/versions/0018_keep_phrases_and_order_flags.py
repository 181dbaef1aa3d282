"""Keep own phrases, and find the flags that wait for somebody in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_RANK = (
    "CASE severity WHEN 'major' THEN 0 WHEN 'serious' THEN 1 WHEN 'minor' THEN 2 "
    "WHEN 'notice' THEN 3 END"
)
_FLAG = sa.table("flag", sa.column("rank", sa.Integer()))
# Name, what comes before rank and day, and which flags on SQLite and PostgreSQL.
_INDEXES = (
    ("ix_flag_review_rank_occurred_on", ("review",), None, None),
    ("ix_flag_came_back", ("review",), "previous_id IS NOT NULL", "previous_id IS NOT NULL"),
    ("ix_flag_changed", (), "changed_since_decision = 1", "changed_since_decision"),
    ("ix_flag_remedy_reported", (), "remedy_reported = 1", "remedy_reported"),
)


def upgrade() -> None:
    op.create_table(
        "phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 2000", name=op.f("ck_phrase_text_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_phrase_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrase")),
    )
    op.create_index(op.f("ix_phrase_account_id"), "phrase", ["account_id"])
    with op.batch_alter_table("flag") as batch:
        batch.add_column(sa.Column("rank", sa.Integer(), nullable=True))
    op.execute(sa.update(_FLAG).values(rank=sa.text(_RANK)))
    with op.batch_alter_table("flag") as batch:
        batch.alter_column("rank", nullable=False, existing_type=sa.Integer())
        batch.create_check_constraint(op.f("ck_flag_rank_of_severity"), f"rank = {_RANK}")
    for name, leading, sqlite, postgresql in _INDEXES:
        op.create_index(
            name,
            "flag",
            [*leading, "rank", "occurred_on"],
            sqlite_where=None if sqlite is None else sa.text(sqlite),
            postgresql_where=None if postgresql is None else sa.text(postgresql),
        )
    op.create_index(op.f("ix_flag_previous_id"), "flag", ["previous_id"])
    op.create_index(op.f("ix_account_role_role_id"), "account_role", ["role_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_account_role_role_id"), "account_role")
    op.drop_index(op.f("ix_flag_previous_id"), "flag")
    for name, *_others in reversed(_INDEXES):
        op.drop_index(name, "flag")
    with op.batch_alter_table("flag") as batch:
        batch.drop_constraint(op.f("ck_flag_rank_of_severity"), type_="check")
        batch.drop_column("rank")
    op.drop_index(op.f("ix_phrase_account_id"), "phrase")
    op.drop_table("phrase")
