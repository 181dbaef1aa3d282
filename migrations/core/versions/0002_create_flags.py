"""Create the tables of flags."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "district_state",
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("evaluated_as_of", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_district_state_district_id")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_state")),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("cleared", sa.Integer(), nullable=False),
        sa.Column("not_evaluated", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_evaluation_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
    )
    op.create_index(op.f("ix_evaluation_district_id_id"), "evaluation", ["district_id", "id"])

    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("raised_as_of", sa.Date(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.Column("cleared_reason", sa.String(length=20), nullable=True),
        sa.Column("known_as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("evidence_digest", sa.String(length=20), nullable=False),
        sa.Column("changed_since_decision", sa.Boolean(), nullable=False),
        sa.Column("review", sa.String(length=20), nullable=False),
        sa.Column("waived_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "review IN ('open', 'acknowledged', 'explained', 'confirmed', 'dismissed', 'waived', "
            "'appealed', 'remedied', 'closed')",
            name=op.f("ck_flag_review_choice"),
        ),
        sa.CheckConstraint(
            "severity IN ('notice', 'minor', 'serious', 'major')",
            name=op.f("ck_flag_severity_choice"),
        ),
        sa.CheckConstraint(
            "(cadre_id IS NULL) <> (organization_id IS NULL)", name=op.f("ck_flag_one_subject")
        ),
        sa.CheckConstraint(
            "(cleared_at IS NULL) = (cleared_reason IS NULL)",
            name=op.f("ck_flag_cleared_for_reason"),
        ),
        sa.CheckConstraint(
            "active = (cleared_at IS NULL)", name=op.f("ck_flag_cleared_unless_active")
        ),
        sa.CheckConstraint("episode >= 1", name=op.f("ck_flag_episode_from_one")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_flag_revision_from_one")),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_flag_cadre_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_flag_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_flag_organization_id")
        ),
        sa.ForeignKeyConstraint(["previous_id"], ["flag.id"], name=op.f("fk_flag_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index(op.f("ix_flag_cadre_id_occurred_on"), "flag", ["cadre_id", "occurred_on"])
    op.create_index(
        op.f("ix_flag_district_id_active_occurred_on"),
        "flag",
        ["district_id", "active", "occurred_on"],
    )
    op.create_index(
        op.f("ix_flag_organization_id_occurred_on"),
        "flag",
        ["organization_id", "occurred_on"],
    )
    op.create_index(op.f("ix_flag_rule_active"), "flag", ["rule", "active"])
    op.create_index(
        op.f("uq_flag_active_cadre"),
        "flag",
        ["rule", "cadre_id", "key"],
        unique=True,
        sqlite_where=sa.text("cadre_id IS NOT NULL AND active"),
        postgresql_where=sa.text("cadre_id IS NOT NULL AND active"),
    )
    op.create_index(
        op.f("uq_flag_active_organization"),
        "flag",
        ["rule", "organization_id", "key"],
        unique=True,
        sqlite_where=sa.text("organization_id IS NOT NULL AND active"),
        postgresql_where=sa.text("organization_id IS NOT NULL AND active"),
    )
    op.create_index(
        op.f("uq_flag_episode_cadre"),
        "flag",
        ["rule", "cadre_id", "key", "episode"],
        unique=True,
        sqlite_where=sa.text("cadre_id IS NOT NULL"),
        postgresql_where=sa.text("cadre_id IS NOT NULL"),
    )
    op.create_index(
        op.f("uq_flag_episode_organization"),
        "flag",
        ["rule", "organization_id", "key", "episode"],
        unique=True,
        sqlite_where=sa.text("organization_id IS NOT NULL"),
        postgresql_where=sa.text("organization_id IS NOT NULL"),
    )

    op.create_table(
        "flag_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("review", sa.String(length=20), nullable=True),
        sa.Column("waived_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(verb = 'reviewed') = (review IS NOT NULL)",
            name=op.f("ck_flag_event_review_when_reviewed"),
        ),
        sa.CheckConstraint(
            "verb IN ('raised', 'revised', 'cleared', 'raised_again', 'reviewed')",
            name=op.f("ck_flag_event_verb_choice"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_flag_event_actor_id")),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_event_flag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_event")),
    )
    op.create_index(op.f("ix_flag_event_flag_id"), "flag_event", ["flag_id"])

    op.create_table(
        "flag_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rule_digest", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_revision_flag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_revision")),
        sa.UniqueConstraint("flag_id", "number", name=op.f("uq_flag_revision_flag_id_number")),
    )


def downgrade() -> None:
    op.drop_table("flag_revision")
    op.drop_table("flag_event")
    op.drop_table("flag")
    op.drop_table("evaluation")
    op.drop_table("district_state")
