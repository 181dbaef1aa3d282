"""Whether those who were told of something may still see what it is about: policies by kind of row.

What a person may no longer see is neither shown to them nor sent. It is asked of many notifications
at once, of any number of readers: one statement for each kind of row among them.

Source: the page on what leaves the house, "Notices".
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from tiesan.access.corrections import sees_correction
from tiesan.access.criterion import SEES_FLAG, SEES_NOTICE
from tiesan.access.policies import (
    Day,
    Id,
    Policy,
    chairs,
    committee_of,
    has_role,
    is_active,
    reader_of,
    stands_for,
    superior_of,
    there_is,
)
from tiesan.access.waivers import sees_waiver
from tiesan.extensions import Base
from tiesan.flags.catalog import Catalog
from tiesan.flags.follow_up import NOTICE, Notice
from tiesan.flags.models import Flag
from tiesan.flags.waivers import Waiver
from tiesan.people.models import Cadre, Grant, Organization, Role, RoleName
from tiesan.people.notifications import INSTALLATION, Notification
from tiesan.records.corrections import CORRECTION, CorrectionRequest
from tiesan.records.kinds import record_kind, table_of
from tiesan.rules import FLAG

_NOTE = table_of(Notification)
_DAY: ColumnElement[date] = bindparam("day", type_=Date)
_AT_ONCE = 500
_OVERSEEING = (RoleName.SUPERVISOR, RoleName.AUDIT_COMMITTEE, RoleName.ADMINISTRATOR)


def sees_organization(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001
    """Who chairs an organization, looks after it or administers it."""
    return or_(chairs(row.id, who), *(has_role(role, row.id, who) for role in _OVERSEEING))


def sees_cadre(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """The cadre, every superior, and the audit committee of the district."""
    return or_(stands_for(row.id, who), superior_of(row.id, who), committee_of(row.id, who))


class Seeing:
    """Asks which notifications their readers may see; made once for an installation's rules."""

    def __init__(
        self,
        catalog: Catalog,
        committee_rules: Collection[str],
        courses: Iterable[tuple[str, type[Base], Policy]],
    ) -> None:
        """Take the installation, the rules about money, and who sees the rows of which course.

        Of a course are given the kind of its rows, their class and the policy.
        """
        self._catalog = catalog
        self._committee_rules = sorted(committee_rules)
        self._courses = {kind: (model, policy) for kind, model, policy in courses}

    @cached_property
    def _policies(self) -> Mapping[str, tuple[type[Base], Policy]]:
        """Who sees the rows of each kind; of a kind that is not here nobody sees any."""
        found: dict[str, tuple[type[Base], Policy]] = {
            FLAG.name: (Flag, SEES_FLAG),
            NOTICE: (Notice, SEES_NOTICE),
            "waiver": (Waiver, sees_waiver),
            CORRECTION: (CorrectionRequest, sees_correction),
            "organization": (Organization, sees_organization),
            "cadre": (Cadre, sees_cadre),
        }
        for model in self._catalog.plugins.records:
            # Of what is confidential only a course of its own says who may know that it is there.
            if not model.policy.confidential:
                policy = reader_of(model, model.policy.access)
                found[record_kind(model).name] = (model, policy)
        return found | self._courses

    @cached_property
    def _statements(self) -> Mapping[str, Select[Any]]:
        """By kind of row, the notifications of some ``ids`` whose readers may see the row."""
        return {INSTALLATION[0]: _of_installation()} | {
            kind: _of_rows(*policy) for kind, policy in self._policies.items()
        }

    def visible(
        self, session: Session, notifications: Iterable[tuple[int, str | None]], day: date
    ) -> frozenset[int]:
        """Return those of some notifications, by their ids, whose readers may see them on a day.

        Of each is given the kind of the row that it is about, None where it is about none.
        """
        by_kind: dict[str | None, list[int]] = {}
        for row_id, kind in notifications:
            by_kind.setdefault(kind, []).append(row_id)
        found = set(by_kind.pop(None, []))
        session.flush()
        for kind, ids in by_kind.items():
            statement = self._statements.get(str(kind))
            if statement is None:
                continue
            for start in range(0, len(ids), _AT_ONCE):
                some = {"ids": ids[start : start + _AT_ONCE], "day": day, **self._further(kind)}
                found.update(session.connection().scalars(statement, some))
        return frozenset(found)

    def _further(self, kind: str | None) -> Mapping[str, Any]:
        of_flags = kind in {FLAG.name, NOTICE}
        return {"committee_rules": self._committee_rules} if of_flags else {}


def _of_rows(model: type[Base], policy: Policy) -> Select[Any]:
    row: Any = aliased(model)
    sees = and_(row.id == _NOTE.c.row_id, policy(row, _NOTE.c.account_id, _DAY))
    # Only of this kind are they asked for; to say so once more, SQLite would find them all by it.
    return _ids().where(there_is(row, where=sees))


def _of_installation() -> Select[Any]:
    """What holds everywhere is for who looks after any place."""
    grant, role = table_of(Grant).alias(), table_of(Role).alias()
    named = [each.value for each in _OVERSEEING]
    looks_after = and_(
        grant.c.account_id == _NOTE.c.account_id,
        role.c.id == grant.c.role_id,
        role.c.name.in_(named),
    )
    return _ids().where(there_is(grant, role, where=looks_after))


def _ids() -> Select[Any]:
    ids: Any = bindparam("ids", expanding=True)
    return select(_NOTE.c.id).where(_NOTE.c.id.in_(ids), is_active(_NOTE.c.account_id))
