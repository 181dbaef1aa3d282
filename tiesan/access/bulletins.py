"""Who writes, signs, reads and signs for a bulletin: policies of its courses.

It is written by supervisors granted at the district itself, and signed by the district's chair or
by such a supervisor, never by who has written in it or is named in it. Once issued it is read by
whoever looks after the district or a part of it and by the chairs of its organizations.

Source: the page on what leaves the house, "Bulletins".
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from tiesan.access.policies import Day, Id, chairs, has_role, there_is
from tiesan.bulletins.models import Bulletin, BulletinName, BulletinState, BulletinWriter
from tiesan.people.models import Account, Grant, Organization, OrganizationAbove, Role, RoleName
from tiesan.records.kinds import table_of

_READING = (RoleName.SUPERVISOR.value, RoleName.AUDIT_COMMITTEE.value, RoleName.ADMINISTRATOR.value)


def supervises_district(bulletin: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """A supervisor granted at the district of the bulletin, or above it."""
    return has_role(RoleName.SUPERVISOR, bulletin.district_id, who)


def chair_signs(bulletin: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """The chair of the district, who has not written in it and is not named in it."""
    return and_(chairs(bulletin.district_id, who), _stands_apart(bulletin, who))


def other_supervisor_signs(bulletin: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A supervisor at the district who has not written in it and is not named in it."""
    return and_(supervises_district(bulletin, who, day), _stands_apart(bulletin, who))


def _stands_apart(bulletin: Any, who: Id) -> ColumnElement[bool]:
    writer, name = table_of(BulletinWriter).alias(), table_of(BulletinName).alias()
    account = table_of(Account).alias()
    wrote = and_(writer.c.bulletin_id == bulletin.id, writer.c.account_id == who)
    named = and_(
        name.c.bulletin_id == bulletin.id,
        account.c.cadre_id == name.c.cadre_id,
        account.c.id == who,
    )
    return and_(~there_is(writer, where=wrote), ~there_is(name, account, where=named))


def sees_bulletin(bulletin: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Supervisors at the district; its chair once submitted; once issued who answers for a part."""
    issued = bulletin.state == BulletinState.ISSUED.value
    shown = bulletin.state.in_([BulletinState.SUBMITTED.value, BulletinState.ISSUED.value])
    return or_(
        supervises_district(bulletin, who, day),
        and_(shown, chairs(bulletin.district_id, who)),
        and_(issued, or_(_looks_after(bulletin.district_id, who), _chairs_in(bulletin, who))),
    )


def _looks_after(district_id: Id, who: Id) -> ColumnElement[bool]:
    """An account with a role of those who look after others, in the district or above it."""
    grant, role = table_of(Grant).alias(), table_of(Role).alias()
    above, inside = table_of(OrganizationAbove).alias(), table_of(Organization).alias()
    from_above = and_(
        above.c.organization_id == district_id, above.c.above_id == grant.c.organization_id
    )
    within = and_(inside.c.id == grant.c.organization_id, inside.c.district_id == district_id)
    named = and_(grant.c.account_id == who, role.c.id == grant.c.role_id, role.c.name.in_(_READING))
    reached = or_(
        grant.c.organization_id.is_(None),
        there_is(above, where=from_above),
        there_is(inside, where=within),
    )
    return there_is(grant, role, where=and_(named, reached))


def _chairs_in(bulletin: Any, who: Id) -> ColumnElement[bool]:
    """An account whose cadre chairs an organization of the district."""
    place, account = table_of(Organization).alias(), table_of(Account).alias()
    chaired = and_(
        place.c.district_id == bulletin.district_id,
        account.c.cadre_id == place.c.chair_id,
        account.c.id == who,
    )
    return there_is(place, account, where=chaired)


def receives(receipt: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The present chair of the organization that is to sign for it."""
    return chairs(receipt.organization_id, who)


def sees_receipt(receipt: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """The chair who is to sign for it; at the district supervisors, the chair and the committee."""
    bulletin = table_of(Bulletin).alias()
    looks_on = or_(
        supervises_district(bulletin.c, who, day),
        chairs(bulletin.c.district_id, who),
        has_role(RoleName.AUDIT_COMMITTEE, bulletin.c.district_id, who),
    )
    seen = and_(bulletin.c.id == receipt.bulletin_id, looks_on)
    return or_(receives(receipt, who, day), there_is(bulletin, where=seen))
