"""The second step of signing in: a one-time code, or a recovery code, of who knew the password.

That is done here and not by Flask-Security's own two-factor: its page lets codes be guessed without
a pause, takes a code twice, keeps recovery codes readable or under a key of its own, and knows no
role that needs codes. What is between the two steps stands in the browser, signed.
"""

from base64 import b32decode, b32encode

from flask import current_app, g, request, session
from sqlalchemy.exc import DBAPIError

from tiesan.admin.shell.attempts import begin_attempt, ended, go_on_unwritten, paused_words
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.notifications.sending.sealing import KeyChangedError, Seal
from tiesan.people.codes import (
    OneTimeSecret,
    confirmed_secret,
    needs_codes,
    step_of,
    take_recovery_code,
    take_step,
)
from tiesan.people.models import Account
from tiesan.people.pauses import door_of
from tiesan.people.sign_in_settings import read_settings

# The input with the code, and what a browser keeps: who is between the steps, and who is to set
# codes up before anything else.
CODE = "code"
BETWEEN, DUE = "between", "codes_due"

_BETWEEN_SECONDS = 600
_STEPS = "one-time codes taken"
_PURPOSE = b"tiesan: one-time codes"


def sealed_key(key: bytes) -> str:
    """Return a secret as it may be stored."""
    return _seal().seal({"key": b32encode(key).decode("ascii")})


def opened_key(secret: OneTimeSecret) -> bytes:
    """Return a stored secret; raises KeyChangedError where it was sealed by another key."""
    return b32decode(_seal().unseal(secret.sealed)["key"])


def begin_second_step(account: Account) -> None:
    """Ask for a code: the password was right."""
    session[BETWEEN] = [account.id, account.get_id(), now().timestamp()]
    g.awaits_code = True


def awaits_code() -> bool:
    """Whether the page asks for a code, and not for name and password."""
    return bool(g.get("awaits_code", False))


def take_code(given: str) -> tuple[Account | None, str | None]:
    """Return whose code was sent, and what is wrong with it if anything is.

    Wrong ones count as wrong passwords do; a right one is taken once.
    """
    account = _between()
    if account is None:
        session.pop(BETWEEN, None)
        return None, _("Please sign in once more: that took too long.")
    g.awaits_code = True
    door = door_of(account, account.username, request.remote_addr or "")
    attempt = begin_attempt(door)
    if attempt.paused_until is not None:
        return None, paused_words(attempt.paused_until)
    try:
        right = _is_right(account, given)
    except KeyChangedError:
        return None, _("The secret key of the system was changed, so that no code can be checked. "
                       "Please have an administrator take your one-time codes off.")  # fmt: skip
    if not ended(attempt, account, right=right):
        return None, _("This code is not right, or was used already.")
    session.pop(BETWEEN, None)
    return account, None


def _between() -> Account | None:
    kept = session.get(BETWEEN)
    if not isinstance(kept, list):
        return None
    account_id, uniquifier, began = kept
    if now().timestamp() - began > _BETWEEN_SECONDS:
        return None
    account = db.session.get(Account, account_id)
    return (
        account
        if account is not None and account.active and account.get_id() == uniquifier
        else None
    )


def _is_right(account: Account, given: str) -> bool:
    """Whether a code is right, which is noted in a transaction of its own, so that it is once."""
    secret = confirmed_secret(db.session(), account.id)
    if secret is None:
        return False
    step = step_of(opened_key(secret), given, after=secret.last_step, at=now())
    try:
        begin_storing(db.session())
        if step is not None:
            taken = take_step(db.session(), secret, step)
        else:
            taken = take_recovery_code(db.session(), account.id, given, at=now())
        db.session.commit()
    except DBAPIError as error:
        go_on_unwritten(error)
        return step is not None and _taken_unwritten(account.id, step)
    return taken


def _taken_unwritten(account_id: int, step: int) -> bool:
    """Whether a code is taken that cannot be noted: this process remembers it.

    A recovery code is not taken then.
    """
    steps: dict[int, int] = current_app.extensions.setdefault(_STEPS, {})
    is_later = step > steps.get(account_id, 0)
    steps[account_id] = max(step, steps.get(account_id, 0))
    return is_later


def settle_due(account: Account) -> None:
    """Note whether who signs in has to set codes up first: a role of theirs needs them."""
    required = read_settings(db.session()).codes_required
    if needs_codes(account, required) and confirmed_secret(db.session(), account.id) is None:
        session[DUE] = True
    else:
        session.pop(DUE, None)


def is_due() -> bool:
    """Whether who is signed in has to set codes up before anything else."""
    return bool(session.get(DUE))


def _seal() -> Seal:
    return Seal(str(current_app.config["SECRET_KEY"]), _PURPOSE)
