"""One's one-time codes: set up with an app, recovery codes, and an end of them."""

from datetime import timedelta

import segno
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from tiesan.access.viewer import current_viewer
from tiesan.admin.shell.pages import page
from tiesan.admin.shell.second_step import DUE, is_due, opened_key, sealed_key
from tiesan.admin.shell.sign_in import problem_of_present
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _
from tiesan.notifications.sending.sealing import KeyChangedError
from tiesan.people.codes import (
    OneTimeSecret,
    app_address,
    begin_codes,
    confirm_codes,
    needs_codes,
    new_key,
    recovery_codes_left,
    renew_recovery_codes,
    secret_of,
    step_of,
    stop_codes,
    typed_key,
)
from tiesan.people.models import Account
from tiesan.people.sign_in_settings import read_settings

# What a browser keeps of recovery codes until they were shown.
_SHOWN_ONCE = "recovery_codes"
# A secret that nobody has confirmed is not shown to whoever comes by later.
_SET_UP_WITHIN = timedelta(minutes=30)


class CodePages:
    """One-time codes, below one's own account."""

    @page("/codes")
    def codes_view(self) -> ResponseReturnValue:
        """Show how it stands: not in use, being set up, or in use; new recovery codes once."""
        account = _account()
        secret = secret_of(db.session(), account.id)
        key = None if secret is None else _key(secret)
        return self.render(  # type: ignore[attr-defined, no-any-return] # the page's
            "profile/codes.html",
            heading=_("One-time codes"),
            account=account,
            secret=secret if secret is not None and secret.confirmed_at is not None else None,
            picture=None if key is None else _picture(key, account),
            typed=None if key is None else typed_key(key),
            left=recovery_codes_left(db.session(), account.id),
            recovery_codes=session.pop(_SHOWN_ONCE, []),
            is_due=is_due(),
            is_required=needs_codes(account, read_settings(db.session()).codes_required),
        )

    @page("/codes/begin", methods=("POST",))
    def begin_codes_view(self) -> ResponseReturnValue:
        """Make a secret, to be taken by an app; whoever asks knows the password."""
        if (problem := _problem_of_password()) is not None:
            return _refused(problem)
        sealed = sealed_key(new_key())
        begin_storing(db.session())
        try:
            begin_codes(db.session(), _account(), sealed, at=now())
        except UserError as error:
            return _refused(str(error))
        db.session.commit()
        return _back()

    @page("/codes/confirm", methods=("POST",))
    def confirm_codes_view(self) -> ResponseReturnValue:
        """Have codes asked for from now on, once the app shows the right one."""
        account = _account()
        secret = secret_of(db.session(), account.id)
        key = None if secret is None else _key(secret)
        given = request.form.get("code", "")
        step = None if key is None else step_of(key, given, after=0, at=now())
        if step is None:
            return _refused(_("This is not the code that the app should show now. Please look at "
                              "the clock of your phone as well."))  # fmt: skip
        begin_storing(db.session())
        account = _account()
        try:
            codes = confirm_codes(account.actor, db.session(), account, step, at=now())
        except UserError as error:
            return _refused(str(error))
        db.session.commit()
        session.pop(DUE, None)
        session[_SHOWN_ONCE] = codes
        flash(_("From now on signing in asks for a code."), "success")
        return _back()

    @page("/codes/renew", methods=("POST",))
    def renew_codes_view(self) -> ResponseReturnValue:
        """Make new recovery codes; whoever asks knows the password."""
        if (problem := _problem_of_password()) is not None:
            return _refused(problem)
        begin_storing(db.session())
        account = _account()
        try:
            codes = renew_recovery_codes(account.actor, db.session(), account, at=now())
        except UserError as error:
            return _refused(str(error))
        db.session.commit()
        session[_SHOWN_ONCE] = codes
        flash(_("The earlier recovery codes do not hold any more."), "success")
        return _back()

    @page("/codes/stop", methods=("POST",))
    def stop_codes_view(self) -> ResponseReturnValue:
        """Have no codes asked for any more; refused where a role needs them."""
        if needs_codes(_account(), read_settings(db.session()).codes_required):
            return _refused(_("A role of yours needs one-time codes."))
        if (problem := _problem_of_password()) is not None:
            return _refused(problem)
        begin_storing(db.session())
        account = _account()
        try:
            stop_codes(account.actor, db.session(), account, at=now())
        except UserError as error:
            return _refused(str(error))
        db.session.commit()
        flash(_("No codes are asked for any more."), "success")
        return _back()


def _account() -> Account:
    return db.session.get_one(Account, current_viewer().account_id)


def _key(secret: OneTimeSecret) -> bytes | None:
    """The secret that is being set up; None where it is in use, or is to be made anew."""
    if secret.confirmed_at is not None or now() - secret.made_at > _SET_UP_WITHIN:
        return None
    try:
        return opened_key(secret)
    except KeyChangedError:
        return None


def _picture(key: bytes, account: Account) -> str:
    code = segno.make(app_address(key, account.username), micro=False)
    return str(code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))


def _problem_of_password() -> str | None:
    # Who has to set codes up has just given the password.
    return None if is_due() else problem_of_present(_account(), request.form.get("present", ""))


def _refused(problem: str) -> ResponseReturnValue:
    db.session.rollback()
    flash(problem, "error")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("profile.codes_view"))
