"""Who may do what: person, role and organization, and of one person all they may open and do."""

from collections.abc import Iterable
from typing import Any

from flask import abort, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from tiesan.access.of_people import visible_grants
from tiesan.access.rights import may_ask_rights, viewer_of
from tiesan.access.viewer import current_viewer
from tiesan.admin.lists.columns import Column
from tiesan.admin.lists.filters import ChoiceFilter, Filter, LookupFilter, with_below
from tiesan.admin.lists.lookups import Lookup
from tiesan.admin.lists.view import ListView
from tiesan.admin.people.accounts import granted
from tiesan.admin.people.rights import rights_of
from tiesan.admin.people.view import people
from tiesan.admin.shell.pages import page
from tiesan.clock import today
from tiesan.extensions import db
from tiesan.i18n import _, _l
from tiesan.people.models import ROLE_TITLES, Account, Grant, Organization, Role
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS

_ROLE = table_of(Role)


class RightsView(ListView):
    """The roles that are granted in an administrator's organizations."""

    model_class = Grant
    roles = ADMINISTRATORS
    place = "accounts"
    searched = ("account.username", "account.cadre.name", "organization.name")
    file_name = "rights"

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__(_l("Who may do what"), "right", "/people/rights")

    def make_columns(self) -> Iterable[Column]:
        """Return the columns of the list."""
        return (
            Column("person", _l("Person"), _person, _person, "account.cadre.name", "name",
                   under=_in_short),
            Column("username", _l("User name"), _username, _username, "account.username"),
            Column("role", _l("Role"), _role, _role, "role.name"),
            Column("where", _l("Organization and below"), _where, _where, "organization.name",
                   "place"),
            Column("state", _l("State"), _state, _state, "account.active", "state"),
        )  # fmt: skip

    def make_lookups(self) -> dict[str, Lookup]:
        """Return the look-up of the filter."""
        return {"organization": Lookup("organization", Organization, lambda: people(Organization))}

    def make_filters(self) -> Iterable[Filter]:
        """Return the filters: role, organization and below, state."""
        return (
            ChoiceFilter("role", _l("Role"), _role_titles, _of_role),
            LookupFilter("organization", _l("Organization and below"),
                         self.lookups["organization"], _inside),
            ChoiceFilter("state", _l("State"), _states, _in_state),
        )  # fmt: skip

    def condition(self) -> ColumnElement[bool]:
        """Return the condition of the roles that the viewer may see."""
        return visible_grants(current_viewer())

    def search_hint(self) -> str:
        """Return what the search looks in."""
        return _("Name, user name or organization")

    def get_query(self) -> Any:
        """Return the query of the list, with persons, roles and organizations."""
        account = selectinload(Grant.account)
        options = (
            account.selectinload(Account.cadre),
            selectinload(Grant.role),
            selectinload(Grant.organization),
        )
        return super().get_query().options(*options)

    @page("/details/")
    def details_view(self) -> ResponseReturnValue:
        """Lead from a role to the person who has it."""
        grant: Grant = self.row_or_404()
        return redirect(self.get_url(".person_view", account_id=grant.account_id))

    @page("/<int:account_id>")
    def person_view(self, account_id: int) -> ResponseReturnValue:
        """Show all that a person may open and do: to themself, and to who administers them."""
        statement = select(Account).where(Account.id == account_id)
        account = db.session.scalars(statement).one_or_none()
        if account is None or not may_ask_rights(account):
            abort(404)
        viewer = viewer_of(db.session(), account, today())
        return self.render(
            "people/rights.html",
            account=account,
            own=account_id == current_viewer().account_id,
            asked=viewer,
            grants=[granted(each) for each in account.grants],
            chaired=_chaired(viewer.chaired),
            rights=rights_of(viewer),
            heading=_("What %(who)s may do", who=viewer.name),
        )

    def _handle_view(self, name: str, **options: Any) -> Any:
        """Let everybody ask what they may do themself."""
        return None if name == "person_view" else super()._handle_view(name, **options)


def _chaired(ids: frozenset[int]) -> list[str]:
    place = table_of(Organization)
    statement = select(place.c.name).where(place.c.id.in_(sorted(ids))).order_by(place.c.code)
    return list(db.session.scalars(statement))


def _person(grant: Grant) -> str:
    account = grant.account
    return account.cadre.name if account.cadre else account.username


def _in_short(grant: Grant) -> str:
    """A role and where it holds, below the name: a phone shows no further columns."""
    return granted(grant)


def _username(grant: Grant) -> str:
    return grant.account.username


def _role(grant: Grant) -> str:
    return str(grant.role)


def _where(grant: Grant) -> str:
    return grant.organization.name if grant.organization else _("everywhere")


def _state(grant: Grant) -> str:
    account = grant.account
    if not account.active:
        return _("Switched off")
    left_on = None if account.cadre is None else account.cadre.left_on
    return _("Left") if left_on is not None and left_on <= today() else _("In use")


def _role_titles() -> dict[str, str]:
    return {name: str(title) for name, title in ROLE_TITLES.items()}


def _of_role(name: str) -> ColumnElement[bool]:
    return Grant.role_id.in_(select(_ROLE.c.id).where(_ROLE.c.name == name))


def _inside(organization_id: int) -> ColumnElement[bool]:
    return Grant.organization_id.in_(with_below(organization_id))


def _states() -> dict[str, str]:
    return {"active": _("In use"), "off": _("Switched off")}


def _in_state(state: str) -> ColumnElement[bool]:
    account = table_of(Account)
    wanted = account.c.active if state == "active" else ~account.c.active
    return Grant.account_id.in_(select(account.c.id).where(wanted))
