"""Growing pauses after wrong passwords, for account and address together.

What is asked and noted here is about whoever is meant by what was typed, whether there is such an
account or not, so that a stranger learns nothing. Source: trust.md, "Wrong passwords".
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Index, String, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import SIGN_IN, Subject, record_entry
from tiesan.extensions import Base
from tiesan.people.models import Account, folded

_FREE = 5
_LONGEST = timedelta(minutes=15)
_DAY, _MOST_A_DAY = timedelta(days=1), 50
_HOUR, _MOST_AN_HOUR = timedelta(hours=1), 30


_ADDRESS_LENGTH = 64


class SignInAttempt(Base):
    """An attempt to sign in from an address; ``who`` is a digest of whoever the name meant."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "who", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(_ADDRESS_LENGTH))
    right: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Door:
    """Who wants to come in, and from where; ``who`` tells nothing of what was typed."""

    who: str
    address: str


def door_of(account: Account | None, identity: str, address: str) -> Door:
    """Return the door for an account, by whichever of its names, or for a name of nobody."""
    meant = f"account {account.id}" if account is not None else f"name {folded(identity)}"
    who = hashlib.sha256(meant.encode("utf-8", "surrogatepass")).hexdigest()
    return Door(who, address[:_ADDRESS_LENGTH])


def paused_until(session: Session, door: Door, now: datetime) -> datetime | None:
    """Return until when no password is compared at a door; None when one is."""
    ends = [_pause_here(session, door, now)]
    if not _came_in_before(session, door):
        ends += [
            _pause(session, _is(who=door.who), now - _DAY, _MOST_A_DAY),
            _pause(session, _is(address=door.address), now - _HOUR, _MOST_AN_HOUR),
        ]
    return max((end for end in ends if end is not None and end > now), default=None)


def note_attempt(session: Session, door: Door, *, at: datetime) -> SignInAttempt:
    """Add an attempt, which counts as wrong until it is known to be right; the caller commits.

    It is added before the password is compared, so that many at once are counted as well.
    """
    attempt = SignInAttempt(who=door.who, address=door.address, at=at, right=False)
    session.add(attempt)
    session.flush()
    return attempt


def note_right(session: Session, door: Door, attempt: SignInAttempt) -> int:
    """Note that an attempt was right; returns how many wrong ones there were since the last."""
    last = _last_right(session, _is(who=door.who))
    wrong = _count(session, _is(who=door.who), last) - 1
    attempt.right = True
    session.flush()
    return wrong


def note_wrong(session: Session, door: Door, account: Account | None, *, now: datetime) -> None:
    """Add an entry to the audit trail when a wrong password has begun a pause."""
    until = paused_until(session, door, now)
    if until is None:
        return
    subject = (
        Subject("account") if account is None else Subject("account", account.id, account.username)
    )
    details = {"address": door.address, "until": until.isoformat(timespec="seconds")}
    record_entry(session, SIGN_IN, "pause sign-in", subject, at=now, details=details)


def _pause_here(session: Session, door: Door, now: datetime) -> datetime | None:
    """After five for an account from one address: 1, 2, 4 … 15 minutes after the last."""
    here = _is(who=door.who, address=door.address)
    since = max(_last_right(session, here) or now - _DAY, now - _DAY)
    wrong = _count(session, here, since)
    if wrong < _FREE:
        return None
    pause = min(timedelta(minutes=2 ** min(wrong - _FREE, 10)), _LONGEST)
    return _last(session, here) + pause


def _pause(
    session: Session, which: ColumnElement[bool], since: datetime, most: int
) -> datetime | None:
    wrong = _count(session, which, since)
    return None if wrong < most else _last(session, which) + _LONGEST


def _came_in_before(session: Session, door: Door) -> bool:
    return _last_right(session, _is(who=door.who, address=door.address)) is not None


def _is(*, who: str | None = None, address: str | None = None) -> ColumnElement[bool]:
    given = []
    if who is not None:
        given.append(SignInAttempt.who == who)
    if address is not None:
        given.append(SignInAttempt.address == address)
    return and_(*given)


def _count(session: Session, which: ColumnElement[bool], since: datetime | None) -> int:
    statement = select(func.count()).select_from(SignInAttempt)
    statement = statement.where(which, SignInAttempt.right.is_(False))
    if since is not None:
        statement = statement.where(SignInAttempt.at > since)
    return session.scalar(statement) or 0


def _last(session: Session, which: ColumnElement[bool]) -> datetime:
    wrong = select(func.max(SignInAttempt.at)).where(which, SignInAttempt.right.is_(False))
    return session.scalars(wrong).one()


def _last_right(session: Session, which: ColumnElement[bool]) -> datetime | None:
    right = select(func.max(SignInAttempt.at)).where(which, SignInAttempt.right.is_(True))
    return session.scalars(right).one_or_none()
