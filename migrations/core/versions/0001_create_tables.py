"""Create the tables of the core."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('working', 'off')", name=op.f("ck_calendar_exception_kind_choice")
        ),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 200", name=op.f("ck_calendar_exception_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_exception")),
        sa.UniqueConstraint("day", name=op.f("uq_calendar_exception_day")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=False),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.Column("tracked_from", sa.Date(), nullable=True),
        sa.Column("chair_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'district') = (parent_id IS NULL)",
            name=op.f("ck_organization_parent_unless_district"),
        ),
        sa.CheckConstraint(
            "(kind = 'district') = (tracked_from IS NOT NULL)",
            name=op.f("ck_organization_tracked_from_of_districts"),
        ),
        sa.CheckConstraint(
            "kind = 'district' OR district_id IS NOT NULL",
            name=op.f("ck_organization_in_a_district"),
        ),
        sa.CheckConstraint(
            "kind IN ('district', 'federation', 'enterprise')",
            name=op.f("ck_organization_kind_choice"),
        ),
        sa.CheckConstraint(
            "dissolved_on > founded_on", name=op.f("ck_organization_dissolved_after_founded")
        ),
        sa.CheckConstraint(
            "length(code) BETWEEN 1 AND 50", name=op.f("ck_organization_code_length")
        ),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 200", name=op.f("ck_organization_name_length")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_organization_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["chair_id"],
            ["cadre.id"],
            name=op.f("fk_organization_chair_id"),
            initially="DEFERRED",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_organization_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organization.id"], name=op.f("fk_organization_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("code", name=op.f("uq_organization_code")),
    )
    op.create_index(op.f("ix_organization_chair_id"), "organization", ["chair_id"])
    op.create_index(op.f("ix_organization_district_id"), "organization", ["district_id"])
    op.create_index(op.f("ix_organization_parent_id"), "organization", ["parent_id"])
    op.create_table(
        "plugin_state",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_plugin_state")),
    )
    role = op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    names = ("administrator", "supervisor", "cadre", "audit_committee")
    op.bulk_insert(role, [{"name": name} for name in names])
    op.create_table(
        "rule_parameter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 60", name=op.f("ck_rule_parameter_name_length")
        ),
        sa.CheckConstraint(
            "length(reason) BETWEEN 1 AND 500", name=op.f("ck_rule_parameter_reason_length")
        ),
        sa.CheckConstraint(
            "length(rule) BETWEEN 1 AND 100", name=op.f("ck_rule_parameter_rule_length")
        ),
        sa.CheckConstraint(
            "length(value) BETWEEN 1 AND 200", name=op.f("ck_rule_parameter_value_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_parameter")),
        sa.UniqueConstraint(
            "rule", "name", "valid_from", name=op.f("uq_rule_parameter_rule_name_valid_from")
        ),
    )
    op.create_table(
        "cadre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=True),
        sa.Column("professional", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_cadre_left_after_joined")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 50", name=op.f("ck_cadre_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name=op.f("ck_cadre_name_length")),
        sa.CheckConstraint("length(post) BETWEEN 1 AND 100", name=op.f("ck_cadre_post_length")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_cadre_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadre")),
        sa.UniqueConstraint("code", name=op.f("uq_cadre_code")),
    )
    op.create_index(op.f("ix_cadre_organization_id"), "cadre", ["organization_id"])
    if op.get_context().dialect.supports_alter:
        # SQLite has this key in the table already, whose target it lets come later.
        op.create_foreign_key(
            op.f("fk_organization_chair_id"),
            "organization",
            "cadre",
            ["chair_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("current_login_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_ip", sa.String(length=64), nullable=True),
        sa.Column("current_login_ip", sa.String(length=64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_account_cadre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("cadre_id", name=op.f("uq_account_cadre_id")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_posting_until_after_from")),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_posting_cadre_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_posting_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("cadre_id", "from_on", name=op.f("uq_posting_cadre_id_from_on")),
    )
    op.create_index(op.f("ix_posting_organization_id"), "posting", ["organization_id"])
    op.create_table(
        "account_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_account_role_organization_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_account_role_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
        sa.UniqueConstraint(
            "account_id",
            "role_id",
            "organization_id",
            name=op.f("uq_account_role_account_id_role_id_organization_id"),
        ),
    )
    op.create_index(op.f("ix_account_role_organization_id"), "account_role", ["organization_id"])
    op.create_index(
        op.f("uq_account_role_everywhere"),
        "account_role",
        ["account_id", "role_id"],
        unique=True,
        sqlite_where=sa.text("organization_id IS NULL"),
        postgresql_where=sa.text("organization_id IS NULL"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("object_code", sa.String(length=200), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_audit_entry_actor_id")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["organization.id"], name=op.f("fk_audit_entry_district_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.create_index(op.f("ix_audit_entry_district_id_at"), "audit_entry", ["district_id", "at"])
    op.create_index(
        op.f("ix_audit_entry_object_kind_object_id"), "audit_entry", ["object_kind", "object_id"]
    )


def downgrade() -> None:
    op.drop_table("audit_entry")
    op.drop_table("account_role")
    op.drop_table("posting")
    op.drop_table("account")
    if op.get_context().dialect.supports_alter:
        op.drop_constraint(op.f("fk_organization_chair_id"), "organization", type_="foreignkey")
    op.drop_table("cadre")
    op.drop_table("rule_parameter")
    op.drop_table("role")
    op.drop_table("plugin_state")
    op.drop_table("organization")
    op.drop_table("calendar_exception")
