"""Who may change which account: whoever administers every place that it gives access to.

Whoever sets the password of an account has what the account may do: its roles, what its cadre sees
where it is posted, and what it decides where it is chair. So all of these places must be the
administrator's.
"""

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select, true

from tiesan.access.of_people import organization_ids, permitted_cadres
from tiesan.access.viewer import current_viewer
from tiesan.extensions import db
from tiesan.people.models import Account, Cadre, Grant, Organization
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS

_GRANT = table_of(Grant)
_CADRE = table_of(Cadre)
_ORGANIZATION = table_of(Organization)


def may_manage(account: Account) -> bool:
    """Whether the viewer may give an account roles or a password, and switch it off.

    Somebody's own account is theirs wherever they are posted: nobody else's access comes with it.
    """
    if account.id == current_viewer().account_id:
        return _administers(_granted(account))
    return may_revoke(account) and _administers(_posted(account))


def may_grant(account: Account) -> bool:
    """Whether the viewer may give an account roles: never their own."""
    return account.id != current_viewer().account_id and may_manage(account)


def may_revoke(account: Account) -> bool:
    """Whether the viewer may take roles from an account: never their own.

    Who was moved elsewhere but still has a role here answers to those here for it.
    """
    return (
        account.id != current_viewer().account_id
        and _administers(_granted(account))
        and _administers(_chaired(account))
    )


def may_grant_at(organization: Organization | None) -> bool:
    """Whether the viewer may give roles in a place, or everywhere (None)."""
    reach = current_viewer().acting_reach(ADMINISTRATORS)
    if reach.everywhere or organization is None:
        return reach.everywhere
    inside = organization_ids(reach).where(_ORGANIZATION.c.id == organization.id)
    return db.session.scalar(inside) is not None


def cadres_to_represent() -> ColumnElement[bool]:
    """The cadres for whom the viewer may make an account: they administer all that comes with it.

    That is where the cadre is posted, and every place that the cadre chairs.
    """
    viewer = current_viewer()
    reach = viewer.acting_reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    place = _ORGANIZATION.alias()
    elsewhere = select(place.c.id).where(
        place.c.chair_id == Cadre.id, place.c.id.not_in(organization_ids(reach))
    )
    return and_(permitted_cadres(ADMINISTRATORS, viewer), ~elsewhere.exists())


def _granted(account: Account) -> Select[int | None]:
    return select(_GRANT.c.organization_id).where(_GRANT.c.account_id == account.id)


def _posted(account: Account) -> Select[int]:
    return select(_CADRE.c.organization_id).where(_CADRE.c.id == account.cadre_id)


def _chaired(account: Account) -> Select[int]:
    # Who stands for no cadre chairs nothing, and not what has no chair.
    return select(_ORGANIZATION.c.id).where(_ORGANIZATION.c.chair_id == (account.cadre_id or 0))


def _administers(places: Select[int] | Select[int | None]) -> bool:
    """Whether all of these places are the viewer's to administer; a blank one is everywhere."""
    reach = current_viewer().acting_reach(ADMINISTRATORS)
    if reach.everywhere:
        return True
    place = places.subquery().c[0]
    outside = select(1).where(or_(place.is_(None), not_(place.in_(organization_ids(reach)))))
    return db.session.execute(outside.limit(1)).first() is None
