"""Say of what is still to be evaluated whether those named are all whom it can concern."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pending_evaluation") as batch:
        batch.add_column(
            sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("pending_evaluation") as batch:
        batch.alter_column("complete", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("pending_evaluation") as batch:
        batch.drop_column("complete")
