"""Signing in and out: by user name or e-mail address and a password, with Flask-Security.

Nobody can register, recover or change anything about an account here. Who is signed in then is
settled by ``tiesan.admin.shell.signed_in``.
"""

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, flash, g, request, session
from flask_login import LoginManager, user_logged_in, user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from flask_security.utils import aware_utcnow
from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError
from wtforms import StringField

from tiesan.admin.forms.inputs import Needed, tidy
from tiesan.admin.shell.attempts import (
    Attempt,
    begin_attempt,
    ended,
    go_on_unwritten,
    let_be,
    paused_words,
    remember_attempts,
)
from tiesan.admin.shell.devices import note_device, remember_device
from tiesan.admin.shell.second_step import (
    CODE,
    awaits_code,
    begin_second_step,
    settle_due,
    take_code,
)
from tiesan.admin.shell.signed_in import (
    ACCOUNT,
    TOKEN,
    add_signed_in,
    begin_session,
    begin_unwritten,
    current_row_id,
    forget_session,
    offers_own_phone,
)
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.codes import confirmed_secret
from tiesan.people.folding import folded
from tiesan.people.models import Account, Role
from tiesan.people.passwords import LONGEST, Renewal, normalized, renewal_of, verify_password
from tiesan.people.pauses import door_of
from tiesan.people.sessions import end_session
from tiesan.records.text import unstorable

_WRONG = _l("The user name or the password is not right.")

_SETTINGS: dict[str, object] = {
    "SECURITY_LOGIN_USER_TEMPLATE": "shell/sign_in.html",
    "SECURITY_POST_LOGIN_VIEW": "admin.first",
    "SECURITY_POST_LOGOUT_VIEW": "security.login",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str}}],
    "SECURITY_TRACKABLE": True,
    "SECURITY_DATETIME_FACTORY": aware_utcnow,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    # No page asks for the password again, and no file of Flask-Security is served.
    "SECURITY_FRESHNESS": timedelta(minutes=-1),
    "SECURITY_STATIC_FOLDER": None,
    # Whether the name or the password was wrong is nobody's business.
    "SECURITY_MSG_USER_DOES_NOT_EXIST": (_WRONG, "error"),
    "SECURITY_MSG_INVALID_PASSWORD": (_WRONG, "error"),
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": (_l("Please enter your password."), "error"),
    "SECURITY_MSG_DISABLED_ACCOUNT": (_l("This account is switched off."), "error"),
}


class _Accounts(SQLAlchemyUserDatastore):
    """The accounts as Flask-Security uses them; what it tracks is left where nothing is taken."""

    def put(self, model: Any) -> Any:
        """Take what was tracked of a sign-in; or let it be, before anything else is read."""
        if not g.get("unwritten", False):
            return super().put(model)  # type: ignore[no-untyped-call] # as below
        db.session.expire(model)
        return model

    def commit(self) -> None:
        """Store what was tracked of a sign-in; without it the person has come in all the same."""
        try:
            if not g.get("unwritten", False):
                super().commit()  # type: ignore[no-untyped-call] # Flask-Security's
                return
        except DBAPIError as error:
            go_on_unwritten(error)
            if TOKEN in session:
                begin_unwritten(now())
        db.session.rollback()


class SignInForm(LoginForm):
    """A user name or an e-mail address, and a password."""

    # Flask-Security takes None for an input that is not wanted.
    email = None  # type: ignore[assignment]
    remember = None  # type: ignore[assignment]
    identity = StringField(_l("User name or e-mail address"), [Needed()], filters=[tidy])

    def validate(self, **options: Any) -> bool:
        """Find the account; the password is checked by Flask-Security, unless there is a pause.

        One that is longer than any password is wrong without being hashed, which would fail.
        """
        if CODE in request.form:
            return self._validate_code()
        self.ifield = self.identity
        if len(normalized(self.password.data or "")) > LONGEST:
            self.form_errors = [str(_WRONG)]
            return False
        account = _account(self.identity.data)
        self.user = cast("Any", account)
        if not (self.identity.data and self.password.data):
            return bool(super().validate(**options))
        door = door_of(account, self.identity.data, request.remote_addr or "")
        attempt = begin_attempt(door)
        if attempt.paused_until is not None:
            self.form_errors = [paused_words(attempt.paused_until)]
            return False
        if not super().validate(**options):
            return ended(attempt, account, right=False)
        return _came_through(attempt, account, self.password.data)

    def _validate_code(self) -> bool:
        """Take the code of who has given the right password just now."""
        account, problem = take_code(request.form.get(CODE, ""))
        self.user = cast("Any", account)
        if problem is not None:
            self.form_errors = [problem]
        return problem is None

    def asks_code(self) -> bool:
        """Whether the page asks for a one-time code."""
        return awaits_code()

    def offers_own_phone(self) -> bool:
        """Whether the page asks if a phone is one's own."""
        return offers_own_phone()

    def problems(self) -> list[str]:
        """Return what was wrong, each thing once."""
        found = [str(text) for field in self for text in field.errors]
        return list(dict.fromkeys([*found, *map(str, self.form_errors)]))


def _account(identity: str | None) -> Account | None:
    # No account has a name that no database holds, and one of them cannot even be asked for it.
    if identity is None or unstorable(identity) is not None:
        return None
    named = or_(Account.username == identity, Account.email == identity)
    found = db.session.scalars(select(Account).where(named)).all()
    if not found:
        alike = Account.username_folded == folded(identity)
        found = db.session.scalars(select(Account).where(alike)).all()
    # A name that is another account's address names nobody.
    return found[0] if len(found) == 1 else None


def _came_through(attempt: Attempt, account: Account | None, password: str | None) -> bool:
    """Whether whoever gave the right password is in; who has codes is asked for one."""
    renewal = _renewal(account, password or "")
    if account is None or confirmed_secret(db.session(), account.id) is None:
        return ended(attempt, account, right=True, renewal=renewal)
    let_be(attempt, account, renewal)
    begin_second_step(account)
    return False


def _renewal(account: Account | None, password: str) -> Renewal | None:
    """What renews the hash of an account whose password was right, where it is an old one."""
    stored = None if account is None else account.password
    return None if stored is None else renewal_of(password, stored)


def problem_of_present(account: Account, password: str) -> str | None:
    """What keeps a password from being taken as an account's present one; None where it is right.

    Guessing it here meets the same pauses as at the door.
    """
    door = door_of(account, account.username, request.remote_addr or "")
    attempt = begin_attempt(door)
    if attempt.paused_until is not None:
        return paused_words(attempt.paused_until)
    stored = account.password
    right = (
        stored is not None
        and len(normalized(password)) <= LONGEST
        and verify_password(password, stored)
    )
    ended(attempt, account, right=right)
    return None if right else _("The present password is not right.")


def go_on_here(account: Account) -> None:
    """Begin a new session here, where all of the account's have ended; the caller commits."""
    session[ACCOUNT] = account.get_id()
    begin_session(account, at=now())


def _end_session(_app: Flask, user: Account) -> None:
    """End the session that signs out, also where its cookie was copied; others go on."""
    try:
        begin_storing(db.session())
        end_session(user.actor, db.session(), user, current_row_id(user, at=now()), at=now())
        db.session.commit()
    except DBAPIError as error:
        go_on_unwritten(error)
        flash(_("You are signed out here. The database takes nothing at present: please sign in "
                "and out once more later."), "warning")  # fmt: skip
    forget_session()


def _begin_session(_app: Flask, user: Account) -> None:
    """Begin a session, and tell of a new device; it is stored with what is tracked."""
    if g.get("unwritten", False):
        begin_unwritten(now())
        return
    begin_session(user, at=now())
    settle_due(user)
    note_device(db.session(), user, at=now())


def _wants_page(_request: Request) -> bool:
    """Nobody signs in by JSON, for a token that would work in an address."""
    return False


def _no_account(_request: Request) -> None:
    """No request says by itself who asks; only the session does."""


def add_sign_in(app: Flask) -> None:
    """Add the pages to sign in and out."""
    app.config.update(_SETTINGS)
    remember_attempts(app)
    # Both have what is asked of them here, without the mixins that Flask-Security declares.
    accounts, roles = cast("Any", Account), cast("Any", Role)
    security = Security(app, _Accounts(db, accounts, roles), login_form=SignInForm)
    security.want_json(_wants_page)
    # A file asks for nobody's account.
    security.principal.skip_static = True
    signing: LoginManager = vars(app)["login_manager"]
    signing.request_loader(_no_account)
    add_signed_in(app)
    user_logged_out.connect(_end_session, app)
    user_logged_in.connect(_begin_session, app)
    app.after_request(remember_device)
