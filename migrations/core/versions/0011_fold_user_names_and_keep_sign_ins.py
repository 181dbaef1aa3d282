"""Compare user names folded; keep attempts to sign in.

Of names that look alike the first keeps its folded form; the others get one that nobody can type,
and still sign in by their exact spelling.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_LENGTH = 100
_NAME_LENGTH = 80


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("username_folded", sa.String(length=_LENGTH), nullable=True))
    _fold_names()
    with op.batch_alter_table("account") as batch:
        batch.alter_column(
            "username_folded", existing_type=sa.String(length=_LENGTH), nullable=False
        )
        batch.create_unique_constraint(op.f("uq_account_username_folded"), ["username_folded"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_who_at"), "sign_in_attempt", ["who", "at"])
    op.create_index(op.f("ix_sign_in_attempt_address_at"), "sign_in_attempt", ["address", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_in_attempt_address_at"), "sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_who_at"), "sign_in_attempt")
    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint(op.f("uq_account_username_folded"), type_="unique")
        batch.drop_column("username_folded")


def _fold_names() -> None:
    connection = op.get_bind()
    columns = [sa.column(name) for name in ("id", "username", "username_folded")]
    account = sa.table("account", *columns)
    taken: set[str] = set()
    for row_id, name in connection.execute(
        sa.select(account.c.id, account.c.username).order_by(account.c.id)
    ).all():
        plain = unicodedata.normalize("NFKC", name).casefold()
        folded = unicodedata.normalize("NFKC", plain)[:_NAME_LENGTH]
        while folded in taken:
            # Somebody may be called like that already.
            folded = f"{folded}~{row_id}"
        taken.add(folded)
        connection.execute(
            account.update().where(account.c.id == row_id).values(username_folded=folded)
        )
