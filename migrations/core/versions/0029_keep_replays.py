"""Keep with a version of a rule what it would have raised and cleared on which day."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rule_version") as batch:
        batch.add_column(sa.Column("replayed", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rule_version") as batch:
        batch.drop_column("replayed")
