"""Accounts and the roles granted to them; for administrators, inside their organizations."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import abort, flash, redirect, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement
from sqlalchemy.orm import selectinload
from wtforms import StringField
from wtforms.validators import Length, Optional

from tiesan.access.accounts import (
    cadres_to_represent,
    may_grant,
    may_grant_at,
    may_manage,
    may_revoke,
)
from tiesan.access.of_people import visible_accounts
from tiesan.access.viewer import current_viewer
from tiesan.admin.core.sending import Sending, send
from tiesan.admin.forms.inputs import (
    ONCE,
    ChoiceField,
    LookupField,
    Needed,
    RecordForm,
    made_form,
    tidy,
)
from tiesan.admin.forms.sending import keep_sent, read_once, sent_once, stored_before
from tiesan.admin.invitations.view import link_of, send_link
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.people.view import people
from tiesan.admin.shell.pages import page
from tiesan.audit import NAME_LENGTH
from tiesan.clock import now
from tiesan.database import begin_storing
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.notifications.sending.queue import has_mail
from tiesan.people.codes import confirmed_secret, stop_codes
from tiesan.people.invitations import HOLDS, invite, open_invitation
from tiesan.people.models import ROLE_TITLES, Account, Cadre, Grant, Organization, RoleName
from tiesan.people.services import (
    create_account,
    grant_role,
    revoke_role,
    set_active,
)
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.rows import Block, Entry, link_to
from tiesan.words.values import moment

# What the taking away of a role is kept by, so that a second click finds it done.
_REVOKED = "grant revoked"
# What a browser keeps of a link until it was shown.
_LINK = "account link"


def _role_titles() -> dict[str, str]:
    return {name: str(title) for name, title in ROLE_TITLES.items()}


class AccountView(ListView):
    """The accounts of an administrator's organizations."""

    model_class = Account
    roles = ADMINISTRATORS
    place = "accounts"
    searched = ("username", "cadre.name")
    newest_first = ("created_at", "id")
    file_name = "accounts"
    list_template = "core/list.html"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Accounts"), "account", "/people/accounts")

    # --- lists ------------------------------------------------------------------------------------

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return (
            Column("username", _l("User name"), _username, _username, "username"),
            Column("cadre", _l("Cadre"), _cadre, _cadre, "cadre.name"),
            Column("roles", _l("Roles"), _roles, _roles, style="long"),
            Column("active", _l("State"), _active, _active, "active", "state"),
            Column("last_login", _l("Last sign-in"), _last, _last, "current_login_at", "date"),
        )

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the forms."""
        return {
            "cadre": Lookup("cadre", Cadre, cadres_to_represent),
            "organization": Lookup("organization", Organization, lambda: people(Organization)),
        }

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the accounts that the viewer may see."""
        return visible_accounts(current_viewer())

    def get_query(self) -> object:
        """Return the query of the list, with cadres and roles."""
        grants = selectinload(Account.grants)
        options = (
            selectinload(Account.cadre),
            grants.selectinload(Grant.role),
            grants.selectinload(Grant.organization),
        )
        return super().get_query().options(*options)

    # --- pages ------------------------------------------------------------------------------------

    @property
    def may_create(self) -> bool:
        """Whether the viewer may add accounts."""
        return not current_viewer().acting_reach(ADMINISTRATORS).is_empty

    @page("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Create an account without any role."""
        if not self.may_create:
            abort(403)
        form = self._account_form()
        if form.validate_on_submit():
            values = form.values()
            tokens: list[str] = []
            stored = send(Sending("account", form, lambda: _invited(values, tokens)))
            if stored is not None:
                if not stored.before:
                    session[_LINK] = [stored.row_id, tokens[-1]]
                    flash(_("The account was created. Give the link on, and then give the account "
                            "a role."), "success")  # fmt: skip
                return redirect(self.get_url(".link_view"))
        heading = _("New: %(kind)s", kind=self.heading(None))
        return self.render("core/form.html", form=form, row=None, heading=heading)

    @page("/details/", methods=("GET", "POST"))
    def details_view(self) -> ResponseReturnValue:
        """Show an account with its roles; give it a further one."""
        account: Account = self.row_or_404()
        form = self._grant_form()
        if form.validate_on_submit() and self._grant(account, form):
            return self._back(account)
        return self.render(
            "people/account.html",
            row=account,
            heading=self.heading(account),
            blocks=_blocks(account),
            may_edit=may_manage(account),
            may_grant=may_grant(account),
            may_revoke=may_revoke(account),
            grant_form=form,
            may_invite=may_manage(account) and account.id != current_viewer().account_id,
            invited=open_invitation(db.session(), account.id, at=now()),
            holds=HOLDS,
            has_mail=has_mail(db.session(), account.id),
            has_codes=confirmed_secret(db.session(), account.id) is not None,
        )

    @page("/revoke/", methods=("POST",))
    def revoke_view(self) -> ResponseReturnValue:
        """Take a role from an account."""
        begin_storing(db.session())
        account: Account = self.row_or_404()
        if not may_revoke(account):
            abort(403)
        once = read_once(request.form.get(ONCE))
        if stored_before(_REVOKED, once) is not None:
            return self._back(account)
        wanted = request.form.get("grant", "")
        grant = next((each for each in account.grants if str(each.id) == wanted), None)
        if grant is None:
            abort(404)

        def revoke() -> None:
            keep_sent(_REVOKED, once, grant.id)
            revoke_role(current_viewer().actor, db.session(), grant, at=now())

        if self._changes(revoke):
            flash(_("The role was taken away."), "success")
        return self._back(account)

    @page("/invite/", methods=("POST",))
    def invite_view(self) -> ResponseReturnValue:
        """Make a link by which a person sets the password of their account, and show it once."""
        begin_storing(db.session())
        account = self._changeable()
        try:
            token = invite(current_viewer().actor, db.session(), account, at=now())
        except UserError as error:
            db.session.rollback()
            flash(str(error), "error")
            return self._back(account)
        if request.form.get("by") == "mail":
            send_link(account, token)
            return self._back(account)
        db.session.commit()
        session[_LINK] = [account.id, token]
        return redirect(self.get_url(".link_view"))

    @page("/link/")
    def link_view(self) -> ResponseReturnValue:
        """Show the link that the viewer has just made: once, and nobody else."""
        account_id, token = session.pop(_LINK, (None, ""))
        account = None if account_id is None else db.session.get(Account, account_id)
        if account is None:
            return redirect(self.get_url(".index_view"))
        heading = _("Link for %(name)s", name=account.username)
        return self.render("invitations/link.html", row=account, heading=heading,
                           link=link_of(token))  # fmt: skip

    @page("/codes/", methods=("POST",))
    def codes_view(self) -> ResponseReturnValue:
        """Take the one-time codes off an account; never off one's own here."""
        begin_storing(db.session())
        account = self._changeable()
        if account.id == current_viewer().account_id:
            abort(403)
        actor = current_viewer().actor
        if self._changes(lambda: stop_codes(actor, db.session(), account, at=now())):
            flash(_("The one-time codes were taken off. The person and the audit committee are "
                    "told."), "success")  # fmt: skip
        return self._back(account)

    @page("/active/", methods=("POST",))
    def active_view(self) -> ResponseReturnValue:
        """Let an account sign in, or keep it from signing in."""
        begin_storing(db.session())
        account = self._changeable()
        if account.id == current_viewer().account_id:
            flash(_("You cannot switch off your own account."), "error")
            return self._back(account)
        active = request.form.get("active") == "1"
        reason = tidy(request.form.get("reason"))
        if self._changes(lambda: set_active(
            current_viewer().actor, db.session(), account, active=active, at=now(), reason=reason
        )):  # fmt: skip
            said = (
                _("The account was switched on.") if active else _("The account was switched off.")
            )
            flash(said, "success")
        return self._back(account)

    def _changes(self, change: Callable[[], None]) -> bool:
        """Make a change that no form asks for, and commit it; say why it was refused, if it was."""
        try:
            change()
            db.session.commit()
        except UserError as error:
            db.session.rollback()
            for line in error.lines:
                flash(line, "error")
            return False
        return True

    def _changeable(self) -> Account:
        account: Account = self.row_or_404()
        return account if may_manage(account) else abort(403)

    def granted(self, grant: Grant) -> str:
        """Return a role and where it holds."""
        return granted(grant)

    def heading(self, row: Account | None) -> str:
        """Return what a page about an account is headed by."""
        return _("Account") if row is None else f"{_('Account')} {row.username}"

    def _back(self, account: Account) -> ResponseReturnValue:
        return redirect(self.get_url(".details_view", id=account.id))

    def _grant(self, account: Account, form: RecordForm) -> bool:
        values = form.values()
        if not (may_grant(account) and may_grant_at(values["organization"])):
            abort(403)
        stored = send(Sending("grant", form, lambda: grant_role(
            current_viewer().actor, db.session(), account, RoleName(values["role"]),
            values["organization"], at=now(),
        )))  # fmt: skip
        if stored is not None and not stored.before:
            flash(_("The role was given."), "success")
        return stored is not None

    def _account_form(self) -> RecordForm:
        inputs = {
            "username": StringField(_l("User name"), [Needed(), Length(max=NAME_LENGTH)],
                                    filters=[tidy]),
            "cadre": LookupField(_l("Cadre"), self.lookups["cadre"], validators=[Optional()]),
        }  # fmt: skip
        return sent_once(made_form(inputs))()

    def _grant_form(self) -> RecordForm:
        inputs = {
            "role": ChoiceField(_l("Role"), _role_titles, validators=[Needed()]),
            "organization": LookupField(_l("Organization and below"), self.lookups["organization"],
                                        validators=[Optional()]),
        }  # fmt: skip
        return sent_once(made_form(inputs))()


def _invited(values: Mapping[str, Any], tokens: list[str]) -> Account:
    """Create an account and its invitation, whose token is added to those that are to be shown."""
    actor = current_viewer().actor
    account = create_account(actor, db.session(), password=None, at=now(), **values)
    tokens.append(invite(actor, db.session(), account, at=now()))
    return account


def _username(account: Account) -> str:
    return account.username


def _cadre(account: Account) -> str:
    return account.cadre.name if account.cadre else ""


def _roles(account: Account) -> str:
    return _("; ").join(map(granted, account.grants))


def granted(grant: Grant) -> str:
    """Return a role and where it holds."""
    where = grant.organization.name if grant.organization else _("everywhere")
    return f"{grant.role} · {where}"


def _active(account: Account) -> str:
    return _("In use") if account.active else _("Switched off")


def _last(account: Account) -> str:
    return moment(account.current_login_at) if account.current_login_at else ""


def _blocks(account: Account) -> list[Block]:
    cadre = link_to(account.cadre) if account.cadre else ""
    return [
        Block(
            "",
            [
                Entry(_("User name"), account.username),
                Entry(_("Cadre"), cadre),
                Entry(_("State"), _active(account)),
                Entry(_("Created at"), moment(account.created_at)),
                Entry(_("Last sign-in"), _last(account)),
            ],
        )
    ]
