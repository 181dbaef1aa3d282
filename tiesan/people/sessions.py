"""Sessions as rows: who is signed in, since when, from where and with what.

A browser keeps a random token, signed; here stands its digest alone, so that nobody who reads the
table can come in. A session that has ended is refused at once by every process, whatever cookie
was copied. Source: trust.md, "Sessions"; faults.md, A8.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.devices import ADDRESS_LENGTH, Device
from tiesan.people.models import Account
from tiesan.people.sign_in_settings import PhoneSpan

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
# When somebody was last seen is written no more often.
SEEN_EVERY = timedelta(minutes=5)

_TOKEN_BYTES = 32
_DIGEST_LENGTH = 64
_WORD_LENGTH = 20


class AccountSession(Base):
    """A session of an account, from signing in until it ended; ``token_digest`` is SHA-256.

    ``had_left`` is whether the cadre had left by then: who leaves is signed out, and may come in
    again to see and answer flags. ``own_phone`` was ticked by who signed in with a phone.
    """

    __tablename__ = "account_session"
    __table_args__ = (
        UniqueConstraint("token_digest"),
        Index(None, "account_id", "started_at"),
        CheckConstraint("seen_at >= started_at", name="seen_after_started"),
        CheckConstraint("ended_at >= started_at", name="ended_after_started"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_digest: Mapped[str] = mapped_column(String(_DIGEST_LENGTH))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    browser: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    system: Mapped[str] = mapped_column(String(_WORD_LENGTH))
    own_phone: Mapped[bool]
    had_left: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Span:
    """For how long a session holds: without being used, and from signing in on."""

    idle: timedelta = IDLE
    longest: timedelta = LONGEST

    def holds(self, started_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Whether a session holds that began and was last seen at these moments."""
        return now - started_at <= self.longest and now - seen_at <= self.idle


COMPUTER = Span()


def span_on(phone: PhoneSpan | None) -> Span:
    """Return for how long a session holds on a phone of one's own; None is any other device."""
    if phone is None:
        return COMPUTER
    return Span(timedelta(days=phone.idle_days), timedelta(days=phone.most_days))


def new_token() -> str:
    """Return a token that nobody guesses."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_session(
    account_id: int,
    token: str,
    device: Device,
    *,
    own_phone: bool,
    had_left: bool,
    at: datetime,
) -> AccountSession:
    """Return the row of a session that begins; the caller adds it."""
    return AccountSession(
        account_id=account_id,
        token_digest=digest_of(token),
        started_at=at,
        seen_at=at,
        address=device.address,
        browser=device.browser,
        system=device.system,
        own_phone=own_phone,
        had_left=had_left,
    )


def own_sessions(session: Session, account_id: int, *, now: datetime) -> list[AccountSession]:
    """Return the sessions of an account that have not ended, those last used first.

    Some of them may be over for being idle; who lists them says for how long they hold.
    """
    statement = (
        select(AccountSession)
        .where(
            AccountSession.account_id == account_id,
            AccountSession.ended_at.is_(None),
            AccountSession.started_at <= now,
        )
        .order_by(AccountSession.seen_at.desc(), AccountSession.id.desc())
    )
    return list(session.scalars(statement))


def end_session(
    actor: Actor, session: Session, account: Account, session_id: int, *, at: datetime
) -> None:
    """End one session of an account; one that has ended stays so.

    Raises UserError for one that is no session of the account.
    """
    row = session.get(AccountSession, session_id)
    if row is None or row.account_id != account.id:
        raise UserError(_("There is no such session any more."))
    if row.ended_at is None:
        row.ended_at = max(at, row.started_at)
        session.flush()
        record_entry(session, actor, "sign out", _subject(account), at=at)


def end_other_sessions(
    actor: Actor, session: Session, account: Account, kept_id: int | None, *, at: datetime
) -> int:
    """End every session of an account but one; returns how many there were."""
    ended = end_rows(session, account.id, at=at, but=() if kept_id is None else (kept_id,))
    if ended:
        details = {"sessions": ended}
        record_entry(session, actor, "sign out elsewhere", _subject(account), at=at,
                     details=details)  # fmt: skip
    return ended


def end_rows(session: Session, account_id: int, *, at: datetime, but: Iterable[int] = ()) -> int:
    """Mark the sessions of an account as ended but for some; returns how many had not been."""
    open_ones = (AccountSession.account_id == account_id, AccountSession.ended_at.is_(None))
    statement = update(AccountSession).where(*open_ones, AccountSession.id.not_in(list(but)))
    found = session.execute(
        statement.values(ended_at=at).where(AccountSession.started_at <= at),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(found, "rowcount", 0))


def _subject(account: Account) -> Subject:
    district_id = account.cadre.organization.district_id if account.cadre else None
    return Subject("account", account.id, account.username, district_id)
