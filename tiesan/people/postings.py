"""Postings: the dated rows that say where a cadre was when.

They are written when a cadre comes and when the organization changes; the exchange carries the
current organization only.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tiesan.people.models import Posting

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def start_postings(session: Session, starts: Sequence[tuple[int, int, date]]) -> None:
    """Begin the postings of new cadres: id of the cadre, of the organization, first day."""
    rows = [
        {"cadre_id": cadre_id, "organization_id": organization_id, "from_on": first}
        for cadre_id, organization_id, first in starts
    ]
    if rows:
        session.execute(insert(Posting), rows)


def move_posting(session: Session, cadre_id: int, organization_id: int, at: datetime) -> None:
    """End a cadre's current posting and begin one in another organization, on the day of ``at``.

    A posting that began on that day or later is changed instead: it never came to be.
    """
    day = at.astimezone(_SHANGHAI).date()
    open_one = select(Posting).where(Posting.cadre_id == cadre_id, Posting.until_on.is_(None))
    current = session.scalars(open_one).one_or_none()
    if current is not None and current.from_on >= day:
        current.organization_id = organization_id
    else:
        if current is not None:
            current.until_on = day - timedelta(days=1)
        posting = Posting(cadre_id=cadre_id, organization_id=organization_id, from_on=day)
        session.add(posting)
    session.flush()
