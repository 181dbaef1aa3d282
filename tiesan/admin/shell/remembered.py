"""What was found for somebody's pages is remembered until anything has been written since.

Every write has an entry in the audit trail, every change of a flag an event, and what the days
bring is told. Where one writes at a time, the last numbers of these tell one state of the database
from the next; PostgreSQL commits in another order than it gives numbers, and says itself which
transactions it has seen. Found and kept in this order, nothing can be remembered as newer than it
is. Only what takes longer than all else on the page is kept, and only as plain values: what a
viewer owes, what is asked of them today, to judge a whole district ahead, to ask for all that
waits, how much of it the menu says, and how much is unread.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias, TypeVar

from flask import current_app
from sqlalchemy import Text, cast, func, select

from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer
from tiesan.admin.shell.asked_once import asked_once
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.flags.models import FlagEvent
from tiesan.i18n import current_language
from tiesan.people.notifications import Notification
from tiesan.records.kinds import table_of

T = TypeVar("T")

# Of those who looked last.
KEPT, _MOST_KEPT = "remembered", 1000
_WRITTEN = select(
    *(
        select(func.max(table_of(each).c.id)).scalar_subquery()
        for each in (AuditEntry, FlagEvent, Notification)
    )
)
_SEEN = select(cast(func.pg_current_snapshot(), Text))
# What was found, for whom, on which day, at which state, by which rules, in which language.
_Key: TypeAlias = tuple[str, Viewer, date, tuple[Any, ...], str, tuple[str, ...], str]


def remembered(name: str, find: Callable[[Viewer, date], T], viewer: Viewer, day: date) -> T:
    """Return what ``find`` finds for a viewer on a day, or has found since the last write."""
    known: dict[_Key, Any] = current_app.extensions.setdefault(KEPT, {})
    written = _written()
    rules = installed().digest, rule_problems()
    key = name, viewer, day, written, *rules, current_language()
    if key not in known:
        found = find(viewer, day)
        if len(known) >= _MOST_KEPT:
            known.clear()
        known[key] = found
        return found
    kept: T = known[key]
    return kept


@asked_once
def _written() -> tuple[Any, ...]:
    """What was written so far, as this page sees it; what it finds later is at least as new."""
    connection = db.session.connection()
    state = _SEEN if connection.dialect.name == "postgresql" else _WRITTEN
    return tuple(connection.execute(state).one())
