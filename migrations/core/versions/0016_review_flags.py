"""Review flags: what a verb leads from and to, what was said, and what a review has to remember."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None

_EVALUATED = "'raised', 'revised', 'cleared', 'raised_again', 'moved'"
_ACCOUNTS = ("confirmed_by_id", "appeal_entered_by_id", "assigned_to_id")
_CHECKS = {
    "appeal_time": "appeal_until IS NULL OR review IN ('confirmed', 'remedied')",
}
_OF_EVENTS = {
    "state_after_verb": f"to_state IS NOT NULL OR verb IN ({_EVALUATED})",
    "states_together": "(from_state IS NULL) = (to_state IS NULL)",
    "text_length": "length(text) BETWEEN 1 AND 2000",
}


def upgrade() -> None:
    with op.batch_alter_table("flag") as batch:
        for name in ("asked_until", "appeal_until"):
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
        for name in _ACCOUNTS:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_flag_{name}"), "account", [name], ["id"])
        batch.add_column(
            sa.Column("remedy_reported", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        for name, condition in _CHECKS.items():
            batch.create_check_constraint(op.f(f"ck_flag_{name}"), condition)
    with op.batch_alter_table("flag") as batch:
        batch.alter_column("remedy_reported", server_default=None, existing_type=sa.Boolean())
    _widen_events()


def _widen_events() -> None:
    with op.batch_alter_table("flag_event") as batch:
        batch.drop_constraint(op.f("ck_flag_event_verb_choice"), type_="check")
        batch.drop_constraint(op.f("ck_flag_event_review_when_reviewed"), type_="check")
        batch.alter_column("verb", type_=sa.String(40), existing_type=sa.String(20))
        batch.alter_column("review", new_column_name="to_state", existing_type=sa.String(20))
        batch.add_column(sa.Column("from_state", sa.String(20), nullable=True))
        batch.add_column(sa.Column("text", sa.Text(), nullable=True))
        batch.add_column(sa.Column("capacity", sa.String(40), nullable=True))
        batch.add_column(sa.Column("for_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("attachments", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("once", sa.String(64), nullable=True))
        batch.create_foreign_key(op.f("fk_flag_event_for_id"), "account", ["for_id"], ["id"])
    # Before there were verbs, a review said where it led to and not where it came from.
    op.execute(
        "UPDATE flag_event SET from_state = 'open', text = reason, reason = NULL "
        "WHERE to_state IS NOT NULL"
    )
    with op.batch_alter_table("flag_event") as batch:
        batch.alter_column("attachments", server_default=None, existing_type=sa.JSON())
        for name, condition in _OF_EVENTS.items():
            batch.create_check_constraint(op.f(f"ck_flag_event_{name}"), condition)
    op.create_index(
        "uq_flag_event_once", "flag_event", ["actor_id", "flag_id", "verb", "once"], unique=True
    )


def downgrade() -> None:
    op.drop_index("uq_flag_event_once", "flag_event")
    with op.batch_alter_table("flag_event") as batch:
        for name in _OF_EVENTS:
            batch.drop_constraint(op.f(f"ck_flag_event_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_flag_event_for_id"), type_="foreignkey")
    op.execute(
        "UPDATE flag_event SET verb = 'reviewed', reason = substr(text, 1, 500) "
        "WHERE to_state IS NOT NULL"
    )
    with op.batch_alter_table("flag_event") as batch:
        for name in ("from_state", "text", "capacity", "for_id", "attachments", "once"):
            batch.drop_column(name)
        batch.alter_column("to_state", new_column_name="review", existing_type=sa.String(20))
        batch.alter_column("verb", type_=sa.String(20), existing_type=sa.String(40))
        batch.create_check_constraint(
            op.f("ck_flag_event_verb_choice"), f"verb IN ({_EVALUATED}, 'reviewed')"
        )
        batch.create_check_constraint(
            op.f("ck_flag_event_review_when_reviewed"), "(verb = 'reviewed') = (review IS NOT NULL)"
        )
    with op.batch_alter_table("flag") as batch:
        for name in _CHECKS:
            batch.drop_constraint(op.f(f"ck_flag_{name}"), type_="check")
        for name in _ACCOUNTS:
            batch.drop_constraint(op.f(f"fk_flag_{name}"), type_="foreignkey")
        for name in (*_ACCOUNTS, "asked_until", "appeal_until", "remedy_reported"):
            batch.drop_column(name)
