"""One-time codes (TOTP, RFC 6238) beside the password, and recovery codes for a lost phone.

An app on a phone and the installation share a secret, which is stored sealed. A code holds for half
a minute, and as long before and after for clocks that go wrong; one that was taken is not taken
again, nor is an earlier one. Recovery codes are shown once, stored as digests, and each is taken
once. Wrong ones count like wrong passwords. Source: trust.md, "One-time codes".
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from tiesan.audit import Actor, Subject, record_entry
from tiesan.errors import UserError
from tiesan.extensions import Base
from tiesan.i18n import _
from tiesan.people.models import Account, RoleName
from tiesan.people.notifications import answering_accounts, name_of_account, tell

CODES_TAKEN_OFF = "one-time codes taken off"
RECOVERY_CODES = 10

_DIGITS, _SECONDS, _KEY_BYTES = 6, 30, 20
_RECOVERY_BYTES = 10
_AROUND = (0, -1, 1)


class OneTimeSecret(Base):
    """The secret of an account's codes, sealed; ``last_step`` is the half minute of the last code.

    Until ``confirmed_at`` it is being set up, and counts for nothing.
    """

    __tablename__ = "one_time_secret"
    __table_args__ = (
        UniqueConstraint("account_id"),
        CheckConstraint("confirmed_at >= made_at", name="confirmed_after_made"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sealed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """A recovery code of an account: what is stored of it, and when it was taken."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


def new_key() -> bytes:
    """Return a secret that nobody guesses."""
    return secrets.token_bytes(_KEY_BYTES)


def typed_key(key: bytes) -> str:
    """Return a secret as it is typed into an app that cannot read the picture."""
    text = b32encode(key).decode("ascii")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def app_address(key: bytes, username: str) -> str:
    """Return the address that an authenticator app reads from the picture."""
    issuer = _("Tiesan")
    given = {"secret": b32encode(key).decode("ascii"), "issuer": issuer,
             "digits": _DIGITS, "period": _SECONDS}  # fmt: skip
    label = quote(f"{issuer}:{username}")
    return f"otpauth://totp/{label}?{urlencode(given, quote_via=quote)}"


def code_at(key: bytes, at: datetime) -> str:
    """Return the code of a secret at a moment."""
    return _code(key, int(at.timestamp()) // _SECONDS)


def step_of(key: bytes, code: str, *, after: int, at: datetime) -> int | None:
    """Return the half minute whose code this is, later than one; None where it is none."""
    given = "".join(code.split())
    if len(given) != _DIGITS or not given.isascii() or not given.isdigit():
        return None
    here = int(at.timestamp()) // _SECONDS
    steps = [here + around for around in _AROUND if here + around > after]
    right = [step for step in steps if hmac.compare_digest(_code(key, step), given)]
    return right[0] if right else None


def _code(key: bytes, step: int) -> str:
    # RFC 6238 is written with SHA-1, and it is what apps know; it is no weakness in an HMAC.
    totp = TOTP(key, _DIGITS, SHA1(), _SECONDS)  # noqa: S303 - as said
    return totp.generate(step * _SECONDS).decode("ascii")


def secret_of(session: Session, account_id: int) -> OneTimeSecret | None:
    """Return the secret of an account, be it being set up or in use."""
    this = select(OneTimeSecret).where(OneTimeSecret.account_id == account_id)
    return session.scalars(this).one_or_none()


def confirmed_secret(session: Session, account_id: int) -> OneTimeSecret | None:
    """Return the secret of an account whose codes are asked for when signing in."""
    found = secret_of(session, account_id)
    return found if found is not None and found.confirmed_at is not None else None


def begin_codes(session: Session, account: Account, sealed: str, *, at: datetime) -> OneTimeSecret:
    """Keep a new secret, sealed, which is being set up; the caller commits.

    Raises UserError where codes are in use already.
    """
    found = secret_of(session, account.id)
    if found is not None and found.confirmed_at is not None:
        raise UserError(_("One-time codes are in use already."))
    if found is None:
        found = OneTimeSecret(account_id=account.id)
        session.add(found)
    found.sealed, found.made_at, found.last_step = sealed, at, 0
    session.flush()
    return found


def confirm_codes(
    actor: Actor, session: Session, account: Account, step: int, *, at: datetime
) -> list[str]:
    """Have codes asked for from now on; return the recovery codes, which are shown once.

    ``step`` is the half minute of the code that was right. The caller commits.
    """
    found = secret_of(session, account.id)
    if found is None or found.confirmed_at is not None:
        raise UserError(_("There is nothing to be confirmed. Please begin anew."))
    found.confirmed_at, found.last_step = max(at, found.made_at), step
    codes = _new_recovery_codes(session, account)
    record_entry(session, actor, "use one-time codes", _subject(account), at=at)
    return codes


def renew_recovery_codes(
    actor: Actor, session: Session, account: Account, *, at: datetime
) -> list[str]:
    """Return new recovery codes; the earlier ones do not hold any more. The caller commits."""
    if confirmed_secret(session, account.id) is None:
        raise UserError(_("One-time codes are not in use."))
    codes = _new_recovery_codes(session, account)
    record_entry(session, actor, "renew recovery codes", _subject(account), at=at)
    return codes


def take_step(session: Session, secret: OneTimeSecret, step: int) -> bool:
    """Whether a code is taken for the first time, by one of those who send it at once."""
    later = (OneTimeSecret.id == secret.id, OneTimeSecret.last_step < step)
    taken = session.execute(
        update(OneTimeSecret).where(*later).values(last_step=step),
        execution_options={"synchronize_session": False},
    )
    return getattr(taken, "rowcount", 0) == 1


def take_recovery_code(session: Session, account_id: int, given: str, *, at: datetime) -> bool:
    """Whether this is a recovery code of an account that was not taken before; it is now."""
    this = (RecoveryCode.account_id == account_id, RecoveryCode.digest == _digest(given))
    taken = session.execute(
        update(RecoveryCode).where(*this, RecoveryCode.used_at.is_(None)).values(used_at=at),
        execution_options={"synchronize_session": False},
    )
    return getattr(taken, "rowcount", 0) == 1


def recovery_codes_left(session: Session, account_id: int) -> int:
    """Return how many recovery codes of an account were not taken yet."""
    these = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*these)) or 0


def stop_codes(actor: Actor, session: Session, account: Account, *, at: datetime) -> None:
    """Have no codes of an account asked for any more; an administrator does it, or the person.

    Where it is somebody else, the person is told, and the audit committee with them. The caller
    commits. Raises UserError where there are none.
    """
    if secret_of(session, account.id) is None:
        raise UserError(_("One-time codes are not in use."))
    session.execute(delete(OneTimeSecret).where(OneTimeSecret.account_id == account.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    record_entry(session, actor, "take off one-time codes", _subject(account), at=at)
    if actor.account_id != account.id:
        _tell(actor, session, account, at)


def needs_codes(account: Account, required: Iterable[RoleName]) -> bool:
    """Whether one of an account's roles needs codes."""
    return not {grant.role.name for grant in account.grants}.isdisjoint(required)


def _tell(actor: Actor, session: Session, account: Account, at: datetime) -> None:
    details = {
        "by": name_of_account(session, actor.account_id) or actor.name,
        "who": name_of_account(session, account.id),
    }
    tell(session, [account.id], CODES_TAKEN_OFF, details, at=at)
    committee = (RoleName.AUDIT_COMMITTEE.value,)
    found = [answering_accounts(session, place, committee) for place in _places(account)]
    others = frozenset[int]().union(*found) - {account.id, actor.account_id or 0}
    tell(session, others, CODES_TAKEN_OFF, details, at=at)


def _places(account: Account) -> set[int | None]:
    """Where an account is at home and where it has roles; everywhere where that is no place."""
    places = {grant.organization_id for grant in account.grants}
    if account.cadre is not None:
        places.add(account.cadre.organization_id)
    return places or {None}


def _new_recovery_codes(session: Session, account: Account) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_new_recovery_code() for _number in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, digest=_digest(each)) for each in codes)
    session.flush()
    return codes


def _new_recovery_code() -> str:
    text = b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii").lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _digest(code: str) -> str:
    plain = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _subject(account: Account) -> Subject:
    district_id = account.cadre.organization.district_id if account.cadre else None
    return Subject("account", account.id, account.username, district_id)
