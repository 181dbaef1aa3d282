"""Find entries of the audit trail by who, what, kind and code, newest first, by an index."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_COLUMNS = ("actor_id", "verb", "object_kind", "object_code")


def upgrade() -> None:
    for column in _COLUMNS:
        # By a prefix, too, whatever the database sorts by.
        classes = {column: "varchar_pattern_ops"} if column == "object_code" else {}
        op.create_index(
            op.f(f"ix_audit_entry_{column}_at"),
            "audit_entry",
            [column, "at"],
            postgresql_ops=classes,
        )


def downgrade() -> None:
    for column in reversed(_COLUMNS):
        op.drop_index(op.f(f"ix_audit_entry_{column}_at"), "audit_entry")
