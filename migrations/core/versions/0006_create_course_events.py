"""Create the history of courses and the table of which organizations stand above which."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organization_above",
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("above_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_above_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["above_id"], ["organization.id"], name=op.f("fk_organization_above_above_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "above_id", name=op.f("pk_organization_above")),
    )
    op.create_index(op.f("ix_organization_above_above_id"), "organization_above", ["above_id"])
    op.execute(
        "INSERT INTO organization_above (organization_id, above_id) "
        "WITH RECURSIVE tree (organization_id, above_id) AS ("
        "SELECT id, id FROM organization UNION "
        "SELECT tree.organization_id, organization.parent_id FROM tree "
        "JOIN organization ON organization.id = tree.above_id "
        "WHERE organization.parent_id IS NOT NULL"
        ") SELECT organization_id, above_id FROM tree"
    )
    op.create_table(
        "course_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("capacity", sa.String(length=40), nullable=True),
        sa.Column("from_state", sa.String(length=40), nullable=True),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 2000", name=op.f("ck_course_event_text_length")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_course_event_account_id")
        ),
        sa.ForeignKeyConstraint(["for_id"], ["account.id"], name=op.f("fk_course_event_for_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_event")),
    )
    op.create_index(
        op.f("ix_course_event_course_row_id_id"), "course_event", ["course", "row_id", "id"]
    )
    op.create_index(
        "uq_course_event_once",
        "course_event",
        ["account_id", "course", "row_id", "verb", "once"],
        unique=True,
    )
    op.create_index(
        "uq_course_event_once_new",
        "course_event",
        ["account_id", "course", "verb", "once"],
        unique=True,
        sqlite_where=sa.text("from_state IS NULL"),
        postgresql_where=sa.text("from_state IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("course_event")
    op.drop_table("organization_above")
