"""Keep what merging two entries of a person did; ids of cadres are never given twice."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _number_cadres(once=True)
    _merge()
    _alias()
    _step()


def _number_cadres(*, once: bool) -> None:
    """Have SQLite give no id of a cadre twice, or let it again; PostgreSQL never does."""
    if op.get_bind().dialect.name != "sqlite":
        return
    options = {"sqlite_autoincrement": once}
    with op.batch_alter_table("cadre", recreate="always", table_kwargs=options):
        pass


def _key(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{referred}.id"], name=op.f(f"fk_{table}_{column}"))


def _merge() -> None:
    op.create_table(
        "cadre_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("given_up_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undo_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_cadre_merge_two_entries")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undo_reason IS NULL)",
            name=op.f("ck_cadre_merge_undone_for_a_reason"),
        ),
        sa.CheckConstraint(
            "length(reason) BETWEEN 1 AND 500", name=op.f("ck_cadre_merge_reason_length")
        ),
        _key("cadre_merge", "kept_id", "cadre"),
        _key("cadre_merge", "given_up_id", "account"),
        _key("cadre_merge", "actor_id", "account"),
        _key("cadre_merge", "undone_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadre_merge")),
    )
    op.create_index(op.f("ix_cadre_merge_kept_id"), "cadre_merge", ["kept_id"])


def _alias() -> None:
    op.create_table(
        "cadre_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_cadre_alias_code_length")
        ),
        _key("cadre_alias", "cadre_id", "cadre"),
        _key("cadre_alias", "merge_id", "cadre_merge"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadre_alias")),
        sa.UniqueConstraint("code", name=op.f("uq_cadre_alias_code")),
        sa.UniqueConstraint("merge_id", name=op.f("uq_cadre_alias_merge_id")),
    )
    op.create_index(op.f("ix_cadre_alias_cadre_id"), "cadre_alias", ["cadre_id"])


def _step() -> None:
    op.create_table(
        "merge_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("column_name", sa.String(length=63), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=20), nullable=True),
        _key("merge_step", "merge_id", "cadre_merge"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_step")),
    )
    op.create_index(
        op.f("ix_merge_step_merge_id_table_name"), "merge_step", ["merge_id", "table_name"]
    )


def downgrade() -> None:
    for table in ("merge_step", "cadre_alias", "cadre_merge"):
        op.drop_table(table)
    _number_cadres(once=False)
