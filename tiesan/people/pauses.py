"""Growing pauses after wrong passwords, for account and address together.

What is asked and noted here is about whoever is meant by what was typed, whether there is such an
account or not, so that a stranger learns nothing. Source: trust.md, "Wrong passwords".
"""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import ColumnElement, Index, String, and_, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import SIGN_IN, Subject, record_entry
from tiesan.extensions import Base
from tiesan.people.folding import folded
from tiesan.people.models import Account

_FREE = 5
_LONGEST = timedelta(minutes=15)
_DAY, _MOST_A_DAY = timedelta(days=1), 50
_HOUR, _MOST_AN_HOUR = timedelta(hours=1), 30


_ADDRESS_LENGTH = 64
_MOST_UNWRITTEN = 10_000
# Databases limit the number of values in one statement.
_MOST_AT_ONCE = 500
_SELDOM = 20


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
    who = _of_account(account.id) if account is not None else _digest(f"name {folded(identity)}")
    return Door(who, address[:_ADDRESS_LENGTH])


def _of_account(account_id: int) -> str:
    return _digest(f"account {account_id}")


def _digest(meant: str) -> str:
    return hashlib.sha256(meant.encode("utf-8", "surrogatepass")).hexdigest()


class Unwritten:
    """Wrong passwords that the database did not take, kept by this process; for all its threads.

    They count like those that are written, so that a full disk lets nobody try as they like, and
    keeps nobody out.
    """

    def __init__(self) -> None:
        """Begin with none; of very many the newest count."""
        self._attempts: deque[tuple[Door, datetime]] = deque(maxlen=_MOST_UNWRITTEN)
        self._lock = Lock()

    def add(self, door: Door, at: datetime) -> None:
        """Count an attempt."""
        with self._lock:
            self._attempts.append((door, at))

    def forget(self, door: Door) -> None:
        """Count no attempt at a door any more: whoever it was has come in."""
        with self._lock:
            kept = [each for each in self._attempts if each[0] != door]
            self._attempts.clear()
            self._attempts.extend(kept)

    def forget_last(self, door: Door) -> None:
        """Count the last attempt at a door no more."""
        with self._lock:
            last = next((each for each in reversed(self._attempts) if each[0] == door), None)
            if last is not None:
                self._attempts.remove(last)

    def at(
        self, since: datetime, *, who: str | None = None, address: str | None = None
    ) -> list[datetime]:
        """Return when there were attempts on an account, from an address, or both, in order."""
        with self._lock:
            return [
                at
                for door, at in self._attempts
                if who in (None, door.who) and address in (None, door.address) and at > since
            ]


def paused_until(
    session: Session, door: Door, now: datetime, unwritten: Unwritten | None = None
) -> datetime | None:
    """Return until when no password is compared at a door; None when one is."""
    also = unwritten or Unwritten()
    ends = [_pause_here(session, door, now, also)]
    if not _came_in_before(session, door):
        ends += [
            _pause(session, now - _DAY, _MOST_A_DAY, also, who=door.who),
            _pause(session, now - _HOUR, _MOST_AN_HOUR, also, address=door.address),
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


def forget_attempt(session: Session, attempt: SignInAttempt) -> None:
    """Remove an attempt that was neither wrong nor right; the caller commits."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt.id))


def note_right(session: Session, door: Door, attempt: SignInAttempt) -> int:
    """Note that an attempt was right; returns how many wrong ones there were since the last.

    What no longer counts for anything is removed with it.
    """
    last = _last_right(session, _is(who=door.who))
    wrong = _count(session, _is(who=door.who), last) - 1
    attempt.right = True
    session.flush()
    _forget_told(session, door, attempt)
    if attempt.id % _SELDOM == 0:
        # It looks at all of them, so not everybody who comes in has to wait for it.
        forget_of_nobody(session, attempt.at - _DAY)
    return wrong


def _forget_told(session: Session, door: Door, attempt: SignInAttempt) -> None:
    """Remove of an account what its owner was told, and each earlier time that they came here."""
    of_account = SignInAttempt.who == door.who
    told = and_(SignInAttempt.right.is_(False), SignInAttempt.at <= attempt.at - _DAY)
    came = and_(SignInAttempt.right.is_(True), SignInAttempt.address == door.address)
    before = and_(of_account, SignInAttempt.id != attempt.id, or_(told, came))
    session.execute(delete(SignInAttempt).where(before))


def forget_of_nobody(session: Session, before: datetime) -> None:
    """Remove wrong attempts on names of nobody up to a moment, from which on they make pauses.

    Nobody will ever be told of them.
    """
    old = and_(SignInAttempt.right.is_(False), SignInAttempt.at <= before)
    meant = set(session.scalars(select(SignInAttempt.who).where(old).distinct()))
    if meant:
        active = session.scalars(select(Account.id).where(Account.active))
        nobody = sorted(meant.difference(map(_of_account, active)))
        for start in range(0, len(nobody), _MOST_AT_ONCE):
            some = SignInAttempt.who.in_(nobody[start : start + _MOST_AT_ONCE])
            session.execute(delete(SignInAttempt).where(old, some))


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


def _pause_here(session: Session, door: Door, now: datetime, also: Unwritten) -> datetime | None:
    """After five for an account from one address: 1, 2, 4 … 15 minutes after the last."""
    here = _is(who=door.who, address=door.address)
    since = max(_last_right(session, here) or now - _DAY, now - _DAY)
    unwritten = also.at(since, who=door.who, address=door.address)
    wrong = _count(session, here, since) + len(unwritten)
    if wrong < _FREE:
        return None
    pause = min(timedelta(minutes=2 ** min(wrong - _FREE, 10)), _LONGEST)
    return _last(session, here, unwritten) + pause


def _pause(
    session: Session, since: datetime, most: int, also: Unwritten, **which: str
) -> datetime | None:
    unwritten = also.at(since, **which)
    wrong = _count(session, _is(**which), since) + len(unwritten)
    return None if wrong < most else _last(session, _is(**which), unwritten) + _LONGEST


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


def _last(session: Session, which: ColumnElement[bool], unwritten: Sequence[datetime]) -> datetime:
    """The newest wrong one, of which there is one at least."""
    wrong = select(func.max(SignInAttempt.at)).where(which, SignInAttempt.right.is_(False))
    written = session.scalars(wrong).one_or_none()
    return max(each for each in (written, *unwritten[-1:]) if each is not None)


def _last_right(session: Session, which: ColumnElement[bool]) -> datetime | None:
    right = select(func.max(SignInAttempt.at)).where(which, SignInAttempt.right.is_(True))
    return session.scalars(right).one_or_none()
