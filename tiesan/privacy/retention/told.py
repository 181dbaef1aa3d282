"""What persons were told, what was sent to them, and their sessions: the rows go."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from tiesan.notifications.sending.models import (
    OVER,
    Sending,
    SendingAttempt,
    SendingNotification,
)
from tiesan.people.notifications import Notification
from tiesan.people.sessions import AccountSession
from tiesan.privacy.retention.values import Amount, Removal
from tiesan.records.kinds import table_of

_TOLD, _SENT = table_of(Notification), table_of(Sending)
_OF_SENDING = (table_of(SendingNotification), table_of(SendingAttempt))
_SESSION = table_of(AccountSession)


def count_told(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the notifications from before a moment."""
    return _counted(session, _TOLD, _TOLD.c.at, _TOLD.c.at < before)


def remove_told(session: Session, removal: Removal) -> Amount:
    """Remove the notifications from before a moment, with what says which sending told of them."""
    amount = count_told(session, removal.place, removal.before)
    session.execute(delete(_TOLD).where(_TOLD.c.at < removal.before))
    return amount


def _over(before: datetime) -> ColumnElement[bool]:
    over = [each.value for each in OVER]
    return and_(_SENT.c.made_at < before, _SENT.c.state.in_(over))


def count_sent(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the sendings that are over and were made before a moment."""
    return _counted(session, _SENT, _SENT.c.made_at, _over(before))


def remove_sent(session: Session, removal: Removal) -> Amount:
    """Remove the sendings that are over and were made before a moment, with their attempts."""
    amount = count_sent(session, removal.place, removal.before)
    ids = select(_SENT.c.id).where(_over(removal.before))
    for table in _OF_SENDING:
        session.execute(delete(table).where(table.c.sending_id.in_(ids)))
    session.execute(delete(_SENT).where(_over(removal.before)))
    return amount


def _ended(before: datetime) -> ColumnElement[bool]:
    return or_(_SESSION.c.ended_at < before, _SESSION.c.seen_at < before)


def count_sessions(session: Session, place: Path, before: datetime) -> Amount:  # noqa: ARG001
    """Count the sessions that ended, or were seen last, before a moment."""
    return _counted(session, _SESSION, _SESSION.c.started_at, _ended(before))


def remove_sessions(session: Session, removal: Removal) -> Amount:
    """Remove the sessions that ended, or were seen last, before a moment."""
    amount = count_sessions(session, removal.place, removal.before)
    session.execute(delete(_SESSION).where(_ended(removal.before)))
    return amount


def _counted(
    session: Session, table: Table, moment: ColumnElement[datetime], which: ColumnElement[bool]
) -> Amount:
    counted = select(func.count(), func.min(moment)).select_from(table).where(which)
    number, oldest = session.execute(counted).one()
    return Amount(rows=number, oldest=oldest)
