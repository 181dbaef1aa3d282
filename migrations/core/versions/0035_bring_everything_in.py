"""Keep what a command brings in, why something was brought in, and people who were taken back.

Going back, what commands brought in is forgotten, and people who were taken back stand again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_STATES = (
    "'reading', 'asking', 'refused', 'previewed', 'trying', 'storing', 'stored', 'undoing', "
    "'undone', 'dropped'"
)
_CHECK = "ck_data_import_state_choice"
_OF_COMMANDS = "SELECT id FROM data_import WHERE account_id IS NULL"


def upgrade() -> None:
    for table in ("organization", "cadre"):
        op.add_column(table, sa.Column("voided_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("data_import") as batch:
        batch.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        batch.alter_column("account_id", existing_type=sa.Integer(), nullable=True)
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.create_check_constraint(op.f(_CHECK), f"state IN ({_STATES})")


def downgrade() -> None:
    op.execute(sa.text(f"DELETE FROM import_row WHERE import_id IN ({_OF_COMMANDS})"))  # noqa: S608
    op.execute(sa.text("DELETE FROM data_import WHERE account_id IS NULL"))
    op.execute(sa.text("UPDATE data_import SET state = 'previewed' WHERE state = 'trying'"))
    before = _STATES.replace("'trying', ", "")
    with op.batch_alter_table("data_import") as batch:
        batch.alter_column("account_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.create_check_constraint(op.f(_CHECK), f"state IN ({before})")
        batch.drop_column("reason")
    for table in ("cadre", "organization"):
        op.drop_column(table, "voided_at")
