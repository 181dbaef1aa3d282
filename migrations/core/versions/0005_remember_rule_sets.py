"""Remember by which rule set each district was judged last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("district_state") as table:
        table.add_column(sa.Column("judged_by", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("district_state") as table:
        table.drop_column("judged_by")
