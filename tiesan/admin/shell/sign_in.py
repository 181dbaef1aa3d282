"""Signing in and out: by user name or e-mail address and a password, with Flask-Security.

Nobody can register, recover or change anything about an account here.
"""

from datetime import timedelta
from typing import Any, cast

from flask import Flask
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from flask_security.utils import aware_utcnow
from sqlalchemy import or_, select
from wtforms import StringField

from tiesan.admin.forms.inputs import Needed, tidy
from tiesan.extensions import db
from tiesan.i18n import _l
from tiesan.people.models import Account, Role
from tiesan.people.passwords import MOST, normalized
from tiesan.records.text import unstorable

_WRONG = _l("The user name or the password is not right.")

_SETTINGS: dict[str, object] = {
    "SECURITY_LOGIN_USER_TEMPLATE": "shell/sign_in.html",
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
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


class SignInForm(LoginForm):
    """A user name or an e-mail address, and a password."""

    # Flask-Security takes None for an input that is not wanted.
    email = None  # type: ignore[assignment]
    remember = None  # type: ignore[assignment]
    identity = StringField(_l("User name or e-mail address"), [Needed()], filters=[tidy])

    def validate(self, **options: Any) -> bool:
        """Find the account; the password is checked by Flask-Security.

        One that is longer than any password is wrong without being hashed, which would fail.
        """
        self.ifield = self.identity
        if len(normalized(self.password.data or "")) > MOST:
            self.form_errors = [str(_WRONG)]
            return False
        self.user = cast("Any", _account(self.identity.data))
        return bool(super().validate(**options))

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
    # A name that is another account's address names nobody.
    return found[0] if len(found) == 1 else None


def add_sign_in(app: Flask) -> None:
    """Add the pages to sign in and out."""
    app.config.update(_SETTINGS)
    # Both have what is asked of them here, without the mixins that Flask-Security declares.
    accounts, roles = cast("Any", Account), cast("Any", Role)
    Security(app, SQLAlchemyUserDatastore(db, accounts, roles), login_form=SignInForm)
