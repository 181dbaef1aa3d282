"""Make room for lists as values of rules' parameters.

A release before holds no value longer than 200 characters: taking this back leaves such ones out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_CHECK = "ck_rule_parameter_value_length"


def upgrade() -> None:
    _resize(200, 20_600)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM rule_parameter WHERE length(value) > 200"))
    _resize(20_600, 200)


def _resize(before: int, length: int) -> None:
    with op.batch_alter_table("rule_parameter") as batch:
        batch.drop_constraint(op.f(_CHECK), type_="check")
        batch.alter_column(
            "value",
            existing_type=sa.String(before),
            existing_nullable=False,
            type_=sa.String(length),
        )
        batch.create_check_constraint(op.f(_CHECK), f"length(value) BETWEEN 1 AND {length}")
