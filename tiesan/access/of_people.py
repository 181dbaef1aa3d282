"""Which organizations, cadres, accounts and entries of the audit trail a person sees."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from tiesan.access.viewer import Reach, Viewer
from tiesan.audit import AuditEntry
from tiesan.people.models import Account, Cadre, Grant, Organization, RoleName
from tiesan.records.kinds import table_of
from tiesan.records.policy import ADMINISTRATORS, COMMITTEE, STAFF, Roles

_ORGANIZATION = table_of(Organization)
_CADRE = table_of(Cadre)
_GRANT = table_of(Grant)


def organizations_within(reach: Reach) -> ColumnElement[bool]:
    """The organizations in reach; one founded a moment ago stands below them already."""
    if reach.everywhere:
        return true()
    return or_(
        Organization.district_id.in_(sorted(reach.districts)),
        Organization.id.in_(sorted(reach.organizations)),
        Organization.parent_id.in_(sorted(reach.organizations)),
    )


def cadres_within(reach: Reach) -> ColumnElement[bool]:
    """The cadres posted to an organization in reach."""
    if reach.everywhere:
        return true()
    table = _ORGANIZATION
    whole = select(table.c.id).where(table.c.district_id.in_(sorted(reach.districts)))
    return or_(
        Cadre.organization_id.in_(whole), Cadre.organization_id.in_(sorted(reach.organizations))
    )


def visible_organizations(viewer: Viewer) -> ColumnElement[bool]:
    """Those in reach, the viewer's own, and those that they chair."""
    own = viewer.chaired | {viewer.organization_id or 0}
    within = or_(organizations_within(viewer.reach(STAFF | COMMITTEE)), Organization.id.in_(own))
    return and_(within, Organization.voided_at.is_(None))


def visible_cadres(viewer: Viewer) -> ColumnElement[bool]:
    """Those in reach, the viewer, and the cadres of organizations that they chair."""
    within = or_(
        cadres_within(viewer.reach(STAFF | COMMITTEE)),
        Cadre.id == (viewer.cadre_id or 0),
        Cadre.organization_id.in_(sorted(viewer.chaired)),
    )
    return and_(within, Cadre.voided_at.is_(None))


def permitted_organizations(roles: Roles, viewer: Viewer) -> ColumnElement[bool]:
    """The organizations for which one of the roles lets the viewer write."""
    if viewer.left:
        return false()
    found = [organizations_within(viewer.reach(roles - {RoleName.CADRE}))]
    if RoleName.CADRE in roles:
        found.append(Organization.id.in_(sorted(viewer.chaired)))
    return or_(false(), *found)


def permitted_cadres(roles: Roles, viewer: Viewer) -> ColumnElement[bool]:
    """The cadres for whom one of the roles lets the viewer write."""
    if viewer.left:
        return false()
    found = [cadres_within(viewer.reach(roles - {RoleName.CADRE}))]
    if RoleName.CADRE in roles:
        found.append(Cadre.id == (viewer.cadre_id or 0))
        found.append(Cadre.organization_id.in_(sorted(viewer.chaired)))
    return or_(false(), *found)


def organization_ids(reach: Reach) -> Select[tuple[int]]:
    """The ids of the organizations in reach, for a subquery."""
    table = _ORGANIZATION
    whole = table.c.district_id.in_(sorted(reach.districts))
    return select(table.c.id).where(or_(whole, table.c.id.in_(sorted(reach.organizations))))


def visible_grants(viewer: Viewer) -> ColumnElement[bool]:
    """The roles granted inside an administrator's organizations, and the viewer's own."""
    reach = viewer.reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    inside = organization_ids(reach)
    own = Grant.account_id == (viewer.account_id or 0)
    return or_(own, Grant.organization_id.in_(inside))


def visible_accounts(viewer: Viewer) -> ColumnElement[bool]:
    """The accounts of an administrator's cadres and of roles granted there, and one's own."""
    reach = viewer.reach(ADMINISTRATORS)
    if reach.everywhere:
        return true()
    inside = organization_ids(reach)
    cadres = select(_CADRE.c.id).where(_CADRE.c.organization_id.in_(inside))
    granted = select(_GRANT.c.account_id).where(_GRANT.c.organization_id.in_(inside))
    own = Account.id == (viewer.account_id or 0)
    return or_(own, Account.cadre_id.in_(cadres), Account.id.in_(granted))


def visible_entries(viewer: Viewer, readable: Mapping[str, Select[int]]) -> ColumnElement[bool]:
    """The entries of an administrator's districts; those of no district for the whole only.

    Those about confidential kinds hold what such a row says, so they reach no more people:
    ``readable`` are the ids of the rows of each such kind that the viewer may read.
    """
    reach = viewer.reach(ADMINISTRATORS)
    # Whoever looks for an entry by something else is to find it by the index of that: SQLite would
    # rather walk through the whole district.
    districts = (AuditEntry.district_id + 0).in_(sorted(reach.districts))
    return and_(
        true() if reach.everywhere else districts,
        *(
            or_(AuditEntry.object_kind != kind, AuditEntry.object_id.in_(rows))
            for kind, rows in readable.items()
        ),
    )
