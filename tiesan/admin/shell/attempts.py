"""Attempts to come in, as the pages count them: begun before a password is compared, and ended.

An attempt that cannot be written keeps nobody out, and counts in this process.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app, flash, g
from sqlalchemy.exc import DBAPIError

from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.i18n import ngettext
from tiesan.people.models import Account
from tiesan.people.passwords import Renewal
from tiesan.people.pauses import (
    Door,
    SignInAttempt,
    Unwritten,
    forget_attempt,
    note_attempt,
    note_right,
    note_wrong,
    paused_until,
)
from tiesan.people.services import renew_hash
from tiesan.trouble import trouble_of

_UNWRITTEN = "unwritten attempts"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a door, as it was written if it was, or until when there may be none."""

    door: Door
    written: SignInAttempt | None = None
    paused_until: datetime | None = None


def begin_attempt(door: Door) -> Attempt:
    """Note an attempt before its password is hashed; none during a pause, which has its end.

    One that cannot be written keeps nobody out: this process remembers it.
    """
    until = paused_until(db.session(), door, now(), unwritten())
    if until is not None:
        db.session.rollback()
        return Attempt(door, paused_until=until)
    try:
        begin_storing(db.session())
        until = paused_until(db.session(), door, now(), unwritten())
        if until is not None:
            db.session.rollback()
            return Attempt(door, paused_until=until)
        written = note_attempt(db.session(), door, at=now())
        db.session.commit()
    except DBAPIError as error:
        go_on_unwritten(error)
        unwritten().add(door, now())
        return Attempt(door)
    return Attempt(door, written)


def ended(
    attempt: Attempt,
    account: Account | None,
    *,
    right: bool,
    renewal: Renewal | None = None,
) -> bool:
    """Note how an attempt has ended; whoever comes in is told of wrong passwords before."""
    if right:
        unwritten().forget(attempt.door)
    if attempt.written is None:
        # Nobody waits a second time for a database that takes nothing.
        return right
    try:
        wrong = _stored_end(attempt.door, attempt.written, account, right=right)
        if account is not None and renewal is not None:
            renew_hash(db.session(), account, renewal)
    except DBAPIError as error:
        go_on_unwritten(error)
        return right
    if wrong > 0:
        flash(ngettext("%(num)d wrong password for this account since the last sign-in.",
                       "%(num)d wrong passwords for this account since the last sign-in.", wrong),
              "warning")  # fmt: skip
    return right


def let_be(attempt: Attempt, account: Account, renewal: Renewal | None) -> None:
    """Have an attempt be neither wrong nor right: its password was, and a code is to come.

    So whoever knows a password alone tries codes until there are pauses, like anybody else.
    """
    unwritten().forget_last(attempt.door)
    if attempt.written is None:
        return
    try:
        begin_storing(db.session())
        forget_attempt(db.session(), attempt.written)
        if renewal is not None:
            renew_hash(db.session(), account, renewal)
        db.session.commit()
    except DBAPIError as error:
        go_on_unwritten(error)


def _stored_end(door: Door, written: SignInAttempt, account: Account | None, *, right: bool) -> int:
    """Store how an attempt has ended; returns how many were wrong before one that was right."""
    # Only now is anything locked: hashing takes long, and nobody waits for it meanwhile.
    begin_storing(db.session())
    if right:
        return note_right(db.session(), door, written)
    note_wrong(db.session(), door, account, now=now())
    db.session.commit()
    return 0


def go_on_unwritten(error: DBAPIError) -> None:
    """Go on without storing anything; raises the error again where the database is well."""
    if trouble_of(error) is None:
        raise error
    current_app.logger.error("a sign-in was not written", exc_info=error)
    db.session.rollback()
    g.unwritten = True


def unwritten() -> Unwritten:
    """Return the attempts that this process remembers."""
    found: Unwritten = current_app.extensions[_UNWRITTEN]
    return found


def paused_words(until: datetime) -> str:
    """Return what is said during a pause."""
    minutes = math.ceil((until - now()) / timedelta(minutes=1))
    return ngettext(
        "Too many wrong passwords; try again in %(num)d minute.",
        "Too many wrong passwords; try again in %(num)d minutes.",
        max(minutes, 1),
    )


def remember_attempts(app: Flask) -> None:
    """Have an application remember attempts that are not written."""
    app.extensions[_UNWRITTEN] = Unwritten()
