"""Reminders: who was reminded of what they owe, once a day each.

Source: the page on the working day, "who is behind". Who may remind whom is settled before; here
it is written down, and whoever is reminded is told by a line on their home.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.notifications import name_of_account, tell

REMINDED = "remind"
_TABLES = Base.metadata.tables
_RULE_LENGTH, _WORD_LENGTH, _KEY_LENGTH = 100, 20, 300


class Reminder(Base):
    """That somebody was reminded on a day of one thing that is owed: by a rule, under a key."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("day", "subject_kind", "subject_id", "rule", "key"),
        CheckConstraint("subject_kind IN ('cadre', 'organization')", name="subject_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(_RULE_LENGTH))
    subject_kind: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    subject_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(_KEY_LENGTH))
    day: Mapped[date]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


@dataclass(frozen=True, slots=True)
class OwedThing:
    """One thing that is owed: by which rule, who owes it, and which of that rule's it is."""

    rule: str
    subject_kind: str
    subject_id: int
    key: str


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is owed, until when, and the cadres who are to see to it."""

    thing: OwedThing
    due_on: date
    cadre_ids: Collection[int]


def remind(actor: Actor, session: Session, due: Due, *, day: date, at: datetime) -> None:
    """Remind those who are to see to something that is owed; the caller commits.

    Raises UserError when they were reminded of it on that day already, by whomever, and when none
    of them has an account.
    """
    thing = due.thing
    subject, place = _subject(session, thing)
    if thing in reminded_on(session, day, [thing.subject_id]):
        raise UserError(_("They were reminded of this today already."))
    told = _accounts_of(session, due.cadre_ids)
    if not told:
        raise UserError(_("Nobody who could be reminded has an account."))
    session.add(
        Reminder(
            rule=thing.rule,
            subject_kind=thing.subject_kind,
            subject_id=thing.subject_id,
            key=thing.key,
            day=day,
            at=at,
            account_id=actor.account_id,
        )
    )
    named = {"rule": thing.rule, "key": thing.key, "due_on": due.due_on.isoformat()}
    by = name_of_account(session, actor.account_id)
    tell(session, told, REMINDED, {**named, "by": by, "organization": place}, at=at)
    record_entry(session, actor, REMINDED, subject, at=at, details=named)
    session.flush()


def _subject(session: Session, thing: OwedThing) -> tuple[Subject, str | None]:
    """Who owes it, as the trail has it; of an organization its name. One at a time reminds.

    Over the tables, so that it does not depend on who asks.
    """
    place, cadre = _TABLES["organization"], _TABLES["cadre"]
    if thing.subject_kind == "organization":
        table, columns = place, (place.c.code, place.c.district_id, place.c.name)
        statement = select(*columns)
    else:
        table, columns = cadre, (cadre.c.code, place.c.district_id, cadre.c.name)
        posted = cadre.join(place, place.c.id == cadre.c.organization_id)
        statement = select(*columns).select_from(posted)
    locked = statement.where(table.c.id == thing.subject_id).with_for_update(of=table)
    code, district_id, name = session.execute(locked).one()
    about = Subject(thing.subject_kind, thing.subject_id, code, district_id)
    return about, name if table is place else None


def _accounts_of(session: Session, cadre_ids: Collection[int]) -> list[int]:
    return sorted(accounts_of_cadres(session, cadre_ids).values())


def accounts_of_cadres(session: Session, cadre_ids: Collection[int]) -> dict[int, int]:
    """Return the accounts of cadres that can sign in, by cadre; over the table, whoever asks."""
    account = _TABLES["account"]
    statement = select(account.c.cadre_id, account.c.id).where(
        account.c.cadre_id.in_(sorted(set(cadre_ids))), account.c.active
    )
    return {row.cadre_id: row.id for row in session.execute(statement)}


def reminded_on(session: Session, day: date, subject_ids: Collection[int]) -> set[OwedThing]:
    """Return of what some subjects were reminded on a day."""
    if not subject_ids:
        return set()
    columns = (Reminder.rule, Reminder.subject_kind, Reminder.subject_id, Reminder.key)
    statement = select(*columns).where(
        Reminder.day == day, Reminder.subject_id.in_(sorted(set(subject_ids)))
    )
    return {OwedThing(*row) for row in session.execute(statement)}
