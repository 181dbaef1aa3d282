"""Bulletins for which not everybody has signed three working days after they were issued."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.bulletins.models import BULLETIN, Bulletin, BulletinReceipt, bulletin_reference
from tiesan.calendar.working_days import WorkingCalendar
from tiesan.people.notifications import Telling
from tiesan.records.kinds import table_of
from tiesan.words.due_notifications import BULLETIN_UNSIGNED

DAYS_TO_SIGN = 3
_BULLETIN, _RECEIPT = table_of(Bulletin), table_of(BulletinReceipt)


def due_bulletins(
    session: Session, district_id: int, day: date, calendar: WorkingCalendar
) -> Iterator[Telling]:
    """Yield of the bulletins of a district that somebody is late to sign for whoever issued them.

    It is told from the day on which three working days are over, and once.
    """
    waiting = select(_RECEIPT.c.bulletin_id).where(_RECEIPT.c.received_on.is_(None))
    statement = (
        select(
            _BULLETIN.c.id,
            _BULLETIN.c.issued_on,
            _BULLETIN.c.issued_by_id,
            bulletin_reference(_BULLETIN.c),
        )
        .where(_BULLETIN.c.district_id == district_id, _BULLETIN.c.issued_by_id.is_not(None))
        .where(_BULLETIN.c.id.in_(waiting))
        .order_by(_BULLETIN.c.id)
    )
    for row_id, issued_on, account_id, reference in session.connection().execute(statement):
        if day > calendar.after(issued_on, DAYS_TO_SIGN):
            about, details = (BULLETIN, row_id), {"code": reference}
            yield Telling(account_id, BULLETIN_UNSIGNED, about, details, str(row_id))
