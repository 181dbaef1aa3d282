"""Link flags to the rows that their evidence rests on; keep what a flag moves and ends with.

The links themselves are filled by `tiesan init-db` after all parts are migrated: only the installed
plugins know in which table a record of some kind lies.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_VERBS = "'raised', 'revised', 'cleared', 'raised_again', {}'reviewed'"
# The shipped rules whose flags are on the organization that a cadre is posted to.
_BY_POSTING = (
    "discipline.conduct_unhandled",
    "accountability.mistake_unpursued",
    "accountability.case_overdue",
)


def upgrade() -> None:
    op.create_table(
        "evidence_link",
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_evidence_link_flag_id")),
        sa.PrimaryKeyConstraint("flag_id", "kind", "row_id", name=op.f("pk_evidence_link")),
    )
    op.create_index(op.f("ix_evidence_link_kind_row_id"), "evidence_link", ["kind", "row_id"])
    op.add_column("flag_revision", sa.Column("shown", sa.JSON(), nullable=True))
    with op.batch_alter_table("flag") as batch:
        batch.add_column(sa.Column("rule_digest", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("posted_cadre_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_flag_posted_cadre_id"), "cadre", ["posted_cadre_id"], ["id"]
        )
    op.create_index(op.f("ix_flag_posted_cadre_id"), "flag", ["posted_cadre_id"])
    _fill_rule_digests()
    _fill_posted_cadres()
    with op.batch_alter_table("flag") as batch:
        batch.alter_column("rule_digest", existing_type=sa.String(length=20), nullable=False)
    _allow_verbs(_VERBS.format("'moved', "))


def downgrade() -> None:
    op.execute("DELETE FROM flag_event WHERE verb = 'moved'")
    _allow_verbs(_VERBS.format(""))
    op.drop_index(op.f("ix_flag_posted_cadre_id"), "flag")
    with op.batch_alter_table("flag") as batch:
        batch.drop_constraint(op.f("fk_flag_posted_cadre_id"), type_="foreignkey")
        batch.drop_column("posted_cadre_id")
        batch.drop_column("rule_digest")
    op.drop_column("flag_revision", "shown")
    op.drop_index(op.f("ix_evidence_link_kind_row_id"), "evidence_link")
    op.drop_table("evidence_link")


def _allow_verbs(verbs: str) -> None:
    with op.batch_alter_table("flag_event") as batch:
        batch.drop_constraint(op.f("ck_flag_event_verb_choice"), type_="check")
        batch.create_check_constraint(op.f("ck_flag_event_verb_choice"), f"verb IN ({verbs})")


def _fill_rule_digests() -> None:
    """A flag was found last by the rule of its present revision, as far as is known."""
    op.execute(
        "UPDATE flag SET rule_digest = (SELECT rule_digest FROM flag_revision "
        "WHERE flag_revision.flag_id = flag.id AND flag_revision.number = flag.revision)"
    )


def _fill_posted_cadres() -> None:
    """The cadre of a shipped rule's flag is the one whom the judged record names."""
    connection = op.get_bind()
    rules = sa.bindparam("rules", expanding=True)
    found = connection.execute(
        sa.text(
            "SELECT flag.id, flag_revision.evidence FROM flag JOIN flag_revision "
            "ON flag_revision.flag_id = flag.id AND flag_revision.number = flag.revision "
            "WHERE flag.rule IN :rules"
        ).bindparams(rules),
        {"rules": _BY_POSTING},
    )
    for flag_id, evidence in found.all():
        facts = json.loads(evidence) if isinstance(evidence, str) else evidence
        if facts:
            connection.execute(
                sa.text(
                    "UPDATE flag SET posted_cadre_id = (SELECT id FROM cadre WHERE code = :code) "
                    "WHERE id = :flag"
                ),
                {"code": facts[0].get("cadre"), "flag": flag_id},
            )
