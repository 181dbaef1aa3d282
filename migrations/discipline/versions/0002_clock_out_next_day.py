"""Let a clock-out be one of the next day, and refuse one that lies before the clock-in.

A stored clock-out that does not lie after its clock-in can only have been one of the next day.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = "discipline_attendance"
_OUT_AFTER_IN = "ck_discipline_attendance_out_after_in"


def upgrade() -> None:
    op.add_column(_NAME, _column(server_default=sa.false()))
    table = sa.table(
        _NAME,
        sa.column("clock_in", sa.Time()),
        sa.column("clock_out", sa.Time()),
        sa.column("clock_out_next_day", sa.Boolean()),
    )
    before = table.c.clock_out <= table.c.clock_in
    op.execute(sa.update(table).where(before).values(clock_out_next_day=sa.true()))
    with op.batch_alter_table(_NAME, copy_from=_table(_column(server_default=sa.false()))) as batch:
        batch.alter_column("clock_out_next_day", server_default=None)
        batch.create_check_constraint(
            op.f(_OUT_AFTER_IN), "clock_out_next_day OR clock_out > clock_in"
        )


def downgrade() -> None:
    check = sa.CheckConstraint(
        "clock_out_next_day OR clock_out > clock_in", name=op.f(_OUT_AFTER_IN)
    )
    with op.batch_alter_table(_NAME, copy_from=_table(_column(), check)) as batch:
        batch.drop_constraint(op.f(_OUT_AFTER_IN), type_="check")
        batch.drop_column("clock_out_next_day")


def _column(**options: Any) -> sa.Column[bool]:
    return sa.Column("clock_out_next_day", sa.Boolean(), nullable=False, **options)


def _table(*further: sa.schema.SchemaItem) -> sa.Table:
    """The table as it is at this point: SQLite changes one only by writing it anew."""
    live = sa.text("voided_at IS NULL")
    return sa.Table(
        _NAME,
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("clock_in", sa.Time(), nullable=True),
        sa.Column("clock_out", sa.Time(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("voided_at", sa.DateTime(), nullable=True),
        sa.Column("voided_by_id", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        *further,
        sa.CheckConstraint(
            "source IN ('web', 'import', 'demo')", name=op.f(f"ck_{_NAME}_source_choice")
        ),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)",
            name=op.f(f"ck_{_NAME}_voided_for_a_reason"),
        ),
        *(
            sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{_NAME}_{name}"))
            for name, target in (
                ("cadre_id", "cadre.id"),
                ("district_id", "organization.id"),
                ("recorded_by_id", "account.id"),
                ("voided_by_id", "account.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_NAME}")),
        sa.Index(op.f("ix_discipline_attendance_district_id"), "district_id"),
        sa.Index(
            op.f("uq_discipline_attendance_cadre_id_day"),
            "cadre_id",
            "day",
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        ),
    )
