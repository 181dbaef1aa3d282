"""Rules that are halted in a district: held because they would raise too much, or failing.

A changed rule that would raise new flags on too many at once is *held* until an administrator
confirms that it is meant. One that could not be evaluated is tried again at the next run, and after
some runs it is *off*. Of neither is anything said meanwhile: their flags stay as they are.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import NAME_LENGTH, Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Organization
from tiesan.records.pending import await_districts

_RULE_LENGTH = 100
_WORD_LENGTH = 20
HELD, FAILING, OFF = KINDS = ("held", "failing", "off")
_LISTED = ", ".join(f"'{kind}'" for kind in KINDS)


class RuleHalt(Base):
    """Why a rule is halted in a district, for what it is now (``fingerprint``).

    ``runs`` counts in how many runs in a row it failed. Of a held one ``subjects`` are those on
    whom it would raise new flags, ``among`` how many there are, and ``flags`` what it would say.
    Once it is confirmed it judges.
    """

    __tablename__ = "rule_halt"
    __table_args__ = (
        UniqueConstraint("district_id", "rule"),
        CheckConstraint(f"kind IN ({_LISTED})", name="kind_choice"),
        CheckConstraint("(kind = 'held') = (runs = 0)", name="runs_of_failures"),
        CheckConstraint("subjects <= among", name="subjects_among_all"),
        CheckConstraint("confirmed_at IS NULL OR kind = 'held'", name="confirmed_if_held"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH))
    kind: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    since: Mapped[datetime]
    runs: Mapped[int] = mapped_column(default=0)
    subjects: Mapped[int] = mapped_column(default=0)
    among: Mapped[int] = mapped_column(default=0)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    error: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_by_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))

    @property
    def halts(self) -> bool:
        """Whether nothing is said of the rule because of this."""
        return self.kind == OFF or (self.kind == HELD and self.confirmed_at is None)


def halts_of(session: Session, district_id: int) -> dict[str, RuleHalt]:
    """The halts of a district by rule."""
    statement = select(RuleHalt).where(RuleHalt.district_id == district_id)
    return {each.rule: each for each in session.scalars(statement)}


def let_go(actor: Actor, session: Session, halt: RuleHalt, *, at: datetime) -> None:
    """Let a rule judge that is held, as it is meant, or that was switched off; the caller commits.

    The district is evaluated anew. Raises UserError for one that is not halted.
    """
    if not halt.halts:
        raise UserError(_("This rule is not halted any more."))
    district = session.get_one(Organization, halt.district_id)
    details = {"kind": halt.kind, "subjects": halt.subjects, "among": halt.among}
    subject = Subject("rule_halt", halt.id, halt.rule, district.id)
    if halt.kind == HELD:
        halt.confirmed_at, halt.confirmed_by_id = at, actor.account_id
        halt.confirmed_by_name = actor.name
    else:
        session.delete(halt)
    session.flush()
    record_entry(session, actor, "let go", subject, at=at, details=details)
    await_districts(actor, session, [district.id], "rules", at=at)
