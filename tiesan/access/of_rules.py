"""Who writes and publishes rules: policies of the course of a version.

Rules hold for the whole installation, and so must the role of whoever changes them. A version is
published by another administrator than its author; by the author only where there is no other.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from tiesan.access.policies import Day, Id, acts, there_is
from tiesan.people.models import Account, Grant, Role, RoleName
from tiesan.records.kinds import table_of


def administers_everything(who: Id) -> ColumnElement[bool]:
    """An account that is an administrator of the whole installation."""
    grant, role = table_of(Grant).alias(), table_of(Role).alias()
    is_it = and_(role.c.id == grant.c.role_id, role.c.name == RoleName.ADMINISTRATOR.value)
    whole = and_(grant.c.account_id == who, grant.c.organization_id.is_(None))
    return there_is(grant, role, where=and_(whole, is_it))


def writes_rules(version: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Administrators of the whole installation."""
    return administers_everything(who)


def approves_version(version: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """Another administrator of the whole installation than the author."""
    another = or_(version.author_id.is_(None), version.author_id != who)
    return and_(administers_everything(who), another)


def publishes_alone(version: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """The author, where nobody else administers the whole installation and can act."""
    other = table_of(Account).alias()
    others = and_(other.c.id != who, administers_everything(other.c.id), acts(other.c.id, day))
    alone = and_(version.author_id == who, ~there_is(other, where=others))
    return and_(administers_everything(who), alone)
