"""Deputies (代理): whom a superior has named to decide requests beside them for some days.

Both may decide while it lasts. What a deputy may see and do is ``tiesan.access.deputies``.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Account, Cadre, Organization
from tiesan.people.notifications import name_of_account, tell

MOST_DAYS = 92
DEPUTY_NAMED = "name deputy"
DEPUTY_ENDED = "end deputy"


class Deputy(Base):
    """Who (``account_id``) decides requests beside whom (``giver_id``), on which days.

    ``days`` is how many there are, so that the database holds them to what is allowed. One that was
    ended before its last day has ``ended_on``, and is none from that moment on.
    """

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("giver_id <> account_id", name="somebody_else"),
        CheckConstraint("last_day >= first_day", name="last_not_before_first"),
        CheckConstraint(f"days BETWEEN 1 AND {MOST_DAYS}", name="days_at_most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int]
    named_at: Mapped[datetime]
    ended_on: Mapped[date | None]


def store_deputy(
    actor: Actor,
    session: Session,
    account_id: int,
    days: tuple[date, date],
    *,
    day: date,
    at: datetime,
) -> Deputy:
    """Store somebody as the actor's deputy, and tell them; the caller commits.

    Who may name whom is settled before (``tiesan.access.deputies``). Raises UserError for days that
    are too many, gone by, or taken by the same two already.
    """
    giver_id, (first_day, last_day) = actor.account_id, days
    if giver_id is None or giver_id == account_id:
        raise UserError(_("Nobody is their own deputy."))
    _check_days(first_day, last_day, day)
    for each in deputies_of(session, giver_id, day):
        met = each.first_day <= last_day and first_day <= each.last_day
        if each.account_id == account_id and met:
            raise UserError(
                _("They are your deputy on some of these days already: %(first)s to %(last)s.")
                % {"first": each.first_day.isoformat(), "last": each.last_day.isoformat()}
            )
    row = Deputy(
        giver_id=giver_id,
        account_id=account_id,
        first_day=first_day,
        last_day=last_day,
        days=(last_day - first_day).days + 1,
        named_at=at,
    )
    session.add(row)
    session.flush()
    _note(actor, session, row, DEPUTY_NAMED, at)
    return row


def end_deputy(
    actor: Actor, session: Session, deputy_id: int, *, day: date, at: datetime
) -> Deputy:
    """End what the actor has given somebody, from now on; the caller commits.

    Raises UserError for one that is not the actor's, or is over already.
    """
    row = session.get(Deputy, deputy_id)
    if row is None or row.giver_id != actor.account_id:
        raise UserError(_("You have named no such deputy."))
    if row.ended_on is not None or row.last_day < day:
        raise UserError(_("This is over already."))
    row.ended_on = day
    session.flush()
    _note(actor, session, row, DEPUTY_ENDED, at)
    return row


def deputies_of(session: Session, giver_id: int | None, day: date) -> Sequence[Deputy]:
    """Return whom an account has named that is a deputy on a day or later, the first first."""
    statement = (
        select(Deputy)
        .where(Deputy.giver_id == giver_id, Deputy.ended_on.is_(None), Deputy.last_day >= day)
        .order_by(Deputy.first_day, Deputy.id)
    )
    return session.scalars(statement).all()


def deputy_for(session: Session, account_id: int | None, day: date) -> Sequence[Deputy]:
    """Return whose deputy an account is on a day or later, the first first."""
    return session.scalars(_FOR_ACCOUNT, {"account": account_id, "day": day}).all()


# Made once: every menu asks it.
_FOR_ACCOUNT = (
    select(Deputy)
    .where(
        Deputy.account_id == bindparam("account"),
        Deputy.ended_on.is_(None),
        Deputy.last_day >= bindparam("day"),
    )
    .order_by(Deputy.first_day, Deputy.id)
)


def _check_days(first_day: date, last_day: date, day: date) -> None:
    if first_day < day:
        raise UserError(_("A deputy begins today or later; found: %(day)s.", day=first_day))
    if last_day < first_day:
        raise UserError(_("The last day lies before the first one."))
    if last_day > first_day + timedelta(days=MOST_DAYS - 1):
        found = (last_day - first_day).days + 1
        raise UserError(
            _("A deputy is named for at most %(most)d days; found: %(found)d.")
            % {"most": MOST_DAYS, "found": found}
        )


def _note(actor: Actor, session: Session, row: Deputy, verb: str, at: datetime) -> None:
    """Write the entry of the trail, and the line for whom it is about."""
    name = name_of_account(session, row.account_id)
    details = {
        "deputy": name,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
    }
    subject = Subject("deputy", row.id, str(name), _district_of(session, row.account_id))
    record_entry(session, actor, verb, subject, at=at, details=details)
    by = name_of_account(session, row.giver_id)
    tell(session, [row.account_id], verb, {**details, "by": by}, at=at)


def _district_of(session: Session, account_id: int) -> int | None:
    """The district of the cadre of an account, if it has one."""
    statement = (
        select(Organization.district_id)
        .join(Cadre, Cadre.organization_id == Organization.id)
        .join(Account, Account.cadre_id == Cadre.id)
        .where(Account.id == account_id)
    )
    return session.scalar(statement)
