"""Who reviews a flag, whom it concerns, and who sees it: policies of its course.

A flag on a district itself is reviewed by the audit committee, every other one by the supervisors
who reach its organization; a confidential one by those who answer for the whole district. Nobody
reviews what is about themself or about what they chair. Where this leaves nobody, the committee
does.

Source: institutions.md, "Who is who" and "What review adds".
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, or_, select

from tiesan.access.policies import (
    Day,
    Id,
    Policy,
    concerned,
    has_role,
    nobody,
    organization_of_cadre,
    stands_for,
    there_is,
)
from tiesan.flags.links import CADRE
from tiesan.flags.models import EvidenceLink, Flag, FlagEvent
from tiesan.people.models import (
    Account,
    Grant,
    Organization,
    OrganizationKind,
    Role,
    RoleName,
)
from tiesan.records.kinds import table_of

# Who reviews anything at all.
_REVIEWING = (RoleName.SUPERVISOR, RoleName.AUDIT_COMMITTEE)

# --- whom it concerns -----------------------------------------------------------------------------


def is_concerned(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Whom the flag is about: the cadre, or who chairs the organization; of a secret one nobody."""
    return and_(~flag.confidential, concerned(flag.cadre_id, flag.organization_id, who))


def flags_concerning(who: Id) -> ColumnElement[bool]:
    """A condition on ``Flag``: ``is_concerned``, asked from the account's side.

    So the flags of one account are found by an index, where the policy would look at every flag.
    """
    account, chaired = table_of(Account).alias(), table_of(Organization).alias()
    own = select(account.c.cadre_id).where(account.c.id == who, account.c.cadre_id.is_not(None))
    places = select(chaired.c.id).where(chaired.c.chair_id.in_(own))
    return and_(~Flag.confidential, or_(Flag.cadre_id.in_(own), Flag.organization_id.in_(places)))


def nobody_concerned_signs_in(flag: Any) -> ColumnElement[bool]:
    """A condition: there is no account of whom the flag concerns that may sign in."""

    def is_it(who: Id) -> ColumnElement[bool]:
        return concerned(flag.cadre_id, flag.organization_id, who)

    return or_(flag.confidential, nobody(is_it))


# --- who reviews ----------------------------------------------------------------------------------


def is_reviewer(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """A reviewer, never of what is about themself; the audit committee where there is none."""
    return and_(~_barred(flag, who), or_(_ordinary(flag, who), _stepping_in(flag, who)))


def is_stand_in(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A reviewer, for somebody concerned who cannot sign in."""
    return and_(is_reviewer(flag, who, day), nobody_concerned_signs_in(flag))


def decides_appeal(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """A reviewer who neither confirmed the flag nor entered the appeal; else the committee."""

    def is_free(account_id: Id) -> ColumnElement[bool]:
        return and_(
            flag.confirmed_by_id.is_distinct_from(account_id),
            flag.appeal_entered_by_id.is_distinct_from(account_id),
        )

    def decides(account_id: Id) -> ColumnElement[bool]:
        return and_(_ordinary(flag, account_id), ~_barred(flag, account_id), is_free(account_id))

    steps_in = and_(_in_committee(flag, who), nobody(decides, _REVIEWING))
    return and_(~_barred(flag, who), is_free(who), or_(_ordinary(flag, who), steps_in))


def may_reopen(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A reviewer; after an overturned confirmation not the one who had confirmed."""
    overturned = and_(flag.review == "dismissed", flag.confirmed_by_id == who)
    return and_(is_reviewer(flag, who, day), or_(flag.confirmed_by_id.is_(None), ~overturned))


def _ordinary(flag: Any, who: Id) -> ColumnElement[bool]:
    """Who reviews a flag by role, whether or not it is about them."""
    place = _organization_of(flag)
    answering = or_(_in_committee(flag, who), _supervises_district_itself(flag, who))
    by_role = case(
        (_is_district(flag.organization_id), _in_committee(flag, who)),
        else_=has_role(RoleName.SUPERVISOR, place, who),
    )
    return case((flag.confidential, answering), else_=by_role)


def _stepping_in(flag: Any, who: Id) -> ColumnElement[bool]:
    """The audit committee, where nobody reviews."""

    def reviews(account_id: Id) -> ColumnElement[bool]:
        return and_(_ordinary(flag, account_id), ~_barred(flag, account_id))

    return and_(_in_committee(flag, who), nobody(reviews, _REVIEWING))


def _barred(flag: Any, who: Id) -> ColumnElement[bool]:
    """Whom the flag is about; of a secret one also whom its evidence names."""
    return or_(
        concerned(flag.cadre_id, flag.organization_id, who),
        and_(flag.confidential, _named(flag, who)),
    )


def _named(flag: Any, who: Id) -> ColumnElement[bool]:
    link = table_of(EvidenceLink).alias()
    is_named = and_(link.c.flag_id == flag.id, link.c.kind == CADRE, stands_for(link.c.row_id, who))
    return there_is(link, where=is_named)


def _organization_of(flag: Any) -> Id:
    """The organization itself, or the one that the cadre is posted to now."""
    found: Id = case(
        (flag.organization_id.is_not(None), flag.organization_id),
        else_=organization_of_cadre(flag.cadre_id),
    )
    return found


def _is_district(organization_id: Id) -> ColumnElement[bool]:
    place = table_of(Organization).alias()
    is_it = and_(place.c.id == organization_id, place.c.kind == OrganizationKind.DISTRICT.value)
    return there_is(place, where=is_it)


def _in_committee(flag: Any, who: Id) -> ColumnElement[bool]:
    return has_role(RoleName.AUDIT_COMMITTEE, flag.district_id, who)


def _supervises_district_itself(flag: Any, who: Id) -> ColumnElement[bool]:
    """A supervisor to whom the role was granted at the district, not above nor below it."""
    grant, role = table_of(Grant).alias(), table_of(Role).alias()
    return there_is(
        grant,
        role,
        where=and_(
            grant.c.account_id == who,
            grant.c.organization_id == flag.district_id,
            role.c.id == grant.c.role_id,
            role.c.name == RoleName.SUPERVISOR.value,
        ),
    )


# --- who sees it ----------------------------------------------------------------------------------


def flag_readers(committee_rules: Callable[[], list[str]]) -> Policy:
    """Return who sees a flag; ``committee_rules`` gives those about money as they are then."""
    # The statement outlives the rules of a day, so that they are a parameter of it.
    about_money: BindParameter[Any] = bindparam(
        "committee_rules", callable_=committee_rules, expanding=True
    )

    def readers(flag: Any, who: Id, day: Day) -> ColumnElement[bool]:
        """Reviewers and whom it concerns; who supervises or administers the place; the committee.

        The audit committee sees what is about money, and what was appealed.
        """
        further = or_(
            has_role(RoleName.SUPERVISOR, _organization_of(flag), who),
            has_role(RoleName.ADMINISTRATOR, _organization_of(flag), who),
            and_(_in_committee(flag, who), or_(flag.rule.in_(about_money), was_appealed(flag))),
        )
        return or_(
            is_reviewer(flag, who, day),
            is_concerned(flag, who, day),
            and_(~flag.confidential, further),
        )

    return readers


def was_appealed(flag: Any) -> ColumnElement[bool]:
    """A condition: somebody has appealed against the flag, at whatever time."""
    event = table_of(FlagEvent).alias()
    return there_is(event, where=and_(event.c.flag_id == flag.id, event.c.verb == "appeal"))
