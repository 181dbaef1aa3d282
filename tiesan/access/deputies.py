"""Who names a deputy, and whom: a superior, an account of the district.

What a deputy may decide is ``policies.deputises``; whose deputy decided is ``giver_of``.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import Id, acts, superior_of
from tiesan.access.viewer import Viewer
from tiesan.audit import Actor
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.people.deputies import Deputy, store_deputy
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.records.kinds import table_of


def may_name(viewer: Viewer) -> bool:
    """Whether the viewer is a superior: chairs an organization, or supervises, and has not left."""
    supervises = viewer.has(frozenset({RoleName.SUPERVISOR}))
    return not viewer.left and (bool(viewer.chaired) or supervises)


def nameable(session: Session, viewer: Viewer, day: date) -> list[tuple[str, str]]:
    """Return the accounts that the viewer may name, by user name, with the persons' names."""
    account, cadre = table_of(Account), table_of(Cadre)
    named = (
        select(account.c.username, cadre.c.name)
        .outerjoin(cadre, cadre.c.id == account.c.cadre_id)
        .where(account.c.id.in_(_nameable(viewer, day)))
        .order_by(cadre.c.name.is_(None), cadre.c.name, account.c.username)
    )
    return [(row.username, row.name or row.username) for row in session.execute(named)]


def name_deputy(
    viewer: Viewer,
    session: Session,
    username: str,
    days: tuple[date, date],
    *,
    day: date,
    at: datetime,
) -> Deputy:
    """Store the viewer's deputy; raises UserError where they may not, or for days not allowed."""
    if not may_name(viewer):
        raise UserError(_("Only a superior names a deputy: a chair or a supervisor."))
    account = table_of(Account)
    wanted = select(account.c.id).where(
        account.c.username == username, account.c.id.in_(_nameable(viewer, day))
    )
    account_id = session.scalar(wanted)
    if account_id is None:
        raise UserError(_("There is nobody of that name in your district who could be a deputy."))
    actor: Actor = viewer.actor
    return store_deputy(actor, session, account_id, days, day=day, at=at)


def giver_of(session: Session, cadre_id: int, account_id: int, day: date) -> int | None:
    """Return for whom an account decides about a cadre as a deputy; the one named first."""
    deputy = table_of(Deputy)
    statement = (
        select(deputy.c.giver_id)
        .where(
            deputy.c.account_id == account_id,
            deputy.c.ended_on.is_(None),
            deputy.c.first_day <= day,
            deputy.c.last_day >= day,
            acts(deputy.c.giver_id, day),
            superior_of(literal(cadre_id), deputy.c.giver_id),
        )
        .order_by(deputy.c.id)
        .limit(1)
    )
    return session.scalar(statement)


def _nameable(viewer: Viewer, day: date) -> Select[int]:
    """The accounts of the viewer's districts that can act, but for the viewer's own."""
    account = table_of(Account).alias()
    return select(account.c.id).where(
        account.c.id != viewer.account_id,
        acts(account.c.id, literal(day)),
        _is_of_districts(account.c.id, account.c.cadre_id, viewer),
    )


def _is_of_districts(account_id: Id, cadre_id: Id, viewer: Viewer) -> ColumnElement[bool]:
    """An account whose cadre is posted in a district of the viewer's, or that has a role there."""
    place, cadre, grant = (table_of(each).alias() for each in (Organization, Cadre, Grant))
    districts = _districts_of(viewer)
    posted = select(cadre.c.id).join(place, place.c.id == cadre.c.organization_id)
    granted = select(grant.c.account_id).join(place, place.c.id == grant.c.organization_id)
    return or_(
        cadre_id.in_(posted.where(place.c.district_id.in_(districts))),
        account_id.in_(granted.where(place.c.district_id.in_(districts))),
    )


def _districts_of(viewer: Viewer) -> Select[int]:
    """The districts of what the viewer chairs, is posted to or supervises."""
    place = table_of(Organization).alias()
    reach = viewer.reach((RoleName.SUPERVISOR,))
    if reach.everywhere:
        return select(place.c.district_id).distinct()
    ids = viewer.chaired | reach.organizations | reach.districts
    return select(place.c.district_id).where(and_(place.c.id.in_(sorted(ids))))
