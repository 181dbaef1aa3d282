"""What people have chosen: by which way each kind of notification leaves, and in which language.

And what is set for everybody: between which hours texts leave at once, and how many of them a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import VERB_LENGTH, Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import DEFAULT_LANGUAGE, LANGUAGES, _
from tiesan.notifications.kinds import KINDS
from tiesan.people.notifications import LEAVES_LENGTH, LEAVES_LISTED, Leaves

_LANGUAGE_LENGTH = 20
_LANGUAGES = ", ".join(f"'{each}'" for each in LANGUAGES)
MOST_A_DAY = 100
FIRST, LAST, MOST = time(7, 30), time(21, 0), 10


class NotificationChoice(Base):
    """By which way a person wants a kind of notification, where it is not the way by default."""

    __tablename__ = "notification_choice"
    __table_args__ = (CheckConstraint(f"leaves IN ({LEAVES_LISTED})", name="leaves_choice"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(VERB_LENGTH), primary_key=True)
    leaves: Mapped[str] = mapped_column(String(LEAVES_LENGTH))


class NotificationLanguage(Base):
    """In which language texts leave for a person, where it is not Chinese."""

    __tablename__ = "notification_language"
    __table_args__ = (CheckConstraint(f"language IN ({_LANGUAGES})", name="known"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(_LANGUAGE_LENGTH))


class NotificationHours(Base):
    """Between which hours texts leave at once, and how many of them for a person a day."""

    __tablename__ = "notification_hours"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("first < last", name="first_before_last"),
        CheckConstraint(f"most BETWEEN 0 AND {MOST_A_DAY}", name="most_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[time]
    last: Mapped[time]
    most: Mapped[int]


@dataclass(frozen=True, slots=True)
class Hours:
    """The same as a value: texts leave from ``first`` on, until before ``last``."""

    first: time = FIRST
    last: time = LAST
    most: int = MOST


def hours_of(session: Session) -> Hours:
    """Return between which hours texts leave at once, as they are set."""
    found = session.get(NotificationHours, 1)
    return Hours() if found is None else Hours(found.first, found.last, found.most)


def set_hours(actor: Actor, session: Session, hours: Hours, *, at: datetime) -> None:
    """Set the hours for everybody; the caller commits.

    Raises UserError where the first is not before the last, and for a number that is none.
    """
    if hours.first >= hours.last:
        raise UserError(_("The first hour lies before the last."))
    if not 0 <= hours.most <= MOST_A_DAY:
        raise UserError(_("At most %(most)d texts a day.", most=MOST_A_DAY))
    session.merge(NotificationHours(id=1, first=hours.first, last=hours.last, most=hours.most))
    session.flush()
    details = {
        "first": hours.first.isoformat("minutes"),
        "last": hours.last.isoformat("minutes"),
        "most": hours.most,
    }
    subject = Subject("notification_hours", 1)
    record_entry(session, actor, "set hours", subject, at=at, details=details)


def choices_of(session: Session, account_id: int) -> dict[str, Leaves]:
    """Return by which way each kind of notification leaves for a person."""
    statement = select(NotificationChoice.kind, NotificationChoice.leaves).where(
        NotificationChoice.account_id == account_id
    )
    chosen = {kind: Leaves(leaves) for kind, leaves in session.execute(statement)}
    return {
        name: chosen.get(name, kind.leaves) if kind.may_be_off else kind.leaves
        for name, kind in KINDS.items()
    }


def language_for(session: Session, account_id: int) -> str:
    """Return in which language texts leave for a person."""
    found = session.get(NotificationLanguage, account_id)
    return DEFAULT_LANGUAGE if found is None else found.language


def choose(
    actor: Actor, session: Session, wanted: Mapping[str, Leaves], language: str, *, at: datetime
) -> None:
    """Keep what somebody chooses for their own account; the caller commits.

    Kinds that are not named go by their default. Raises UserError for a kind that there is not, for
    one that cannot be switched, and for a language that is none.
    """
    account_id = actor.account_id or 0
    for name, leaves in wanted.items():
        kind = KINDS.get(name)
        if kind is None or (not kind.may_be_off and leaves != kind.leaves):
            raise UserError(_("You are always told of this at once."))
    if language not in LANGUAGES:
        raise UserError(_("There is no such language."))
    session.execute(delete(NotificationChoice).where(NotificationChoice.account_id == account_id))
    rows = [
        {"account_id": account_id, "kind": name, "leaves": leaves.value}
        for name, leaves in wanted.items()
        if leaves != KINDS[name].leaves
    ]
    if rows:
        session.execute(insert(NotificationChoice), rows)
    session.merge(NotificationLanguage(account_id=account_id, language=language))
    session.flush()
    details = {"changed": {each["kind"]: each["leaves"] for each in rows}, "language": language}
    subject = Subject("account", account_id, actor.name)
    record_entry(session, actor, "choose notifications", subject, at=at, details=details)
