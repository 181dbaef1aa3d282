"""Whose flags a person sees.

Source: institutions.md, "Who is who" and "What review adds": a cadre's own, a chair's also those of
the organization, a supervisor's those of everything below, the audit committee's those about money,
those of the district itself, those that were appealed and those that no supervisor reviews.
Confidential ones are for the audit committee and the district's supervisors, never for the cadre
reported nor for the chair of the organization.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import Session

from tiesan.access.belonging import cadres_of
from tiesan.access.policies import there_is
from tiesan.access.reviewers import was_appealed
from tiesan.access.viewer import Reach, Viewer
from tiesan.flags.follow_up import EscalatedFlag, NoticeFinding
from tiesan.flags.links import CADRE
from tiesan.flags.models import (
    EvidenceLink,
    Flag,
    FlagEvent,
    FlagRevision,
    StoredEvaluation,
)
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
from tiesan.records.policy import COMMITTEE, STAFF
from tiesan.rules import Deadline, Duty, Rule, Tally, When

_FLAG = table_of(Flag)
_LINK = table_of(EvidenceLink)
_CADRE = table_of(Cadre)


def reads_kinds(rule: Rule, kinds: frozenset[str]) -> bool:
    """Whether the records that a rule judges are of one of these kinds."""
    match rule.form:
        case When(anchor=selection) | Deadline(anchor=selection) | Tally(of=selection):
            return selection.kind in kinds
        case Duty(counts=counts):
            return counts.kind in kinds


def rules_about(rules: Iterable[Rule], kinds: frozenset[str]) -> list[str]:
    """The ids of the rules that judge records of these kinds."""
    return sorted(rule.id for rule in rules if reads_kinds(rule, kinds))


def visible_flags(
    viewer: Viewer, committee_rules: list[str], flag: Any = Flag
) -> ColumnElement[bool]:
    """The flags that the viewer may read; ``committee_rules`` are those about money.

    ``flag`` are the flags asked about: the stored ones, or an alias of flags that are yet to be.
    """
    open_to = [
        _within(viewer.reach(STAFF), flag),
        _own(viewer, flag),
        _of_committee(viewer.reach(COMMITTEE), committee_rules, flag),
    ]
    return or_(
        and_(~flag.confidential, or_(*open_to)),
        and_(flag.confidential, _confidential(viewer, flag)),
    )


def _within(reach: Reach, flag: Any) -> ColumnElement[bool]:
    if reach.everywhere:
        return true()
    found = [false(), flag.district_id.in_(sorted(reach.districts))]
    if reach.organizations:
        found.append(flag.organization_id.in_(sorted(reach.organizations)))
        found.append(flag.cadre_id.in_(select(_CADRE.c.id).where(cadres_of(reach.organizations))))
    return or_(*found)


def _own(viewer: Viewer, flag: Any) -> ColumnElement[bool]:
    if viewer.cadre_id is None:
        return false()
    chaired = flag.organization_id.in_(sorted(viewer.chaired))
    return or_(flag.cadre_id == viewer.cadre_id, chaired)


def _of_committee(reach: Reach, committee_rules: list[str], flag: Any) -> ColumnElement[bool]:
    districts = sorted(reach.districts)
    if not districts:
        return false()
    about_money = flag.rule.in_(committee_rules)
    further = or_(about_money, was_appealed(flag), _without_supervisor(flag))
    return or_(and_(flag.district_id.in_(districts), further), flag.organization_id.in_(districts))


def _without_supervisor(flag: Any) -> ColumnElement[bool]:
    """The flags that no supervisor reviews but whom they are about."""
    cadre, place = _CADRE.alias(), table_of(Organization).alias()
    own = _account_of(cadre.c.id)
    cadres = select(cadre.c.id).where(~_is_supervised(cadre.c.organization_id, own))
    chair = _account_of(place.c.chair_id)
    places = select(place.c.id).where(~_is_supervised(place.c.id, chair))
    return or_(flag.cadre_id.in_(cadres), flag.organization_id.in_(places))


def _account_of(cadre_id: ColumnElement[Any]) -> ColumnElement[Any]:
    account = table_of(Account).alias()
    own = select(account.c.id).where(account.c.cadre_id == cadre_id)
    return own.correlate_except(account).scalar_subquery()


def _is_supervised(
    organization_id: ColumnElement[int], but: ColumnElement[Any]
) -> ColumnElement[bool]:
    """A condition: another account than one has the role supervisor in an organization."""
    grant, role, account = table_of(Grant), table_of(Role), table_of(Account).alias()
    above = table_of(OrganizationAbove)
    reaching = select(above.c.above_id).where(above.c.organization_id == organization_id)
    return there_is(
        grant,
        role,
        account,
        where=and_(
            role.c.name == RoleName.SUPERVISOR.value,
            grant.c.role_id == role.c.id,
            account.c.id == grant.c.account_id,
            account.c.active,
            account.c.id.is_distinct_from(but),
            or_(
                grant.c.organization_id.is_(None),
                grant.c.organization_id.in_(reaching.correlate_except(above)),
            ),
        ),
    )


def _confidential(viewer: Viewer, flag: Any) -> ColumnElement[bool]:
    districts = sorted(viewer.answering_districts)
    hidden = sorted(viewer.hidden_flags)
    chaired = sorted(viewer.chaired)
    return and_(
        flag.district_id.in_(districts),
        flag.id.not_in(hidden),
        or_(flag.cadre_id.is_(None), flag.cadre_id != (viewer.cadre_id or 0)),
        or_(flag.organization_id.is_(None), flag.organization_id.not_in(chaired)),
    )


def flags_about(session: Session, cadre_code: str, districts: frozenset[int]) -> frozenset[int]:
    """The confidential flags of these districts whose evidence names a cadre, or has named them."""
    asked = {"cadre": cadre_code, "districts": sorted(districts)}
    return frozenset(session.scalars(_ABOUT, asked))


# Made once: every request that writes asks it.
_ABOUT = (
    select(_FLAG.c.id)
    .join_from(_FLAG, _LINK, _LINK.c.flag_id == _FLAG.c.id)
    .join(_CADRE, and_(_LINK.c.kind == CADRE, _LINK.c.row_id == _CADRE.c.id))
    .where(_CADRE.c.code == bindparam("cadre"), _FLAG.c.confidential)
    .where(_FLAG.c.district_id.in_(bindparam("districts", expanding=True)))
)


def visible_of_flags(
    model: type[FlagRevision | FlagEvent | EscalatedFlag | NoticeFinding],
    flags: ColumnElement[bool],
) -> ColumnElement[bool]:
    """The rows that tell of visible flags: revisions, events, what followed."""
    return model.flag_id.in_(select(Flag.id).where(flags))


def visible_evaluations(viewer: Viewer) -> ColumnElement[bool]:
    """The stored evaluations of the districts in which the viewer has any role."""
    if viewer.reach(STAFF).everywhere:
        return true()
    return StoredEvaluation.district_id.in_(sorted(viewer.home_districts))
