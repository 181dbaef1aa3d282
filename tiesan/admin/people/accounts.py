"""Accounts and the roles granted to them; for administrators, inside their organizations.

An account that has a role elsewhere as well is changed only by who administers that place too:
setting its password would be taking that role.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import selectinload
from wtforms import PasswordField, StringField
from wtforms.validators import Length, Optional

from tiesan.access.of_people import organization_ids, visible_accounts
from tiesan.access.viewer import current_viewer
from tiesan.admin.forms.inputs import ChoiceField, LookupField, Needed, RecordForm, made_form, tidy
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.people.view import people
from tiesan.admin.records.storing import refuse
from tiesan.admin.shell.pages import page
from tiesan.audit import NAME_LENGTH
from tiesan.clock import now
from tiesan.errors import UserError
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import ROLE_TITLES, Account, Cadre, Grant, Organization, RoleName
from tiesan.people.services import (
    create_account,
    grant_role,
    revoke_role,
    set_active,
    set_password,
)
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS
from tiesan.words.rows import Block, Entry, link_to
from tiesan.words.values import moment, yes_or_no

_GRANT = table_of(Grant)
_CADRE = table_of(Cadre)
_ORGANIZATION = table_of(Organization)
T = TypeVar("T")


def _role_titles() -> dict[str, str]:
    return {name: str(title) for name, title in ROLE_TITLES.items()}


class AccountView(ListView):
    """The accounts of an administrator's organizations."""

    model_class = Account
    roles = ADMINISTRATORS
    searched = ("username", "cadre.name")
    newest_first = ("created_at", "id")
    file_name = "accounts"
    list_template = "core/list.html"
    may_create = True

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
            Column("active", _l("May sign in"), _active, _active, "active"),
            Column("last_login", _l("Last sign-in"), _last, _last, "current_login_at", "date"),
        )

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-ups of the forms."""
        return {
            "cadre": Lookup("cadre", Cadre, lambda: people(Cadre)),
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

    # --- who may change what ----------------------------------------------------------------------

    def may_change(self, account: Account) -> bool:
        """Whether the account is the viewer's to change: its roles, and the cadre behind it.

        Who was moved elsewhere but still has a role here answers to those elsewhere.
        """
        return self.may_revoke(account) and self._posted_inside(account)

    def _posted_inside(self, account: Account) -> bool:
        viewer = current_viewer()
        reach = viewer.reach(ADMINISTRATORS)
        if account.cadre_id is None or account.id == viewer.account_id or reach.everywhere:
            return True
        posted = select(_CADRE.c.organization_id).where(_CADRE.c.id == account.cadre_id)
        statement = organization_ids(reach).where(_ORGANIZATION.c.id.in_(posted))
        return db.session.scalar(statement) is not None

    def may_revoke(self, account: Account) -> bool:
        """Whether every role of the account lies inside the viewer's organizations."""
        reach = current_viewer().reach(ADMINISTRATORS)
        if reach.everywhere:
            return True
        inside = _GRANT.c.organization_id.in_(organization_ids(reach))
        outside = or_(_GRANT.c.organization_id.is_(None), not_(inside))
        elsewhere = exists().where(and_(_GRANT.c.account_id == account.id, outside))
        return not db.session.scalar(select(elsewhere))

    def _changeable(self) -> Account:
        account: Account = self.row_or_404()
        return account if self.may_change(account) else abort(403)

    # --- pages ------------------------------------------------------------------------------------

    @page("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Create an account without any role."""
        form = self._account_form()
        if form.validate_on_submit():
            values = form.values()
            account = _done(form, lambda: create_account(
                current_viewer().actor, db.session(), at=now(), **values
            ))  # fmt: skip
            if account is not None:
                flash(_("The account was created. Now give it a role."), "success")
                return redirect(self.get_url(".details_view", id=account.id))
        return self.render("core/form.html", form=form, row=None)

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
            may_edit=self.may_change(account),
            may_revoke=self.may_revoke(account),
            grant_form=form,
            password_form=PasswordForm(),
        )

    @page("/revoke/", methods=("POST",))
    def revoke_view(self) -> ResponseReturnValue:
        """Take a role from an account."""
        account: Account = self.row_or_404()
        if not self.may_revoke(account):
            abort(403)
        wanted = request.form.get("grant", "")
        grant = next((each for each in account.grants if str(each.id) == wanted), None)
        if grant is None:
            abort(404)
        revoke_role(current_viewer().actor, db.session(), grant, at=now())
        db.session.commit()
        flash(_("The role was taken away."), "success")
        return self._back(account)

    @page("/password/", methods=("POST",))
    def password_view(self) -> ResponseReturnValue:
        """Give an account a new password."""
        account, form = self._changeable(), PasswordForm()
        if form.validate_on_submit() and _done(form, lambda: _new_password(account, form)):
            flash(_("The password was set."), "success")
        for text in form.password.errors:
            flash(str(text), "error")
        return self._back(account)

    @page("/active/", methods=("POST",))
    def active_view(self) -> ResponseReturnValue:
        """Let an account sign in, or keep it from signing in."""
        account = self._changeable()
        if account.id == current_viewer().account_id:
            flash(_("You cannot switch off your own account."), "error")
            return self._back(account)
        active = request.form.get("active") == "1"
        set_active(current_viewer().actor, db.session(), account, active=active, at=now())
        db.session.commit()
        flash(_("The account was switched on.") if active else _("The account was switched off."),
              "success")  # fmt: skip
        return self._back(account)

    def granted(self, grant: Grant) -> str:
        """Return a role and where it holds."""
        return granted(grant)

    def heading(self, row: Account | None) -> str:
        """Return what a page about an account is headed by."""
        return _("Account") if row is None else f"{_('Account')} {row.username}"

    def _back(self, account: Account) -> ResponseReturnValue:
        return redirect(self.get_url(".details_view", id=account.id))

    def _grant(self, account: Account, form: RecordForm) -> bool:
        if not self.may_change(account):
            abort(403)
        values = form.values()
        everywhere = current_viewer().reach(ADMINISTRATORS).everywhere
        if values["organization"] is None and not everywhere:
            abort(403)
        granted = _done(form, lambda: grant_role(
            current_viewer().actor, db.session(), account, RoleName(values["role"]),
            values["organization"], at=now(),
        ))  # fmt: skip
        if granted is not None:
            flash(_("The role was given."), "success")
        return granted is not None

    def _account_form(self) -> RecordForm:
        inputs = {
            "username": StringField(_l("User name"), [Needed(), Length(max=NAME_LENGTH)],
                                    filters=[tidy]),
            "password": PasswordField(_l("Password"), [Needed()],
                                      render_kw={"autocomplete": "new-password"}),
            "cadre": LookupField(_l("Cadre"), self.lookups["cadre"], validators=[Optional()]),
        }  # fmt: skip
        return made_form(inputs)()

    def _grant_form(self) -> RecordForm:
        inputs = {
            "role": ChoiceField(_l("Role"), _role_titles, validators=[Needed()]),
            "organization": LookupField(_l("Organization and below"), self.lookups["organization"],
                                        validators=[Optional()]),
        }  # fmt: skip
        return made_form(inputs)()


class PasswordForm(RecordForm):
    """A new password."""

    password = PasswordField(
        _l("New password"), [Needed()], render_kw={"autocomplete": "new-password"}
    )


def _done(form: RecordForm, change: Callable[[], T]) -> T | None:
    try:
        result = change()
        db.session.commit()
    except UserError as error:
        refuse(form, error)
        return None
    return result


def _new_password(account: Account, form: RecordForm) -> Account:
    password = str(form.values()["password"])
    set_password(current_viewer().actor, db.session(), account, password, at=now())
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
    return yes_or_no(account.active)


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
                Entry(_("May sign in"), _active(account)),
                Entry(_("Created at"), moment(account.created_at)),
                Entry(_("Last sign-in"), _last(account)),
            ],
        )
    ]
