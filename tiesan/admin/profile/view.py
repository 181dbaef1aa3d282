"""One's own account: name, roles in words, language, ways to be reached, another password."""

from dataclasses import dataclass

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from wtforms import PasswordField

from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import Needed, RecordForm
from tiesan.admin.profile.addresses import AddressPages, own_ways
from tiesan.admin.profile.codes import CodePages
from tiesan.admin.profile.sessions import SessionPages, sessions_that_hold
from tiesan.admin.shell.pages import Page, page
from tiesan.admin.shell.sign_in import go_on_here, problem_of_present
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.notifications.sending.schemes import SCHEMES
from tiesan.people.codes import confirmed_secret
from tiesan.people.models import ROLE_TITLES, Account, Grant, RoleName
from tiesan.people.passwords import LEAST, PasswordHash, hash_password
from tiesan.people.services import set_password
from tiesan.records.policy import EVERYBODY


class OwnPasswordForm(RecordForm):
    """The present password, and twice another one."""

    present = PasswordField(
        _l("Present password"), [Needed()], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(_l("New password"), [Needed()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("New password once more"), [Needed()], render_kw={"autocomplete": "new-password"}
    )


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role of the viewer, and where they have it."""

    title: str
    place: str


class ProfileView(AddressPages, CodePages, SessionPages, Page):
    """Whoever is signed in, about themself."""

    roles = EVERYBODY
    place = "profile"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("My account"), endpoint="profile", url="/my/profile")

    def is_accessible(self) -> bool:
        """Whoever is signed in has an account, be it without any role."""
        return not current_viewer().is_stranger

    @page("/", methods=("GET", "POST"))
    @page("", methods=("GET", "POST"))
    def index_view(self) -> ResponseReturnValue:
        """Show the account; give it the password that the form sends."""
        form = OwnPasswordForm()
        if form.validate_on_submit() and _change(form):
            flash(_("Your password was changed. Wherever else you were signed in, you are not any "
                    "more."), "success")  # fmt: skip
            return redirect(self.get_url(".index_view"))
        return self.render(
            "profile/profile.html",
            heading=str(self.name),
            account=_account(),
            own_roles=_roles(),
            form=form,
            least=LEAST,
            own_ways=own_ways(),
            codes_in_use=confirmed_secret(db.session(), _account().id) is not None,
            own_sessions=sessions_that_hold(),
            schemes=SCHEMES,
        )


def _account() -> Account:
    return db.session.get_one(Account, current_viewer().account_id)


def _roles() -> list[OwnRole]:
    whose = Grant.account_id == current_viewer().account_id
    of_grants = (selectinload(Grant.role), selectinload(Grant.organization))
    grants = db.session.scalars(select(Grant).where(whose).options(*of_grants))
    return [
        OwnRole(
            str(ROLE_TITLES[RoleName(grant.role.name)]),
            _("everywhere") if grant.organization is None else grant.organization.name,
        )
        for grant in grants
    ]


def _change(form: OwnPasswordForm) -> bool:
    """Give the viewer's account another password; False with what is wrong beside its input."""
    if form.new.data != form.again.data:
        return _refused(form.again, _("The two new passwords differ."))
    if form.new.data == form.present.data:
        return _refused(form.new, _("The new password is the present one."))
    problem = problem_of_present(_account(), form.present.data or "")
    if problem is not None:
        return _refused(form.present, problem)
    # Hashing takes its time, so it comes before anything is locked.
    try:
        hashed = hash_password(form.new.data or "", _account().own_names)
    except UserError as error:
        return _refused(form.new, str(error))
    _store(hashed)
    return True


def _store(hashed: PasswordHash) -> None:
    begin_storing(db.session())
    account = _account()
    set_password(current_viewer().actor, db.session(), account, hashed, at=now())
    go_on_here(account)
    db.session.commit()


def _refused(field: PasswordField, problem: str) -> bool:
    field.errors = [*field.errors, problem]
    return False
