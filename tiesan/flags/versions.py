"""The versions of rules that administrators wrote, and a counter of what was published.

Shipped rule files are the base. On top of it lie versions; on each day one of them is in force: of
those that were published, the one with the latest first day up to then, and of one first day the
one with the highest number. What is in force judges what counts from that day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import NAME_LENGTH
from tiesan.extensions import Base
from tiesan.records.kinds import table_of

_RULE_LENGTH = 100
_WORD_LENGTH = 20
_PLUGIN_LENGTH = 40
_TOKEN_LENGTH = 32
LONGEST_REASON = 2_000
# The rules of the house: `<plugin>.local_<name>`.
LOCAL = "local_"

DRAFT, CHECKED, PUBLISHED, WITHDRAWN = STATES = ("draft", "checked", "published", "withdrawn")
_LISTED = ", ".join(f"'{state}'" for state in STATES)


class RuleVersion(Base):
    """A version of a rule: its text as a rule file with this one rule, and how far it has come.

    ``number`` counts the versions of one rule from 1. ``since`` is the day from which a published
    one is in force. ``digest`` is the hash of what the text says and ``base_digest`` that of the
    shipped rule on which it was written; blank for a rule of the house. ``edits`` counts how often
    the text was written. ``tried_digest`` is what was tried on stored records last, for
    a year at least, ``tried`` what came of the last trial and ``replayed`` of the last replay day
    by day; what runs of these bears the ``try_token``, and ends when the version bears it no more.
    ``approver`` is who published it, who is not the author but where there was nobody else
    (``alone``).
    """

    __tablename__ = "rule_version"
    __table_args__ = (
        UniqueConstraint("rule", "number"),
        CheckConstraint(f"state IN ({_LISTED})", name="state_choice"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("edits >= 1", name="edits_from_one"),
        CheckConstraint("state <> 'published' OR since IS NOT NULL", name="since_if_published"),
        CheckConstraint(
            "state IN ('published', 'withdrawn') OR since IS NULL", name="since_once_published"
        ),
        CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL", name="time_if_published"
        ),
        CheckConstraint(
            "alone OR approver_id IS NULL OR author_id IS NULL OR approver_id <> author_id",
            name="another_approves",
        ),
        CheckConstraint(
            f"reason IS NULL OR length(reason) BETWEEN 1 AND {LONGEST_REASON}",
            name="reason_length",
        ),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH))
    plugin: Mapped[str] = mapped_column(String(_PLUGIN_LENGTH))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(_WORD_LENGTH), default=DRAFT)
    since: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    base_digest: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    reason: Mapped[str | None] = mapped_column(Text)
    edits: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    author_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    written_at: Mapped[datetime]
    try_token: Mapped[str | None] = mapped_column(String(_TOKEN_LENGTH))
    tried: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    replayed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tried_digest: Mapped[str | None] = mapped_column(String(_WORD_LENGTH))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approver_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    published_at: Mapped[datetime | None]
    alone: Mapped[bool] = mapped_column(default=False)

    def __str__(self) -> str:
        """Rule and number, as other rows name it."""
        return f"{self.rule}@{self.number}"


class RuleBookState(Base):
    """How often something was published or withdrawn; every process looks at this one row."""

    __tablename__ = "rule_book_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[int]


@dataclass(frozen=True, slots=True)
class Published:
    """A published version as it is read: its text, and the day from which it is in force."""

    rule: str
    plugin: str
    number: int
    since: date
    text: str
    base_digest: str | None


_STATE, _VERSION = table_of(RuleBookState), table_of(RuleVersion)
_CHANGES = select(_STATE.c.changes)
_PUBLISHED = (
    select(*(_VERSION.c[name] for name in Published.__dataclass_fields__))
    .where(_VERSION.c.state == PUBLISHED)
    .order_by(_VERSION.c.rule, _VERSION.c.since, _VERSION.c.number)
)


def changes_of_book(session: Session | Connection) -> int:
    """How often the rule book has changed what is published; 0 where nothing ever was."""
    return session.scalar(_CHANGES) or 0


def count_change(session: Session) -> None:
    """Tell every process that something was published or withdrawn; the caller commits."""
    session.execute(update(_STATE).values(changes=_STATE.c.changes + 1))


def next_number(session: Session, rule_id: str) -> int:
    """The number of a new version of a rule; whoever else wants one waits until this is stored."""
    # A change that changes nothing is a lock on both kinds of database.
    session.execute(update(_STATE).values(changes=_STATE.c.changes))
    latest = select(func.max(_VERSION.c.number)).where(_VERSION.c.rule == rule_id)
    return (session.scalar(latest) or 0) + 1


def published_versions(session: Session | Connection) -> tuple[Published, ...]:
    """All published versions by rule, first day and number; of one first day the last holds."""
    found: dict[tuple[str, date], Published] = {}
    for row in session.execute(_PUBLISHED):
        each = Published(*row)
        found[each.rule, each.since] = each
    return tuple(found.values())


def is_local(rule_id: str) -> bool:
    """Whether a rule is one of the house, by its id."""
    return rule_id.partition(".")[2].startswith(LOCAL)
