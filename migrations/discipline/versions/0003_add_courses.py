"""Let leaves be rejected and withdrawn, and expenses be asked for before they are spent."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from tiesan.facts.folding import folded

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_EXPENSE = sa.table(
    "discipline_expense",
    sa.column("id", sa.Integer),
    sa.column("payee", sa.String),
    sa.column("payee_folded", sa.Text),
    sa.column("spent_on", sa.Date),
    sa.column("requested_on", sa.Date),
)
_AT_ONCE = 5_000


def upgrade() -> None:
    with op.batch_alter_table("discipline_leave") as batch:
        batch.add_column(sa.Column("rejected_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("withdrawn_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("decided_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        batch.add_column(sa.Column("place", sa.String(length=200), nullable=True))
        batch.create_check_constraint(
            op.f("ck_discipline_leave_reason_length"), "length(reason) BETWEEN 1 AND 500"
        )
        batch.create_check_constraint(
            op.f("ck_discipline_leave_place_length"), "length(place) BETWEEN 1 AND 200"
        )
        batch.create_foreign_key(
            op.f("fk_discipline_leave_decided_by_id"), "cadre", ["decided_by_id"], ["id"]
        )
        batch.create_index(op.f("ix_discipline_leave_decided_by_id"), ["decided_by_id"])
    with op.batch_alter_table("discipline_expense") as batch:
        batch.add_column(sa.Column("withdrawn_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("payee_folded", sa.Text(), nullable=True))
        batch.alter_column("spent_on", existing_type=sa.Date(), nullable=True)
        batch.create_check_constraint(
            op.f("ck_discipline_expense_spent_or_requested"),
            "spent_on IS NOT NULL OR requested_on IS NOT NULL",
        )
    _fold_payees()


def _fold_payees() -> None:
    connection = op.get_bind()
    statement = (
        sa.update(_EXPENSE)
        .where(_EXPENSE.c.id == sa.bindparam("row_id"))
        .values(payee_folded=sa.bindparam("folded_payee"))
    )
    for rows in _payees(connection):
        connection.execute(statement, rows)


def _payees(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    after = 0
    while True:
        found = connection.execute(
            sa.select(_EXPENSE.c.id, _EXPENSE.c.payee)
            .where(_EXPENSE.c.id > after)
            .order_by(_EXPENSE.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not found:
            return
        yield [{"row_id": row_id, "folded_payee": folded(payee)} for row_id, payee in found]
        after = found[-1][0]


def downgrade() -> None:
    # What was never spent has no place in the older table but the day on which it was asked for.
    unspent = _EXPENSE.c.spent_on.is_(None)
    op.execute(sa.update(_EXPENSE).where(unspent).values(spent_on=_EXPENSE.c.requested_on))
    with op.batch_alter_table("discipline_expense") as batch:
        batch.drop_constraint(op.f("ck_discipline_expense_spent_or_requested"), type_="check")
        batch.alter_column("spent_on", existing_type=sa.Date(), nullable=False)
        batch.drop_column("payee_folded")
        batch.drop_column("withdrawn_on")
    with op.batch_alter_table("discipline_leave") as batch:
        batch.drop_index(op.f("ix_discipline_leave_decided_by_id"))
        batch.drop_constraint(op.f("fk_discipline_leave_decided_by_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_discipline_leave_place_length"), type_="check")
        batch.drop_constraint(op.f("ck_discipline_leave_reason_length"), type_="check")
        for name in ("place", "reason", "decided_by_id", "withdrawn_on", "rejected_on"):
            batch.drop_column(name)
