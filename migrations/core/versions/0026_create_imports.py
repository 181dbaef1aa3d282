"""Create the imports in the browser: what they wrote, what was said, whom numbers mean."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STATES = (
    "'reading', 'asking', 'refused', 'previewed', 'storing', 'stored', 'undoing', 'undone', "
    "'dropped'"
)


def upgrade() -> None:
    op.create_table(
        "data_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("plan_digest", sa.String(length=64), nullable=True),
        sa.Column("stored_at", sa.DateTime(), nullable=True),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undo_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_data_import_state_choice")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undo_reason IS NULL)",
            name=op.f("ck_data_import_undone_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_data_import_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_data_import_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["account.id"], name=op.f("fk_data_import_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_import")),
    )
    for columns in (["district_id", "at"], ["account_id", "at"], ["state", "at"]):
        op.create_index(op.f(f"ix_data_import_{'_'.join(columns)}"), "data_import", columns)
    _create_rows()
    _create_said()
    _create_kept()


def _create_rows() -> None:
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_import_row_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "kind", "row_id", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_kind_row_id"), "import_row", ["kind", "row_id"])


def _create_said() -> None:
    op.create_table(
        "import_said",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["data_import.id"], name=op.f("fk_import_said_import_id")
        ),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_import_said_cadre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_said")),
        sa.UniqueConstraint(
            "import_id",
            "cadre_id",
            "day",
            "source",
            "form",
            name=op.f("uq_import_said_import_id_cadre_id_day_source_form"),
        ),
    )
    op.create_index(op.f("ix_import_said_cadre_id_day"), "import_said", ["cadre_id", "day"])


def _create_kept() -> None:
    op.create_table(
        "import_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_import_person_cadre_id")),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["account.id"], name=op.f("fk_import_person_kept_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_person")),
        sa.UniqueConstraint(
            "source",
            "number",
            "name",
            "cadre_id",
            name=op.f("uq_import_person_source_number_name_cadre_id"),
        ),
    )
    op.create_index(op.f("ix_import_person_cadre_id"), "import_person", ["cadre_id"])
    op.create_table(
        "import_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["account.id"], name=op.f("fk_import_columns_kept_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_columns")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_import_columns_kind_name")),
    )


def downgrade() -> None:
    for table in ("import_columns", "import_person", "import_said", "import_row", "data_import"):
        op.drop_table(table)
