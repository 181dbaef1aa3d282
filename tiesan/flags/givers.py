"""Who reviews whom in a district, as plain sets: what a standing waiver's giver may not review.

An evaluation stands below the policies of pages and asks of many subjects at once, so that it reads
who has which role once. It says what ``tiesan.access.reviewers.is_reviewer`` says of a flag that is
not confidential, for an account that may act; a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

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


class Whom(NamedTuple):
    """Whom a flag is about, by id: a cadre with the organization of their post, or this itself."""

    cadre_id: int | None
    organization_id: int


@dataclass(frozen=True)
class Reviewers:
    """The people of a district as far as they review: by id, those who may not sign in left out.

    ``cadres`` are the cadres of accounts; ``gone`` the accounts whose cadre has left, who count as
    reviewers for others and do nothing themselves.
    """

    district_id: int
    above: Mapping[int, frozenset[int]]
    chairs: Mapping[int, int]
    cadres: Mapping[int, int | None]
    gone: frozenset[int]
    granted: Mapping[RoleName, Iterable[tuple[int, int | None]]]
    _known: dict[tuple[int, Whom], bool] = field(default_factory=dict)

    def may_review(self, account_id: int, whom: Whom) -> bool:
        """Whether an account reviews the open flags on somebody."""
        key = (account_id, whom)
        if key not in self._known:
            self._known[key] = self._may_review(account_id, whom)
        return self._known[key]

    def _may_review(self, account_id: int, whom: Whom) -> bool:
        if account_id not in self.cadres or account_id in self.gone:
            return False
        if self._is_about(account_id, whom):
            return False
        ordinary = self._ordinary(whom)
        if account_id in ordinary:
            return True
        nobody = all(self._is_about(each, whom) for each in ordinary)
        return nobody and account_id in self._committee

    def _is_about(self, account_id: int, whom: Whom) -> bool:
        own = self.cadres[account_id]
        about = self.chairs.get(whom.organization_id) if whom.cadre_id is None else whom.cadre_id
        return own is not None and own == about

    def _ordinary(self, whom: Whom) -> frozenset[int]:
        """Who reviews by role, whether or not it is about them."""
        if whom == Whom(None, self.district_id):
            return self._committee
        return self._having(RoleName.SUPERVISOR, whom.organization_id)

    @cached_property
    def _committee(self) -> frozenset[int]:
        return self._having(RoleName.AUDIT_COMMITTEE, self.district_id)

    def _having(self, role: RoleName, organization_id: int) -> frozenset[int]:
        reached = {None, *self.above.get(organization_id, ())}
        return frozenset(
            account_id
            for account_id, place in self.granted.get(role, ())
            if place in reached and account_id in self.cadres
        )


def read_reviewers(session: Session, district_id: int, day: date) -> Reviewers:
    """Return who reviews whom in a district, of whom some have left by a day."""
    place = table_of(Organization)
    chaired = select(place.c.id, place.c.chair_id).where(
        place.c.district_id == district_id, place.c.chair_id.is_not(None)
    )
    cadres, gone = _accounts(session, day)
    return Reviewers(
        district_id=district_id,
        above=_above(session, district_id),
        chairs={row.id: row.chair_id for row in session.execute(chaired)},
        cadres=cadres,
        gone=gone,
        granted=_granted(session),
    )


def _above(session: Session, district_id: int) -> dict[int, frozenset[int]]:
    place, above = table_of(Organization), table_of(OrganizationAbove)
    statement = (
        select(above.c.organization_id, above.c.above_id)
        .join(place, place.c.id == above.c.organization_id)
        .where(place.c.district_id == district_id)
    )
    found: dict[int, set[int]] = {}
    for organization_id, above_id in session.execute(statement):
        found.setdefault(organization_id, set()).add(above_id)
    return {organization_id: frozenset(ids) for organization_id, ids in found.items()}


def _granted(session: Session) -> dict[RoleName, list[tuple[int, int | None]]]:
    grant, role = table_of(Grant), table_of(Role)
    wanted = (RoleName.SUPERVISOR, RoleName.AUDIT_COMMITTEE)
    statement = (
        select(role.c.name, grant.c.account_id, grant.c.organization_id)
        .join(role, role.c.id == grant.c.role_id)
        .where(role.c.name.in_([each.value for each in wanted]))
    )
    found: dict[RoleName, list[tuple[int, int | None]]] = {}
    for name, account_id, organization_id in session.execute(statement):
        found.setdefault(RoleName(name), []).append((account_id, organization_id))
    return found


def _accounts(session: Session, day: date) -> tuple[dict[int, int | None], frozenset[int]]:
    """The cadres of the accounts that may sign in and have a role, and those that have left."""
    account, cadre, grant = table_of(Account), table_of(Cadre), table_of(Grant)
    left = and_(cadre.c.left_on.is_not(None), cadre.c.left_on <= day)
    statement = (
        select(account.c.id, account.c.cadre_id, left.label("gone"))
        .outerjoin(cadre, cadre.c.id == account.c.cadre_id)
        .where(account.c.active, account.c.id.in_(select(grant.c.account_id)))
    )
    rows = session.execute(statement).all()
    gone = frozenset(row.id for row in rows if row.gone)
    return {row.id: row.cadre_id for row in rows}, gone
