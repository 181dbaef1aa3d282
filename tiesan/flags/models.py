"""Flags, their evidence and their history, and the evaluations that were stored.

Source: institutions.md, "What review adds": a flag's identity is rule, subject, key and episode; it
is never deleted, and its evidence is frozen in revisions. The room ``reviews`` holds the verbs that
change a review; an evaluation only reads it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from tiesan.extensions import Base
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Account, Cadre, Organization
from tiesan.rules import Review, Severity

_RULE_LENGTH = 100
_KEY_LENGTH = 300
_WORD_LENGTH = 20
_KIND_LENGTH = 60
_VERB_LENGTH = 40
_TEXT_LENGTH = 2_000
# What an evaluation writes; all else leads to a state.
_EVENTS = ("raised", "revised", "cleared", "raised_again", "moved")
_LISTED_EVENTS = ", ".join(f"'{event}'" for event in _EVENTS)


# How grave each severity is as a number, the gravest lowest.
RANKS: Mapping[str, int] = {
    severity.value: rank for rank, severity in enumerate(reversed(Severity))
}
_RANKED = " ".join(f"WHEN '{severity}' THEN {rank}" for severity, rank in RANKS.items())


def ranked(severity: Severity) -> dict[str, Any]:
    """Return the values by which a flag says how grave it is."""
    return {"severity": severity.value, "rank": RANKS[severity.value]}


def _rank_of_severity(context: Any) -> int:
    return RANKS[context.get_current_parameters()["severity"]]


def _one_of(column: str, words: type[Severity] | type[Review], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def _waiting(name: str, *leading: str, where: str, where_sqlite: str = "") -> Index:
    """The few flags that something is so of, the gravest first and then the oldest."""
    return Index(
        f"ix_flag_{name}",
        *leading,
        "rank",
        "occurred_on",
        sqlite_where=text(where_sqlite or where),
        postgresql_where=text(where),
    )


def _identity(of: str, *columns: str, active: bool) -> Index:
    """One row per identity; ``of`` is the subject's column, which the other kind leaves blank."""
    condition = f"{of} IS NOT NULL" + (" AND active" if active else "")
    name = f"uq_flag_{'active' if active else 'episode'}_{of.removesuffix('_id')}"
    return Index(
        name,
        "rule",
        of,
        *columns,
        unique=True,
        sqlite_where=text(condition),
        postgresql_where=text(condition),
    )


class Flag(Base):
    """A flag (预警标记): a rule's finding about a cadre or an organization, and its review.

    ``active`` says whether the rule's condition holds; ``review`` is separate and never undone by
    an evaluation. ``known_as_of`` is the day as of which an evaluation last changed the flag: an
    evaluation of an earlier day knows less and leaves it alone. ``posted_cadre_id`` is the cadre
    whose posting makes an organization the subject: the flag moves with them. ``rule_digest`` is
    the version of the rule that found the flag last.

    ``rank`` is the severity as a number, the gravest lowest, so that an index gives flags in the
    order in which they are worked on. ``waived_until`` is the end of a waiver of this flag alone,
    ``waiver_id`` the standing waiver that covers it; ``asked_until`` is the end of one that
    somebody waits for. Until ``appeal_until`` whom it concerns may appeal against the confirmation
    by ``confirmed_by_id``; ``appeal_entered_by_id`` is who entered the appeal in their place.
    """

    __tablename__ = "flag"
    __table_args__ = (
        _identity("cadre_id", "key", "episode", active=False),
        _identity("organization_id", "key", "episode", active=False),
        _identity("cadre_id", "key", active=True),
        _identity("organization_id", "key", active=True),
        CheckConstraint("(cadre_id IS NULL) <> (organization_id IS NULL)", name="one_subject"),
        CheckConstraint("active = (cleared_at IS NULL)", name="cleared_unless_active"),
        CheckConstraint(
            "(cleared_at IS NULL) = (cleared_reason IS NULL)", name="cleared_for_reason"
        ),
        CheckConstraint("episode >= 1", name="episode_from_one"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
        CheckConstraint(
            "appeal_until IS NULL OR review IN ('confirmed', 'remedied')", name="appeal_time"
        ),
        CheckConstraint(
            "waiver_id IS NULL OR (review = 'waived' AND waived_until IS NULL)",
            name="one_waiver_while_waived",
        ),
        CheckConstraint(f"rank = CASE severity {_RANKED} END", name="rank_of_severity"),
        _one_of("severity", Severity, "severity_choice"),
        _one_of("review", Review, "review_choice"),
        Index(None, "district_id", "active", "occurred_on"),
        Index(None, "cadre_id", "occurred_on"),
        Index(None, "organization_id", "occurred_on"),
        Index(None, "rule", "active"),
        Index(None, "posted_cadre_id"),
        Index(None, "previous_id"),
        Index(None, "review", "rank", "occurred_on"),
        _waiting("came_back", "review", where="previous_id IS NOT NULL"),
        _waiting(
            "changed", where="changed_since_decision", where_sqlite="changed_since_decision = 1"
        ),
        _waiting("remedy_reported", where="remedy_reported", where_sqlite="remedy_reported = 1"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH))
    severity: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    rank: Mapped[int] = mapped_column(default=_rank_of_severity)
    cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    key: Mapped[str] = mapped_column(String(_KEY_LENGTH))
    episode: Mapped[int]
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id"))
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    occurred_on: Mapped[date]
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    confidential: Mapped[bool] = mapped_column(default=False)

    active: Mapped[bool]
    raised_at: Mapped[datetime]
    raised_as_of: Mapped[date]
    cleared_at: Mapped[datetime | None]
    cleared_reason: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    known_as_of: Mapped[date]

    revision: Mapped[int]
    evidence_digest: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    rule_digest: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    posted_cadre_id: Mapped[int | None] = mapped_column(ForeignKey("cadre.id"))
    changed_since_decision: Mapped[bool] = mapped_column(default=False)
    review: Mapped[str] = mapped_column(String(_WORD_LENGTH), default=Review.OPEN.value)
    waived_until: Mapped[date | None] = mapped_column(index=True)
    waiver_id: Mapped[int | None] = mapped_column(ForeignKey("waiver.id"), index=True)
    asked_until: Mapped[date | None]
    appeal_until: Mapped[date | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    appeal_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    remedy_reported: Mapped[bool] = mapped_column(default=False)

    cadre: Mapped[Cadre | None] = relationship(foreign_keys=[cadre_id])
    organization: Mapped[Organization | None] = relationship(foreign_keys=[organization_id])
    district: Mapped[Organization] = relationship(foreign_keys=[district_id])
    assigned_to: Mapped[Account | None] = relationship(foreign_keys=[assigned_to_id])
    waiver: Mapped[Waiver | None] = relationship()
    previous: Mapped["Flag | None"] = relationship(remote_side="Flag.id")
    revisions: Mapped[list["FlagRevision"]] = relationship(
        back_populates="flag", order_by="FlagRevision.number"
    )
    events: Mapped[list["FlagEvent"]] = relationship(back_populates="flag", order_by="FlagEvent.id")

    @validates("severity")
    def _keep_rank(self, _name: str, severity: str) -> str:
        """Have the rank follow the severity, which the database demands."""
        self.rank = RANKS[severity]
        return severity

    @property
    def subject_kind(self) -> str:
        """``cadre`` or ``organization``."""
        return "organization" if self.cadre_id is None else "cadre"

    @property
    def subject(self) -> Cadre | Organization | None:
        """The cadre or organization that the flag speaks of."""
        return self.cadre or self.organization

    def __str__(self) -> str:
        """Rule and key, as other rows name the flag."""
        return f"{self.rule} {self.key}"


class FlagRevision(Base):
    """The evidence of a flag as it was frozen at one time: facts, parameters, rule version.

    ``shown`` is the same evidence with the fields that the rule does not read as they are now;
    blank while they are as frozen.
    """

    __tablename__ = "flag_revision"
    __table_args__ = (UniqueConstraint("flag_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    as_of: Mapped[date]
    rule_digest: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    severity: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    occurred_on: Mapped[date]
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    shown: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))

    flag: Mapped[Flag] = relationship(back_populates="revisions")


class EvidenceLink(Base):
    """A row on which the evidence of a flag rests: a record, or in secret a cadre.

    Kept beside the evidence, so that a record finds its flags by an index. ``present`` says that
    the present evidence still rests on it; whom a confidential flag once named it names for ever.
    There is no foreign key: rows of plugins are removed with their plugins.
    """

    __tablename__ = "evidence_link"
    __table_args__ = (Index(None, "kind", "row_id"),)

    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(_KIND_LENGTH), primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True)
    present: Mapped[bool]


class FlagEvent(Base):
    """One step in the history of a flag: raised, revised, cleared, moved, or a verb of its review.

    ``reason`` is a word of an evaluation: why a flag was cleared, or the code of the organization
    from which it was moved when its cadre was posted anew. What people do leads from one state to
    another (``tiesan.reviews``), with what they said; so does a standing waiver, which
    is named, with its text. ``on`` is the day that the step counts from, so that a review can be
    read as of a day.
    """

    __tablename__ = "flag_event"
    __table_args__ = (
        CheckConstraint(
            f"to_state IS NOT NULL OR verb IN ({_LISTED_EVENTS})", name="state_after_verb"
        ),
        CheckConstraint("(from_state IS NULL) = (to_state IS NULL)", name="states_together"),
        CheckConstraint(f"length(text) BETWEEN 1 AND {_TEXT_LENGTH}", name="text_length"),
        Index(None, "flag_id"),
        Index("uq_flag_event_once", "actor_id", "flag_id", "verb", "once", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"))
    at: Mapped[datetime]
    on: Mapped[date]
    verb: Mapped[str] = mapped_column(String(_VERB_LENGTH))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(500))
    revision: Mapped[int | None]
    from_state: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    to_state: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    waived_until: Mapped[date | None]
    waiver_id: Mapped[int | None] = mapped_column(ForeignKey("waiver.id"))
    text: Mapped[str | None] = mapped_column(Text)
    capacity: Mapped[str | None] = mapped_column(String(_VERB_LENGTH))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    attachments: Mapped[list[Any]] = mapped_column(JSON, default=list)
    once: Mapped[str | None] = mapped_column(String(64))

    flag: Mapped[Flag] = relationship(back_populates="events")


class DistrictState(Base):
    """The last day that was judged whole for a district; the row is locked by who evaluates.

    ``judged_by`` is the digest of the rule set that judged last, be it one record; ``settled`` says
    by rule as what it judged the whole district last, blank before that.
    """

    __tablename__ = "district_state"

    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    evaluated_as_of: Mapped[date | None]
    judged_by: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    settled: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))


class StoredEvaluation(Base):
    """One stored evaluation of a whole district: what it read, found and could not decide.

    ``rule_set`` is the digest of the rules by which was judged; blank for what was stored before
    that was kept.
    """

    __tablename__ = "evaluation"
    __table_args__ = (Index(None, "district_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    at: Mapped[datetime]
    as_of: Mapped[date]
    actor_name: Mapped[str] = mapped_column(String(80))
    facts: Mapped[int]
    rules: Mapped[int]
    flags: Mapped[int]
    added: Mapped[int]
    cleared: Mapped[int]
    not_evaluated: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    rule_set: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
