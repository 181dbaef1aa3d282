"""Keep versions of rules, what was published, what is halted, and the rules of evaluations."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_CHECKS = {
    "state_choice": "state IN ('draft', 'checked', 'published', 'withdrawn')",
    "number_from_one": "number >= 1",
    "edits_from_one": "edits >= 1",
    "since_if_published": "state <> 'published' OR since IS NOT NULL",
    "since_once_published": "state IN ('published', 'withdrawn') OR since IS NULL",
    "time_if_published": "state <> 'published' OR published_at IS NOT NULL",
    "another_approves": (
        "alone OR approver_id IS NULL OR author_id IS NULL OR approver_id <> author_id"
    ),
    "reason_length": "reason IS NULL OR length(reason) BETWEEN 1 AND 2000",
}

_HALTS = {
    "kind_choice": "kind IN ('held', 'failing', 'off')",
    "runs_of_failures": "(kind = 'held') = (runs = 0)",
    "subjects_among_all": "subjects <= among",
    "confirmed_if_held": "confirmed_at IS NULL OR kind = 'held'",
}


def upgrade() -> None:
    op.create_table(
        "rule_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("plugin", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=20), nullable=False),
        sa.Column("base_digest", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("try_token", sa.String(length=32), nullable=True),
        sa.Column("tried", sa.JSON(), nullable=True),
        sa.Column("tried_digest", sa.String(length=20), nullable=True),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("approver_name", sa.String(length=80), nullable=True),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_rule_version_{name}"))
            for name, text in _CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_rule_version_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["account.id"], name=op.f("fk_rule_version_approver_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("rule", "number", name=op.f("uq_rule_version_rule_number")),
    )
    op.create_index(op.f("ix_rule_version_state"), "rule_version", ["state"])
    op.create_table(
        "rule_halt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("among", sa.Integer(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by_name", sa.String(length=80), nullable=True),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_rule_halt_{name}"))
            for name, text in _HALTS.items()
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_rule_halt_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["account.id"], name=op.f("fk_rule_halt_confirmed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_halt")),
        sa.UniqueConstraint("district_id", "rule", name=op.f("uq_rule_halt_district_id_rule")),
    )
    op.add_column("district_state", sa.Column("settled", sa.JSON(), nullable=True))
    state = op.create_table(
        "rule_book_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_rule_book_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_book_state")),
    )
    op.bulk_insert(state, [{"id": 1, "changes": 0}])
    op.add_column("evaluation", sa.Column("rule_set", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("evaluation", "rule_set")
    op.drop_table("rule_book_state")
    op.drop_column("district_state", "settled")
    op.drop_table("rule_halt")
    op.drop_index(op.f("ix_rule_version_state"), "rule_version")
    op.drop_table("rule_version")
