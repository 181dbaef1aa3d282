"""Each sending belongs to one process at a time, and is marked as begun before it leaves.

Whoever crashed in between has left a claim behind. When its lease is over nobody knows whether it
arrived, so that it becomes ``unknown`` and is not sent again by itself.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from tiesan.database import begin_writing
from tiesan.extensions import Base
from tiesan.notifications.sending.models import Purpose, Sending, SendingAttempt, State, Way
from tiesan.notifications.sending.outcome import Outcome, Reason
from tiesan.people.notifications import Notification, tell

# Longer than one attempt ever takes.
LEASE = timedelta(minutes=5)
_LOOKED_AGAIN = timedelta(hours=1)
AGAIN_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=24),
)
SENDING_FAILED = "sending failed"
# What nobody waits for any more when it comes an hour later.
_ONCE = (Purpose.CODE, Purpose.TEST)
# What does not get better by waiting.
_FOR_GOOD = (Reason.KEY_CHANGED,)
_TABLES = Base.metadata.tables


@dataclass(frozen=True, slots=True)
class Taken:
    """A sending that is ours, and the word by which its row knows it."""

    sending_id: int
    claim: str


def is_due(session: Session, now: datetime) -> bool:
    """Whether something is to be sent, was left behind by a crash, or a way is to be looked at."""
    condition = or_(_waiting(now), _left(now))
    if session.scalar(select(Sending.id).join(Way).where(condition).limit(1)) is not None:
        return True
    # What was wrong with a way may have been put right on the machine.
    old = and_(Way.active, Way.trouble.is_not(None), Way.looked_at <= now - _LOOKED_AGAIN)
    return session.scalar(select(Way.id).where(old).limit(1)) is not None


def is_wanted(session: Session, now: datetime) -> bool:
    """Whether there is something to do for who sends.

    That is also to settle what leaves of what was told since, where there is a way by which it may.
    """
    told = select(Notification.id).where(Notification.leaves.is_(None)).limit(1)
    way = select(Way.id).where(Way.active).limit(1)
    unsettled = session.scalar(way) is not None and session.scalar(told) is not None
    return unsettled or is_due(session, now)


def take_next(session: Session, now: datetime, only: int | None = None) -> Taken | None:
    """Take the next sending that is due, or only that one; None when there is none.

    The session must be unused; the transaction ends here, so that the claim stands before anything
    leaves.
    """
    begin_writing(session)
    chosen = select(Sending).join(Way).where(_waiting(now))
    if only is not None:
        chosen = chosen.where(Sending.id == only)
    ordered = chosen.order_by(Sending.urgent.desc(), Sending.due_at, Sending.id).limit(1)
    sending = session.scalars(ordered.with_for_update(skip_locked=True, of=Sending)).first()
    if sending is None:
        session.rollback()
        return None
    sending.state, sending.claim = State.CLAIMED.value, secrets.token_hex(16)
    sending.lease_until, sending.attempts = now + LEASE, sending.attempts + 1
    taken = Taken(sending.id, sending.claim)
    session.add(SendingAttempt(sending_id=sending.id, number=sending.attempts, began_at=now))
    session.commit()
    return taken


def note_end(session: Session, taken: Taken, outcome: Outcome, now: datetime) -> bool:
    """Keep what came of a sending, and commit; False when it is not ours any more.

    What failed is tried again later, up to six times; then the administrators are told.
    """
    begin_writing(session)
    chosen = select(Sending).where(
        Sending.id == taken.sending_id,
        Sending.claim == taken.claim,
        Sending.state == State.CLAIMED.value,
    )
    sending = session.scalars(chosen.with_for_update()).one_or_none()
    if sending is None:
        session.rollback()
        return False
    _settle(sending, outcome, now)
    ended = {
        "ended_at": now,
        "result": outcome.state.value,
        "reason": outcome.reason.value,
        "answer": outcome.answer,
    }
    _end_attempts(session, [sending.id], ended)
    session.flush()
    if sending.state == State.FAILED and sending.purpose not in _ONCE:
        tell_of_failure(session, sending.way, at=now)
    session.commit()
    return True


def _settle(sending: Sending, outcome: Outcome, now: datetime) -> None:
    sending.claim = sending.lease_until = None
    sending.reason, sending.answer = outcome.reason.value, outcome.answer
    done = sending.attempts - sending.round_from
    is_last = sending.purpose in _ONCE or outcome.reason in _FOR_GOOD
    again = () if is_last else AGAIN_AFTER
    if outcome.state is State.FAILED and done <= len(again):
        sending.state, sending.due_at = State.WAITING.value, now + again[done - 1]
        return
    sending.state, sending.ended_at, sending.sealed = outcome.state.value, now, None


def expire(session: Session, now: datetime) -> int:
    """Let what a crashed process had begun be unknown, and commit; returns how many there were."""
    left = select(Sending.id).where(_left(now))
    if session.scalar(left.limit(1)) is None:
        session.rollback()
        return 0
    session.rollback()
    begin_writing(session)
    ids = list(session.scalars(left.with_for_update(skip_locked=True)))
    ended: dict[str, Any] = {"ended_at": now, "reason": Reason.PROCESS_ENDED.value}
    unknown = {"state": State.UNKNOWN.value, "claim": None, "lease_until": None, "sealed": None}
    session.execute(update(Sending).where(Sending.id.in_(ids)).values({**unknown, **ended}))
    _end_attempts(session, ids, {**ended, "result": State.UNKNOWN.value})
    session.commit()
    return len(ids)


def tell_of_failure(session: Session, way: Way, *, at: datetime) -> None:
    """Tell the administrators of the installation that something cannot be sent by a way.

    Who has not read yet that this happens is not told once more. The caller commits.
    """
    unread = and_(Notification.kind == SENDING_FAILED, Notification.read_at.is_(None))
    told = set(session.scalars(select(Notification.account_id).where(unread)))
    details = {"way": way.title}
    tell(session, _administrators(session) - told, SENDING_FAILED, details, at=at)


def _administrators(session: Session) -> set[int]:
    grant, role, account = (_TABLES[name] for name in ("account_role", "role", "account"))
    statement = (
        select(grant.c.account_id)
        .join(role, role.c.id == grant.c.role_id)
        .join(account, account.c.id == grant.c.account_id)
        .where(account.c.active, role.c.name == "administrator", grant.c.organization_id.is_(None))
    )
    return set(session.scalars(statement))


def _end_attempts(session: Session, ids: Iterable[int], ended: dict[str, Any]) -> None:
    is_open = and_(SendingAttempt.sending_id.in_(list(ids)), SendingAttempt.ended_at.is_(None))
    session.execute(update(SendingAttempt).where(is_open).values(ended))


def _waiting(now: datetime) -> ColumnElement[bool]:
    """What is due on a way that can be used."""
    return and_(
        Sending.state == State.WAITING.value,
        Sending.due_at <= now,
        Way.active,
        Way.trouble.is_(None),
    )


def _left(now: datetime) -> ColumnElement[bool]:
    return and_(Sending.state == State.CLAIMED.value, Sending.lease_until <= now)
