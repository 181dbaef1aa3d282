"""Create the attachments: files that people send with what they write."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = (
    "'application/ofd', 'application/pdf', "
    f"'{_OFFICE}.presentationml.presentation', '{_OFFICE}.spreadsheetml.sheet', "
    f"'{_OFFICE}.wordprocessingml.document', 'image/jpeg', 'image/png', 'image/webp'"
)
_CHECKS = {
    "kind_with_row": "(kind IS NULL) = (row_id IS NULL)",
    "size_above_zero": "size > 0",
    "sha256_length": "length(sha256) = 64",
    "thumbnail_length": "length(thumbnail) = 64",
    "name_length": "length(name) BETWEEN 1 AND 150",
    "media_type_choice": f"media_type IN ({_TYPES})",
    "thumbnail_of_picture": (
        "(media_type IN ('image/jpeg', 'image/png', 'image/webp')) = (thumbnail IS NOT NULL)"
    ),
}
_INDEXES = (("kind", "row_id"), ("sha256",), ("thumbnail",))
_UNUSED = sa.text("kind IS NULL")


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("thumbnail", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=True),
        sa.Column("row_id", sa.Integer(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_attachment_{name}"))
            for name, condition in _CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["account.id"], name=op.f("fk_attachment_sent_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    for columns in _INDEXES:
        op.create_index(op.f(f"ix_attachment_{'_'.join(columns)}"), "attachment", list(columns))
    op.create_index(
        "ix_attachment_unused",
        "attachment",
        ["sent_by_id", "sent_at"],
        sqlite_where=_UNUSED,
        postgresql_where=_UNUSED,
    )


def downgrade() -> None:
    op.drop_index("ix_attachment_unused", "attachment")
    for columns in reversed(_INDEXES):
        op.drop_index(op.f(f"ix_attachment_{'_'.join(columns)}"), "attachment")
    op.drop_table("attachment")
