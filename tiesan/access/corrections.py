"""Who asks for a record to be corrected, who corrects it then, and who sees the request.

Source: the page on requests, "This is wrong": supervisors who reach the record; nobody grants their
own, and nobody corrects what a flag of their own rests on.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_

from tiesan.access.policies import (
    Day,
    Id,
    concerned,
    has_role,
    organization_of_cadre,
    there_is,
)
from tiesan.flags.models import EvidenceLink, Flag
from tiesan.people.models import RoleName
from tiesan.records.kinds import table_of


def asks_correction(row: Any, who: Id, day: Day) -> ColumnElement[bool]:  # noqa: ARG001 - a policy
    """Who asks for it."""
    found: ColumnElement[bool] = row.account_id == who
    return found


def may_correct(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """A supervisor who reaches the record, about whom neither it nor a flag on it is."""
    return and_(
        ~asks_correction(row, who, day),
        has_role(RoleName.SUPERVISOR, _place(row), who),
        ~concerned(row.cadre_id, row.organization_id, who),
        ~_rests_on_own_flag(row, who),
    )


def sees_correction(row: Any, who: Id, day: Day) -> ColumnElement[bool]:
    """Who asks for it, the supervisors who reach the record, and who administers the place."""
    overseeing = (RoleName.SUPERVISOR, RoleName.ADMINISTRATOR)
    return or_(
        asks_correction(row, who, day),
        *(has_role(role, _place(row), who) for role in overseeing),
    )


def _place(row: Any) -> Id:
    return case(
        (row.organization_id.is_not(None), row.organization_id),
        else_=organization_of_cadre(row.cadre_id),
    )


def _rests_on_own_flag(row: Any, who: Id) -> ColumnElement[bool]:
    """An active flag about this account rests on the record; confidential ones bar nobody."""
    flag, link = table_of(Flag).alias(), table_of(EvidenceLink).alias()
    return there_is(
        flag,
        link,
        where=and_(
            link.c.kind == row.kind,
            link.c.row_id == row.row_id,
            link.c.present,
            flag.c.id == link.c.flag_id,
            flag.c.active,
            ~flag.c.confidential,
            concerned(flag.c.cadre_id, flag.c.organization_id, who),
        ),
    )
