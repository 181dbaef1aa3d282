"""Who is signed in: the browser's token, and the row of its session.

A request asks for both by one statement, so that what has ended is refused at once in every
process. When somebody was last seen is written after an answer was made, seldom, and by nobody who
would have to wait for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy import Connection, and_, bindparam, exists, select, update
from sqlalchemy.exc import DBAPIError

from tiesan.clock import day_of, now
from tiesan.database import begin_impatiently
from tiesan.extensions import db
from tiesan.people.devices import Device, device_of
from tiesan.people.models import Account, Cadre, Grant, Role, RoleName
from tiesan.people.sessions import (
    COMPUTER,
    LONGEST,
    SEEN_EVERY,
    AccountSession,
    Span,
    digest_of,
    new_session,
    new_token,
    span_on,
)
from tiesan.people.sign_in_settings import MOST_DAYS, read_settings
from tiesan.records.kinds import table_of
from tiesan.trouble import trouble_of

# What a browser keeps, signed: the account, the token of the session, and of a session of which the
# database took nothing, since when it is.
ACCOUNT, TOKEN, UNWRITTEN = "_user_id", "token", "unwritten"
# For so long a browser may keep anything; the rows say for how long a session holds.
LONGEST_COOKIE = timedelta(days=MOST_DAYS)

_SEEN = "sessions seen"
_MOST_SEEN = 5_000
_ACCOUNTS, _SESSIONS = table_of(Account), table_of(AccountSession)
_CADRES, _GRANTS, _ROLES = table_of(Cadre), table_of(Grant), table_of(Role)
# Account, session, and the day on which the cadre has left. It is made once: every page asks it.
_ASKED = (
    select(Account, AccountSession, _CADRES.c.left_on)
    .outerjoin(
        AccountSession,
        and_(
            AccountSession.account_id == Account.id,
            AccountSession.token_digest == bindparam("digest"),
        ),
    )
    .outerjoin(_CADRES, _CADRES.c.id == Account.cadre_id)
    .where(Account.fs_uniquifier == bindparam("kept"), Account.active)
)


@dataclass(frozen=True, slots=True)
class Current:
    """The session of this request; without a row where the database took none."""

    row_id: int | None
    account_id: int
    started_at: datetime
    seen_at: datetime
    own_phone: bool = False


class Seen:
    """When sessions were last seen by this process, for all its threads.

    What could not be written counts here, so that a database that takes nothing ends nobody's
    session.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._seen: dict[int, datetime] = {}
        self._lock = Lock()

    def note(self, row_id: int, at: datetime) -> None:
        """Note that a session was seen; of very many none is kept, but what the rows say."""
        with self._lock:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[row_id] = at

    def at(self, row_id: int, written: datetime) -> datetime:
        """Return when a session was last seen, which may be later than what is written."""
        with self._lock:
            return max(self._seen.get(row_id, written), written)


def current_session() -> Current | None:
    """Return the session of this request, if somebody is signed in."""
    found: Current | None = g.get("current_session")
    return found


def load_account(kept: str) -> Account | None:
    """Return the account of the request's session, None where it has ended or never was."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    asked = {"kept": kept, "digest": digest_of(token)}
    found = db.session.execute(_ASKED, asked).one_or_none()
    if found is None:
        return None
    account, row, left_on = found
    at = now()
    current = _unwritten(account, at) if row is None else _standing(row, at)
    if current is None or (row is not None and not _was_let_in(row, left_on, day_of(at))):
        return None
    g.current_session = current
    return account  # type: ignore[no-any-return] # a row's parts have no types


def _standing(row: AccountSession, at: datetime) -> Current | None:
    """The session of a row that still holds."""
    if row.ended_at is not None:
        return None
    seen_at = _seen().at(row.id, row.seen_at)
    if not span_of(row).holds(row.started_at, seen_at, at):
        return None
    return Current(row.id, row.account_id, row.started_at, seen_at, row.own_phone)


def span_of(row: AccountSession) -> Span:
    """For how long a session holds: who has come to be more than a cadre has the shorter span."""
    if not row.own_phone:
        return COMPUTER
    phone = read_settings(db.session()).phone
    return span_on(phone if phone.is_on and is_cadre_only(row.account_id) else None)


def is_cadre_only(account_id: int) -> bool:
    """Whether an account has the role of a cadre and no other."""
    roles = select(_ROLES.c.name).join(_GRANTS, _GRANTS.c.role_id == _ROLES.c.id)
    found = set(db.session.execute(roles.where(_GRANTS.c.account_id == account_id)).scalars())
    return found == {RoleName.CADRE.value}


def _was_let_in(row: AccountSession, left_on: date | None, day: date) -> bool:
    """Whether a session is not one of somebody who has left since."""
    return row.had_left or left_on is None or left_on > day


def _unwritten(account: Account, at: datetime) -> Current | None:
    """The session of a browser that says itself since when: nothing could be written then."""
    began = session.get(UNWRITTEN)
    if not isinstance(began, int | float) or at.timestamp() - began > LONGEST.total_seconds():
        return None
    started_at = at - timedelta(seconds=max(at.timestamp() - began, 0))
    return Current(None, account.id, started_at, started_at)


# --- beginning and going on -----------------------------------------------------------------------


def begin_session(account: Account, *, at: datetime) -> None:
    """Begin a session of an account; its row is added, and stored with what is tracked, if it is.

    The token is new, whatever the browser had before.
    """
    device = _device()
    own_phone = ticked_own_phone(device) and is_cadre_only(account.id)
    session[TOKEN] = new_token()
    session.pop(UNWRITTEN, None)
    session.permanent = own_phone
    db.session.add(_row(account, device, own_phone=own_phone, at=at))


def begin_unwritten(at: datetime) -> None:
    """Have the browser say since when its session is: the database takes no row."""
    session[TOKEN] = new_token()
    session[UNWRITTEN] = at.timestamp()
    session.permanent = False


def ticked_own_phone(device: Device) -> bool:
    """Whether the form that is sent says that this phone is one's own, and it is a phone."""
    return device.is_phone and request.form.get("own_phone") == "1" and offers_own_phone()


def offers_own_phone() -> bool:
    """Whether the sign-in page asks if a phone is one's own."""
    return _device().is_phone and read_settings(db.session()).phone.is_on


def _row(account: Account, device: Device, *, own_phone: bool, at: datetime) -> AccountSession:
    left_on = select(_CADRES.c.left_on).where(_CADRES.c.id == account.cadre_id)
    left = None if account.cadre_id is None else db.session.execute(left_on).scalar()
    return new_session(
        account.id,
        str(session[TOKEN]),
        device,
        own_phone=own_phone,
        had_left=left is not None and left <= day_of(at),
        at=at,
    )


def note_seen(response: Response) -> Response:
    """Write when a session was last seen, or that there is one, unless that was done lately."""
    current = current_session()
    if current is None or (current.row_id and now() - current.seen_at < SEEN_EVERY):
        return response
    try:
        with db.engine.connect() as connection, begin_impatiently(connection):
            _write_seen(connection, current)
    except DBAPIError as error:
        # It is tried again in a while, and counts here until then.
        if trouble_of(error) is None:
            raise
    if current.row_id is not None:
        _seen().note(current.row_id, now())
    return response


def _write_seen(connection: Connection, current: Current) -> None:
    if current.row_id is None:
        connection.execute(_SESSIONS.insert().values(_adopted(current)))
        return
    connection.execute(
        update(_SESSIONS)
        .where(_SESSIONS.c.id == current.row_id, _SESSIONS.c.seen_at < now())
        .values(seen_at=now())
    )


def _adopted(current: Current) -> Mapping[str, object]:
    """The values of a row for a session that could not be written when it began."""
    device = _device()
    left = exists().where(
        _ACCOUNTS.c.id == current.account_id,
        _CADRES.c.id == _ACCOUNTS.c.cadre_id,
        _CADRES.c.left_on <= day_of(current.started_at),
    )
    return {
        "account_id": current.account_id,
        "token_digest": digest_of(str(session[TOKEN])),
        "started_at": current.started_at,
        "seen_at": now(),
        "address": device.address,
        "browser": device.browser,
        "system": device.system,
        "own_phone": False,
        "had_left": select(left).scalar_subquery(),
    }


def current_row_id(account: Account, *, at: datetime) -> int:
    """Return the id of the row of this request's session, which is written now if it has none.

    The caller commits, after asking for nothing that depends on who is signed in.
    """
    current = current_session()
    if current is None:
        current = Current(None, account.id, at, at)
    if current.row_id is not None:
        return current.row_id
    row = AccountSession(**_adopted(current))
    db.session.add(row)
    db.session.flush()
    return row.id


def forget_session() -> None:
    """Have the browser keep nothing of a session any more."""
    g.pop("current_session", None)
    session.pop(TOKEN, None)
    session.pop(UNWRITTEN, None)
    session.permanent = False


def _device() -> Device:
    return device_of(request.user_agent.string, request.remote_addr or "")


def _seen() -> Seen:
    found: Seen = current_app.extensions[_SEEN]
    return found


def add_signed_in(app: Flask) -> None:
    """Have the application know sessions by their rows."""
    app.extensions[_SEEN] = Seen()
    vars(app)["login_manager"].user_loader(load_account)
    app.after_request(note_seen)
