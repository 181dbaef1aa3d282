"""Reading: what somebody was told and may see, how much of it is unread, and that it was read.

Who may see what is asked of a window of notifications at a time, so that a page of ten thousand
costs what a page of ten costs. That something was read is a write like any other: it has an entry
in the trail.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from tiesan.access.of_notifications import Seeing
from tiesan.audit import Actor, Subject, record_entry
from tiesan.people.notifications import Notification
from tiesan.records.kinds import table_of

NOTIFICATION = "notification"
_NOTE = table_of(Notification)
# So many are looked at before it is asked which of them are visible.
_WINDOW = 100
# How many unread ones are counted; beyond that it is only said that there are more.
MOST_COUNTED = 99
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which notifications are asked for: unread ones, of some kinds, since a moment, before one."""

    unread: bool = False
    kinds: Sequence[str] = ()
    since: datetime | None = None
    before_id: int | None = None

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """Return a statement over notifications with these conditions."""
        found = statement
        if self.unread:
            found = found.where(_NOTE.c.read_at.is_(None))
        if self.kinds:
            found = found.where(_NOTE.c.kind.in_(list(self.kinds)))
        if self.since is not None:
            found = found.where(_NOTE.c.at >= self.since)
        if self.before_id is not None:
            found = found.where(_NOTE.c.id < self.before_id)
        return found


ALL = Narrowed()


def told_to(
    session: Session, seeing: Seeing, account_id: int, day: date, narrowed: Narrowed = ALL
) -> Iterator[Row[Any]]:
    """Yield the notifications that an account may see, the newest first, as they are asked for."""
    yield from _seen(session, seeing, day, (select(_NOTE), account_id, narrowed), _WINDOW)


def _seen(
    session: Session,
    seeing: Seeing,
    day: date,
    asked: tuple[Select[Any], int, Narrowed],
    at_once: int,
) -> Iterator[Row[Any]]:
    """Yield what an account may see of a selection, so many read at once."""
    selection, account_id, narrowed = asked
    last = narrowed.before_id
    while True:
        further = Narrowed(narrowed.unread, narrowed.kinds, narrowed.since, last)
        statement = selection.where(_NOTE.c.account_id == account_id)
        ordered = further.narrow(statement).order_by(_NOTE.c.id.desc()).limit(at_once)
        rows = session.connection().execute(ordered).all()
        seen = seeing.visible(session, ((row.id, row.row_kind) for row in rows), day)
        yield from (row for row in rows if row.id in seen)
        if len(rows) < at_once:
            return
        last = rows[-1].id


def unread_number(session: Session, seeing: Seeing, account_id: int, day: date) -> int:
    """Return how many an account has not read that it may see; ``MOST_COUNTED`` + 1 for more."""
    # They are counted, not shown: what they say is not read, and all of them are at once.
    asked = select(_NOTE.c.id, _NOTE.c.row_kind), account_id, Narrowed(unread=True)
    found = _seen(session, seeing, day, asked, MOST_COUNTED + 1)
    return sum(1 for _each in islice(found, MOST_COUNTED + 1))


def mark_read(
    actor: Actor, session: Session, notification_ids: Sequence[int], *, at: datetime
) -> int:
    """Note that an account has read notifications of its own; returns how many it had not before.

    The caller commits.
    """
    read = 0
    for start in range(0, len(notification_ids), _AT_ONCE):
        some = notification_ids[start : start + _AT_ONCE]
        statement = update(_NOTE).where(
            _NOTE.c.id.in_(some),
            _NOTE.c.account_id == actor.account_id,
            _NOTE.c.read_at.is_(None),
        )
        read += session.connection().execute(statement.values(read_at=at)).rowcount
    if read:
        _note(actor, session, "read", notification_ids, read, at)
    return read


def mark_unread(actor: Actor, session: Session, read_at: datetime, *, at: datetime) -> int:
    """Take back that an account read what it read at one moment; returns how much that was.

    The caller commits.
    """
    statement = update(_NOTE).where(
        _NOTE.c.account_id == actor.account_id, _NOTE.c.read_at == read_at
    )
    number = session.connection().execute(statement.values(read_at=None)).rowcount
    if number:
        _note(actor, session, "unread", (), number, at)
    return number


def _note(
    actor: Actor, session: Session, verb: str, ids: Sequence[int], number: int, at: datetime
) -> None:
    one = ids[0] if len(ids) == 1 else None
    subject = Subject(NOTIFICATION, one)
    record_entry(session, actor, verb, subject, at=at, details={"rows": number})
    session.flush()
