"""The person who asks: roles, and the organizations that each of them reaches.

It is read once per request, by statements over plain tables, so that what narrows every other read
(``tiesan.access.criterion``) does not narrow this one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import g
from sqlalchemy import Date, Integer, Select, bindparam, exists, select
from sqlalchemy.orm import Session

from tiesan.audit import Actor
from tiesan.people.deputies import Deputy
from tiesan.people.models import (
    Account,
    Cadre,
    Grant,
    Organization,
    OrganizationKind,
    Role,
    RoleName,
)
from tiesan.records.kinds import table_of
from tiesan.records.policy import Roles

_ORGANIZATION = table_of(Organization)


@dataclass(frozen=True, slots=True)
class Reach:
    """The organizations of one role: all of them, whole districts, and further single ones."""

    everywhere: bool = False
    districts: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in reach."""
        return not (self.everywhere or self.districts or self.organizations)

    def joined(self, other: "Reach") -> "Reach":
        """What either of the two reaches."""
        return Reach(
            self.everywhere or other.everywhere,
            self.districts | other.districts,
            self.organizations | other.organizations,
        )


NOWHERE = Reach()


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: the account, the cadre that it stands for, and the reach of each role.

    ``chaired`` are the organizations that the cadre answers for, ``home_districts`` the districts
    in which the account has any role, ``hidden_flags`` confidential ones that are about the viewer.
    Who has ``left`` sees what they saw, answers their flags and enters nothing. ``stands_in`` is
    whether somebody has named the account as a deputy for the day.
    """

    account_id: int | None = None
    username: str = ""
    name: str = ""
    cadre_id: int | None = None
    cadre_code: str = ""
    organization_id: int | None = None
    left: bool = False
    stands_in: bool = False
    chaired: frozenset[int] = frozenset()
    home_districts: frozenset[int] = frozenset()
    hidden_flags: frozenset[int] = frozenset()
    # Compared, but a mapping has no hash of its own.
    reaches: Mapping[RoleName, Reach] = field(default_factory=dict, hash=False)

    @property
    def is_stranger(self) -> bool:
        """Whether nobody is signed in."""
        return self.account_id is None

    @property
    def actor(self) -> Actor:
        """The viewer as the one who writes."""
        return Actor(self.account_id, self.username)

    @property
    def answering_districts(self) -> frozenset[int]:
        """The districts for whose confidential matters the viewer answers."""
        return self.reach((RoleName.AUDIT_COMMITTEE, RoleName.SUPERVISOR)).districts

    @property
    def is_superior(self) -> bool:
        """Whether the viewer answers for any cadre: chairs an organization, or supervises."""
        return bool(self.chaired) or RoleName.SUPERVISOR in self.reaches

    def has(self, roles: Roles) -> bool:
        """Whether one of the roles was granted anywhere."""
        return not roles.isdisjoint(self.reaches)

    def acting_reach(self, roles: Iterable[RoleName]) -> Reach:
        """What the viewer may change by these roles: nothing for who has left."""
        return NOWHERE if self.left else self.reach(roles)

    @property
    def administers_all(self) -> bool:
        """Whether the viewer administers the whole installation, and so writes its rules."""
        return self.acting_reach((RoleName.ADMINISTRATOR,)).everywhere

    def reach(self, roles: Iterable[RoleName]) -> Reach:
        """What these roles reach together."""
        joined = NOWHERE
        for role in roles:
            joined = joined.joined(self.reaches.get(role, NOWHERE))
        return joined


STRANGER = Viewer()


def current_viewer() -> Viewer:
    """Return who asks in this request; a stranger before it was settled and outside of any."""
    viewer: Viewer = g.get("viewer", STRANGER)
    return viewer


def read_viewer(session: Session, account: Account, day: date) -> Viewer:
    """Return the viewer that an account is on a day."""
    cadre = _cadre(session, account.cadre_id)
    reaches = {role: _reach(session, roots) for role, roots in _grants(session, account).items()}
    return Viewer(
        account_id=account.id,
        username=account.username,
        name=cadre["name"] if cadre else account.username,
        cadre_id=cadre["id"] if cadre else None,
        cadre_code=cadre["code"] if cadre else "",
        organization_id=cadre["organization_id"] if cadre else None,
        left=cadre is not None and cadre["left_on"] is not None and cadre["left_on"] <= day,
        stands_in=_stands_in(session, account.id, day),
        chaired=_chaired(session, account.cadre_id),
        home_districts=_districts(session, account),
        reaches=reaches,
    )


def _cadre(session: Session, cadre_id: int | None) -> Mapping[str, Any] | None:
    if cadre_id is None:
        return None
    return dict(session.execute(_CADRE, {"cadre": cadre_id}).mappings().one())


def _grants(session: Session, account: Account) -> dict[RoleName, list[tuple[int, str] | None]]:
    """The organizations, with their kinds, of each role; None where a role holds everywhere."""
    grants: dict[RoleName, list[tuple[int, str] | None]] = {}
    for name, organization_id, kind in session.execute(_GRANTS, {"account": account.id}):
        root = None if organization_id is None else (organization_id, kind)
        grants.setdefault(RoleName(name), []).append(root)
    return grants


def _reach(session: Session, roots: list[tuple[int, str] | None]) -> Reach:
    given = [root for root in roots if root is not None]
    districts = frozenset(row_id for row_id, kind in given if kind == OrganizationKind.DISTRICT)
    others = frozenset(row_id for row_id, kind in given if kind != OrganizationKind.DISTRICT)
    return Reach(None in roots, districts, _with_below(session, others))


def _with_below(session: Session, roots: frozenset[int]) -> frozenset[int]:
    if not roots:
        return frozenset()
    table = _ORGANIZATION
    below = select(table.c.id).where(table.c.id.in_(sorted(roots))).cte(recursive=True)
    below = below.union_all(select(table.c.id).join(below, table.c.parent_id == below.c.id))
    return frozenset(session.scalars(select(below.c.id)))


def _chaired(session: Session, cadre_id: int | None) -> frozenset[int]:
    if cadre_id is None:
        return frozenset()
    return frozenset(session.scalars(_CHAIRED, {"cadre": cadre_id}))


def _stands_in(session: Session, account_id: int, day: date) -> bool:
    return bool(session.scalar(_STANDS_IN, {"account": account_id, "day": day}))


def _districts(session: Session, account: Account) -> frozenset[int]:
    return frozenset(session.scalars(_DISTRICTS, {"account": account.id}))


def _asked_of_cadre() -> tuple[Select[Any], Select[int]]:
    """Who a cadre is, and what the cadre chairs."""
    cadre, asked = table_of(Cadre), bindparam("cadre", type_=Integer())
    columns = (
        cadre.c.id, cadre.c.code, cadre.c.name, cadre.c.organization_id, cadre.c.left_on
    )  # fmt: skip
    return (
        select(*columns).where(cadre.c.id == asked),
        select(_ORGANIZATION.c.id).where(_ORGANIZATION.c.chair_id == asked),
    )


def _asked_of_account() -> tuple[Select[Any], Select[int | None], Select[bool]]:
    """Roles with where they hold, districts, and whether the account is a deputy on a day."""
    grant, role, deputy = table_of(Grant), table_of(Role), table_of(Deputy)
    asked, day = bindparam("account", type_=Integer()), bindparam("day", type_=Date())
    named = exists().where(
        deputy.c.account_id == asked,
        deputy.c.ended_on.is_(None),
        deputy.c.first_day <= day,
        deputy.c.last_day >= day,
    )
    return (
        select(role.c.name, _ORGANIZATION.c.id, _ORGANIZATION.c.kind)
        .select_from(grant.join(role).outerjoin(_ORGANIZATION))
        .where(grant.c.account_id == asked),
        select(_ORGANIZATION.c.district_id)
        .join(grant, grant.c.organization_id == _ORGANIZATION.c.id)
        .where(grant.c.account_id == asked),
        select(named),
    )


# Made once: a request that writes asks them all, and to make them takes longer.
_CADRE, _CHAIRED = _asked_of_cadre()
_GRANTS, _DISTRICTS, _STANDS_IN = _asked_of_account()
