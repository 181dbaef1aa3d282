"""Create the ways out of the house, the addresses of persons, sendings and their attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_SCHEMES = (
    "'mailtos', 'mailto', 'wechat', 'schan', 'bark', 'wecombot', 'dingtalk', 'feishu', 'lark'"
)
_ROBOTS = "'wecombot', 'dingtalk', 'feishu', 'lark'"
_OVER = "'sent', 'failed', 'unknown', 'dropped'"
_CLAIMED = sa.text("state = 'claimed'")


def upgrade() -> None:
    _create_ways()
    _create_addresses()
    _create_sendings()
    _create_parts()


def downgrade() -> None:
    for table in ("sending_attempt", "sending_notification", "sending", "way_address", "way"):
        op.drop_table(table)


def _create_ways() -> None:
    op.create_table(
        "way",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=True),
        sa.Column("looked_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(f"scheme IN ({_SCHEMES})", name=op.f("ck_way_scheme_choice")),
        sa.CheckConstraint(
            f"organization_id IS NULL OR scheme IN ({_ROBOTS})",
            name=op.f("ck_way_robots_of_places"),
        ),
        sa.CheckConstraint(
            "trouble IS NULL OR trouble IN ('key_changed', 'host_refused')",
            name=op.f("ck_way_trouble_choice"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_way_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_way")),
        sa.UniqueConstraint("title", name=op.f("uq_way_title")),
    )


def _create_addresses() -> None:
    op.create_table(
        "way_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("way_id", sa.Integer(), nullable=False),
        sa.Column("masked", sa.String(length=400), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("code_until", sa.DateTime(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(sealed IS NULL) = (masked IS NULL)", name=op.f("ck_way_address_masked_with_address")
        ),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR sealed IS NOT NULL",
            name=op.f("ck_way_address_confirmed_address"),
        ),
        sa.CheckConstraint(
            "(code_digest IS NULL) = (code_until IS NULL)",
            name=op.f("ck_way_address_code_with_end"),
        ),
        sa.CheckConstraint(
            "code_tries BETWEEN 0 AND 5", name=op.f("ck_way_address_code_tries_range")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_way_address_account_id")
        ),
        sa.ForeignKeyConstraint(["way_id"], ["way.id"], name=op.f("fk_way_address_way_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_way_address")),
        sa.UniqueConstraint("account_id", "way_id", name=op.f("uq_way_address_account_id_way_id")),
    )


def _create_sendings() -> None:
    op.create_table(
        "sending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("way_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("round_from", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        *_checks_of_sendings(),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sending_account_id")),
        sa.ForeignKeyConstraint(
            ["address_id"], ["way_address.id"], name=op.f("fk_sending_address_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sending_organization_id")
        ),
        sa.ForeignKeyConstraint(["way_id"], ["way.id"], name=op.f("fk_sending_way_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
    )
    for columns in (["way_id"], ["state", "due_at"], ["account_id", "made_at"]):
        op.create_index(op.f(f"ix_sending_{'_'.join(columns)}"), "sending", columns)
    op.create_index(
        "ix_sending_claimed",
        "sending",
        ["lease_until"],
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )


def _checks_of_sendings() -> list[sa.CheckConstraint]:
    conditions = {
        "state_choice": f"state IN ('waiting', 'claimed', {_OVER})",
        "purpose_choice": "purpose IN ('notifications', 'group', 'code', 'test')",
        "claim_while_claimed": "(state = 'claimed') = (claim IS NOT NULL)",
        "claim_with_lease": "(claim IS NULL) = (lease_until IS NULL)",
        "ended_when_over": f"(state IN ({_OVER})) = (ended_at IS NOT NULL)",
        "attempts_of_round": "attempts >= round_from AND round_from >= 0",
        "person_with_address": "(account_id IS NULL) = (address_id IS NULL)",
        "to_person": "(purpose IN ('notifications', 'code')) = (account_id IS NOT NULL)",
        "nothing_sealed_when_over": "ended_at IS NULL OR sealed IS NULL",
    }
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_sending_{name}"))
        for name, condition in conditions.items()
    ]


def _create_parts() -> None:
    op.create_table(
        "sending_notification",
        sa.Column("sending_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sending_id"], ["sending.id"], name=op.f("fk_sending_notification_sending_id")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notification.id"],
            name=op.f("fk_sending_notification_notification_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "sending_id", "notification_id", name=op.f("pk_sending_notification")
        ),
    )
    op.create_index(
        op.f("ix_sending_notification_notification_id"),
        "sending_notification",
        ["notification_id"],
    )
    op.create_table(
        "sending_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sending_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            f"result IS NULL OR result IN ({_OVER})", name=op.f("ck_sending_attempt_result_choice")
        ),
        sa.CheckConstraint(
            "(result IS NULL) = (ended_at IS NULL)", name=op.f("ck_sending_attempt_result_with_end")
        ),
        sa.ForeignKeyConstraint(
            ["sending_id"], ["sending.id"], name=op.f("fk_sending_attempt_sending_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_attempt")),
        sa.UniqueConstraint(
            "sending_id", "number", name=op.f("uq_sending_attempt_sending_id_number")
        ),
    )
