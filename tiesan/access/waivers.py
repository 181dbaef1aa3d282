"""Who grants a standing waiver, and who sees one: policies of its course.

Source: the page on reviews, "Waivers": by who reviews the subject's open flags. A supervisor grants
one for everything below an organization also where the organization's own flags are not theirs to
review; those it does not cover (``tiesan.flags.covering``).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, false, literal, or_, select
from sqlalchemy.orm import Session

from tiesan.access.policies import (
    Day,
    Id,
    acts,
    concerned,
    has_role,
    organization_of_cadre,
    there_is,
)
from tiesan.access.reviewers import is_concerned, is_reviewer
from tiesan.people.models import (
    Account,
    Cadre,
    Grant,
    Organization,
    OrganizationAbove,
    Role,
    RoleName,
)
from tiesan.records.kinds import table_of

_REVIEWING = (RoleName.SUPERVISOR.value, RoleName.AUDIT_COMMITTEE.value)
_OVERSEEING = (RoleName.SUPERVISOR, RoleName.AUDIT_COMMITTEE, RoleName.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class _OpenFlag:
    """A flag on the subject of a waiver as policies of flags look at it."""

    id: Any
    cadre_id: Any
    organization_id: Any
    district_id: Any
    confidential: ColumnElement[bool]


def _open_flag(waiver: Any) -> _OpenFlag:
    return _OpenFlag(
        waiver.id, waiver.cadre_id, waiver.organization_id, waiver.district_id, false()
    )


def may_grant(waiver: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Who reviews the open flags of its subject; for what is below an organization a supervisor."""
    supervises = has_role(RoleName.SUPERVISOR, waiver.organization_id, who)
    return or_(is_reviewer(_open_flag(waiver), who, day), and_(waiver.below, supervises))


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A waiver that is not stored, as policies look at it."""

    id: Any
    cadre_id: Any
    organization_id: Any
    district_id: Any
    below: Any


def grants(
    session: Session,
    account_id: int | None,
    whom: Cadre | Organization,
    day: date,
    *,
    below: bool,
) -> bool:
    """Whether an account may grant a waiver for somebody, or for an organization and all below."""
    is_cadre = isinstance(whom, Cadre)
    place = whom.organization if isinstance(whom, Cadre) else whom
    waiver = _Unsaved(
        literal(None, Integer),
        literal(whom.id if is_cadre else None, Integer),
        literal(None if is_cadre else whom.id, Integer),
        literal(place.district_id, Integer),
        literal(below),
    )
    who, on = literal(account_id, Integer), literal(day)
    return bool(session.scalar(select(and_(acts(who, on), may_grant(waiver, who, on)))))


def sees_waiver(waiver: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Who may grant it, whom it covers, and who looks after or administers the place."""
    place = case(
        (waiver.organization_id.is_not(None), waiver.organization_id),
        else_=organization_of_cadre(waiver.cadre_id),
    )
    return or_(
        may_grant(waiver, who, day),
        is_covered(waiver, who),
        *(has_role(role, place, who) for role in _OVERSEEING),
    )


def is_covered(waiver: Any, who: Id) -> ColumnElement[bool]:
    """Whom it is about: the cadre, the chair, or who is posted somewhere below."""
    account, cadre, above = (table_of(each).alias() for each in (Account, Cadre, OrganizationAbove))
    posted_below = there_is(
        account,
        cadre,
        above,
        where=and_(
            account.c.id == who,
            cadre.c.id == account.c.cadre_id,
            above.c.organization_id == cadre.c.organization_id,
            above.c.above_id == waiver.organization_id,
        ),
    )
    about = concerned(waiver.cadre_id, waiver.organization_id, who)
    return or_(about, and_(waiver.below, posted_below))


def told_of_flag(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Who is told that a flag's waiver ends: its reviewers, and whom it concerns."""
    reviews = and_(acts(who, day), is_reviewer(flag, who, day))
    return or_(reviews, is_concerned(flag, who, day))


def told_of_waiver(waiver: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Who is told that a standing waiver ends: who may grant it, and whom it covers."""
    return or_(and_(acts(who, day), may_grant(waiver, who, day)), is_covered(waiver, who))


def reviews_anybody(session: Session, account_id: int | None, day: date) -> bool:
    """Whether an account may act on a day and has a role by which flags are reviewed."""
    grant, role, account = table_of(Grant), table_of(Role), literal(account_id, Integer)
    has = there_is(
        grant,
        role,
        where=and_(
            grant.c.account_id == account, role.c.id == grant.c.role_id, role.c.name.in_(_REVIEWING)
        ),
    )
    return bool(session.scalar(select(and_(acts(account, day), has))))
