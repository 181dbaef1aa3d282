"""What leaves the house at once, what with the next digest, and what stays here.

Notifications are written where something happens; whether they leave is settled afterwards, by
whoever sends: so that no event waits for it, and none is forgotten in a crash. Settled is by the
choice of the person and the default of the kind; at once leaves what its reader may still see,
between the hours that are set and not more often than is set; the rest waits for the digest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from tiesan.access.of_notifications import Seeing
from tiesan.clock import SHANGHAI, day_of
from tiesan.notifications.choices import Hours, NotificationChoice, hours_of
from tiesan.notifications.kinds import KINDS
from tiesan.notifications.sending.queue import queue as queue_of_ways
from tiesan.people.notifications import Leaves, Notification
from tiesan.records.kinds import table_of

_NOTE, _CHOICE = table_of(Notification), table_of(NotificationChoice)
_AT_ONCE = 500
_ONE_DAY = timedelta(days=1)


class Queue(Protocol):
    """Takes what is to leave: a text for one account, about these notifications."""

    def __call__(  # what a text is made of
        self,
        session: Session,
        *,
        account_id: int,
        notification_ids: Sequence[int],
        due_at: datetime,
        urgent: bool,
        at: datetime,
    ) -> object:
        """Write down what is to be sent by each way that the person has; none writes nothing."""


def pass_on(session: Session, seeing: Seeing, *, at: datetime, queue: Queue = queue_of_ways) -> int:
    """Settle what was told since, and give what leaves at once to the ways out; returns how many.

    The caller commits.
    """
    session.flush()
    _settle(session)
    hours = hours_of(session)
    passed, texts = 0, _texts_today(session, at)
    for account_id, ids in _leaving_now(session, seeing, at).items():
        if texts.get(account_id, 0) >= hours.most:
            _mark(session, ids, Leaves.DIGEST, None)
            continue
        due_at = within_hours(hours, at)
        queue(
            session, account_id=account_id, notification_ids=ids, due_at=due_at, urgent=True, at=at
        )
        _mark(session, ids, Leaves.NOW, at)
        passed += len(ids)
    return passed


def within_hours(hours: Hours, at: datetime) -> datetime:
    """Return a moment, or the next one at which texts may leave."""
    local = at.astimezone(SHANGHAI)
    if hours.first <= local.time() < hours.last:
        return at
    day = local.date() if local.time() < hours.first else local.date() + _ONE_DAY
    return datetime.combine(day, hours.first, SHANGHAI)


def _settle(session: Session) -> None:
    """Say of all that was told since by which way it leaves: by one statement, however many."""
    chosen = (
        select(_CHOICE.c.leaves)
        .where(_CHOICE.c.account_id == _NOTE.c.account_id, _CHOICE.c.kind == _NOTE.c.kind)
        .scalar_subquery()
    )
    by_default = case(
        {kind.name: kind.leaves.value for kind in KINDS.values()},
        value=_NOTE.c.kind,
        else_=Leaves.HERE.value,
    )
    settled = update(_NOTE).where(_NOTE.c.leaves.is_(None))
    session.connection().execute(settled.values(leaves=func.coalesce(chosen, by_default)))


def _leaving_now(session: Session, seeing: Seeing, at: datetime) -> dict[int, list[int]]:
    """What leaves at once, by account; what its reader may not see any more stays here."""
    statement = (
        select(_NOTE.c.id, _NOTE.c.account_id, _NOTE.c.row_kind)
        .where(_NOTE.c.leaves == Leaves.NOW.value, _NOTE.c.left_at.is_(None))
        .order_by(_NOTE.c.account_id, _NOTE.c.id)
    )
    rows = session.connection().execute(statement).all()
    seen = seeing.visible(session, ((each.id, each.row_kind) for each in rows), day_of(at))
    _mark(session, [each.id for each in rows if each.id not in seen], Leaves.HERE, None)
    found: dict[int, list[int]] = {}
    for each in rows:
        if each.id in seen:
            found.setdefault(each.account_id, []).append(each.id)
    return found


def _texts_today(session: Session, at: datetime) -> dict[int, int]:
    """How many texts have left at once on the day, by account; one may tell of several."""
    began = datetime.combine(day_of(at), datetime.min.time(), SHANGHAI)
    statement = (
        select(_NOTE.c.account_id, func.count(_NOTE.c.left_at.distinct()))
        .where(_NOTE.c.leaves == Leaves.NOW.value, _NOTE.c.left_at >= began)
        .group_by(_NOTE.c.account_id)
    )
    return dict(session.connection().execute(statement).all())


def _mark(session: Session, ids: Sequence[int], leaves: Leaves, left_at: datetime | None) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        chosen = _NOTE.c.id.in_(ids[start : start + _AT_ONCE])
        values = {"leaves": leaves.value, "left_at": left_at}
        session.connection().execute(update(_NOTE).where(chosen).values(**values))


def stay_here(session: Session, ids: Sequence[int]) -> None:
    """Have notifications not leave at all; the caller commits."""
    _mark(session, ids, Leaves.HERE, None)


def left_in_digest(session: Session, ids: Sequence[int], at: datetime) -> None:
    """Note that notifications stand in a digest; the caller commits."""
    _mark(session, ids, Leaves.DIGEST, at)
