"""What was found for somebody's pages is remembered until anything has been written since.

Every write has an entry in the audit trail, every change of a flag an event, and what the days
bring is told. Where one writes at a time, the last numbers of these tell one state of the database
from the next; PostgreSQL commits in another order than it gives numbers, and says itself which
transactions it has seen. Found and kept in this order, nothing can be remembered as newer than it
is. Only what takes longer than all else on the page is kept, and only as plain values: what a
viewer owes, what is asked of them today, to judge a whole district ahead, to ask for all that
waits, how much of it the menu says, how much is unread; who the viewer is, which every page asks;
and sections of the first page as they were drawn.
"""

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any, TypeAlias, TypeVar

from flask import current_app, request
from sqlalchemy import Text, cast, func, select

from tiesan.access.installation import installed, rule_problems
from tiesan.access.viewer import Viewer
from tiesan.admin.shell.asked_once import asked_once
from tiesan.audit import AuditEntry
from tiesan.extensions import db
from tiesan.flags.models import FlagEvent, StoredEvaluation
from tiesan.i18n import current_language
from tiesan.people.models import Account
from tiesan.people.notifications import Notification
from tiesan.records.kinds import table_of
from tiesan.records.pending import PendingEvaluation

T = TypeVar("T")

# Of those who looked last.
KEPT, _MOST_KEPT = "remembered", 1000
# An evaluation that only words a flag anew has no event: it is one of those that are kept, or ends
# what was to be evaluated.
_TOLD_BY = (AuditEntry, FlagEvent, Notification, StoredEvaluation, PendingEvaluation)
_WRITTEN = select(*(select(func.max(table_of(each).c.id)).scalar_subquery() for each in _TOLD_BY))
_SEEN = select(cast(func.pg_current_snapshot(), Text))
# What it is, of whom, by what else it was found, and at which state.
_Key: TypeAlias = tuple[Hashable, ...]


def remembered(name: str, find: Callable[[Viewer, date], T], viewer: Viewer, day: date) -> T:
    """Return what ``find`` finds for a viewer on a day, or has found since the last write.

    It may depend on the rules and on the language besides.
    """
    rules = installed().digest, rule_problems()
    return _kept((name, viewer, day, *rules, current_language()), lambda: find(viewer, day))


def remembered_viewer(account: Account, find: Callable[[], Viewer], day: date) -> Viewer:
    """Return who an account is on a day: of a request that only reads, as since the last write.

    Whoever wants to write is looked at anew.
    """
    if request.method != "GET":
        return find()
    return _kept(("viewer", account.id, account.username, account.cadre_id, day), find)


def _kept(asked: _Key, find: Callable[[], T]) -> T:
    known: dict[_Key, Any] = current_app.extensions.setdefault(KEPT, {})
    key = *asked, _written()
    if key not in known:
        found = find()
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
