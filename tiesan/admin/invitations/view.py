"""The page behind an invitation's link: whoever it is for sets the password of their account.

The token leaves the address at once, so that it is in no history and in no address that a page
leads on from.
"""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import PasswordField

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import Needed, RecordForm
from tiesan.admin.ways.asking import have_sent, keeping
from tiesan.clock import now
from tiesan.config import public_address
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.notifications.sending.models import Sending, State
from tiesan.notifications.sending.queue import queue_link
from tiesan.people.invitations import Invitation, invitation_of, use_invitation
from tiesan.people.models import Account
from tiesan.people.passwords import LEAST, PasswordHash, hash_password
from tiesan.people.services import set_password

_KEPT = "invitation"

invitation = Blueprint("invitation", __name__, url_prefix="/invitation")


class FirstPasswordForm(RecordForm):
    """A password, twice."""

    new = PasswordField(_l("New password"), [Needed()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("New password once more"), [Needed()], render_kw={"autocomplete": "new-password"}
    )


def link_of(token: str) -> str:
    """Return the address of the page for a token, as it is given to somebody."""
    site = public_address()
    if site is None:
        return url_for("invitation.open_link", token=token, _external=True)
    inside = url_for("invitation.open_link", token=token)
    return f"{site}{inside.removeprefix(request.script_root)}"


def send_link(account: Account, token: str) -> None:
    """Commit, and have the link sent to the account's mail address; say what came of it."""
    sealed = keeping().seal.seal({"link": link_of(token)})
    sending_id = queue_link(db.session(), account.id, sealed, at=now())
    if sending_id is None:
        db.session.rollback()
        flash(_("The account has no confirmed mail address."), "error")
        return
    have_sent(sending_id)
    state = db.session.scalar(select(Sending.state).where(Sending.id == sending_id))
    if state == State.SENT:
        flash(_("The link was sent. It holds for 72 hours."), "success")
    elif state == State.FAILED:
        flash(_("The link could not be sent. Please make one to be given by hand."), "error")
    else:
        flash(_("The link is being sent. It holds for 72 hours."), "success")


@invitation.get("/<token>")
def open_link(token: str) -> ResponseReturnValue:
    """Keep the token and lead to the page, whose address does not have it."""
    session[_KEPT] = token[:100]
    return redirect(url_for("invitation.set_first_password"))


@invitation.route("/", methods=("GET", "POST"))
def set_first_password() -> ResponseReturnValue:
    """Show the form and set the password that it sends; say why, where the link does not hold."""
    form = FirstPasswordForm()
    try:
        found = _found()
    except UserError as error:
        session.pop(_KEPT, None)
        return render_template("invitations/refused.html", why=str(error)), 410
    if form.validate_on_submit():
        hashed = _hashed(form, found)
        if hashed is not None:
            return _stored(hashed)
    return render_template(
        "invitations/password.html", form=form, account=found.account, least=LEAST
    )


def _found() -> Invitation:
    token = str(session.get(_KEPT, ""))
    viewer = current_viewer()
    return invitation_of(db.session(), token, by_account_id=viewer.account_id, at=now())


def _hashed(form: FirstPasswordForm, found: Invitation) -> PasswordHash | None:
    """The hash of the password that was sent; None with what is wrong beside its input."""
    if form.new.data != form.again.data:
        form.again.errors = [*form.again.errors, _("The two new passwords differ.")]
        return None
    try:
        return hash_password(form.new.data or "", found.account.own_names)
    except UserError as error:
        form.new.errors = [*form.new.errors, str(error)]
        return None


def _stored(hashed: PasswordHash) -> ResponseReturnValue:
    begin_storing(db.session())
    try:
        found = _found()
        use_invitation(db.session(), found, at=now())
    except UserError as error:
        db.session.rollback()
        session.pop(_KEPT, None)
        return render_template("invitations/refused.html", why=str(error)), 410
    account = found.account
    set_password(account.actor, db.session(), account, hashed, at=now())
    db.session.commit()
    session.pop(_KEPT, None)
    flash(_("Your password is set. Please sign in with it."), "success")
    return redirect(url_for("security.login"))
