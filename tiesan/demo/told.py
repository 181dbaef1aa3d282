"""What the people of the fictitious district were told, and what they have read of it."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from tiesan.clock import SHANGHAI
from tiesan.people.notifications import Leaves, Notification
from tiesan.records.kinds import table_of

# What is older has been read.
_UNREAD_FOR = timedelta(days=7)


def read_older(session: Session, today: date) -> None:
    """Have everybody have read what they were told more than a week before a day.

    Nothing of it is to leave any more, should somebody try a way out of the house. The caller
    commits.
    """
    table = table_of(Notification)
    since = datetime.combine(today - _UNREAD_FOR, time(), SHANGHAI)
    statement = update(table).where(table.c.at < since)
    session.execute(statement.values(read_at=since, leaves=Leaves.HERE.value))
