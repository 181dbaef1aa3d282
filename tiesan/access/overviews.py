"""Who opens an overview, of which organizations, and which duties are counted for them there.

Source: the page on what leaves the house, "Overview": for supervisors and the audit committee; a
chair sees their organization's, a cadre their own year. Nobody is counted more than they may open.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, false, or_, select, true
from sqlalchemy.orm import Session

from tiesan.access.viewer import Viewer
from tiesan.flags.duty_balance import DutyBalance
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.policy import COMMITTEE, STAFF, SUPERVISORS

_ANSWERING = SUPERVISORS | COMMITTEE


def may_look_over(viewer: Viewer) -> bool:
    """Whether somebody answers for an organization, and so may see what is told of it."""
    return viewer.has(_ANSWERING) or bool(viewer.chaired)


def places_to_look_over(session: Session, viewer: Viewer) -> Sequence[Organization]:
    """Return the organizations that a viewer may look over with all below them, the highest first.

    The session is narrowed to what the viewer may read.
    """
    reach = viewer.reach(_ANSWERING)
    found: list[ColumnElement[bool]] = [
        Organization.id.in_(sorted(reach.organizations | viewer.chaired)),
        Organization.district_id.in_(sorted(reach.districts)),
    ]
    if reach.everywhere:
        found.append(true())
    kind = OrganizationKind.ENTERPRISE.value
    own = Organization.id.in_(sorted(reach.organizations | viewer.chaired))
    statement = select(Organization).where(or_(*found), or_(Organization.kind != kind, own))
    levels = {each.value: level for level, each in enumerate(OrganizationKind)}
    highest = case(levels, value=Organization.kind)
    return session.scalars(statement.order_by(highest, Organization.code)).all()


def visible_balances(viewer: Viewer, committee_rules: list[str]) -> ColumnElement[bool]:
    """What is owed and done, as far as the viewer may open what was not done.

    As of flags: supervisors see all in reach, a chair what the organization itself owes, the audit
    committee what is about money, and what the district itself owes.
    """
    reach = viewer.reach(STAFF)
    if reach.everywhere:
        return true()
    itself = DutyBalance.owner_kind == "organization"
    place, district = DutyBalance.organization_id, DutyBalance.district_id
    of_committee = sorted(viewer.reach(COMMITTEE).districts)
    about_money = DutyBalance.rule.in_(committee_rules)
    return or_(
        false(),
        district.in_(sorted(reach.districts)),
        place.in_(sorted(reach.organizations)),
        and_(itself, place.in_(sorted(viewer.chaired))),
        and_(district.in_(of_committee), about_money),
        and_(itself, place.in_(of_committee)),
    )
