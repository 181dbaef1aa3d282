"""Telling whom flags concern that they were raised, or cleared because something was corrected.

An evaluation may raise tens of thousands at once, so that notifications are made from the flags
inside the database: a statement for some hundred flags, whoever they concern. Nobody is told of a
confidential one, nor of one that a standing waiver covers in the moment in which it is raised.

Source: the page on what leaves the house, "Notices".
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Insert,
    Select,
    String,
    bindparam,
    case,
    cast,
    insert,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from tiesan.extensions import Instant
from tiesan.flags.models import Flag
from tiesan.people.models import Account, Organization
from tiesan.people.notifications import Notification
from tiesan.records.kinds import table_of
from tiesan.rules import FLAG, Review, Severity

FLAG_RAISED = "flag raised"
MAJOR_RAISED = "major flag raised"
FLAG_CLEARED = "flag cleared"
# Databases limit the number of values in one statement.
_AT_ONCE = 500
_FLAG, _ACCOUNT, _PLACE = table_of(Flag), table_of(Account), table_of(Organization)
_NOTIFICATION = table_of(Notification)
_COLUMNS = ("account_id", "at", "kind", "row_kind", "row_id", "details")
_RAISED = case((_FLAG.c.severity == Severity.MAJOR.value, MAJOR_RAISED), else_=FLAG_RAISED)
_CLEARED = literal(FLAG_CLEARED)


def tell_of_flags(
    session: Session, raised: Sequence[int], cleared: Sequence[int], now: datetime
) -> None:
    """Tell whom these flags concern, by their ids: the cadre, or who chairs the organization.

    The caller commits. Who cannot sign in is told nothing.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    for is_raised, ids in ((True, sorted(raised)), (False, sorted(cleared))):
        for start in range(0, len(ids), _AT_ONCE):
            given = {"ids": ids[start : start + _AT_ONCE], "now": now}
            connection.execute(_telling(dialect, is_raised=is_raised), given)


@cache
def _telling(dialect: str, *, is_raised: bool) -> Insert:
    """The statement for the flags of ``ids`` at the moment ``now``; made once for each database."""
    kind = _RAISED if is_raised else _CLEARED
    of_cadre = _rows(dialect, kind, _ACCOUNT.c.cadre_id == _FLAG.c.cadre_id)
    of_chair = _rows(dialect, kind, _ACCOUNT.c.cadre_id == _PLACE.c.chair_id)
    return insert(_NOTIFICATION).from_select(_COLUMNS, union_all(of_cadre, of_chair))


def _rows(dialect: str, kind: ColumnElement[str], concerned: ColumnElement[bool]) -> Select[Any]:
    """The values of notifications about flags of ``ids``, one for each that may be told."""
    place = _FLAG.outerjoin(_PLACE, _PLACE.c.id == _FLAG.c.organization_id)
    ids: Any = bindparam("ids", expanding=True)
    return (
        select(
            _ACCOUNT.c.id,
            bindparam("now", type_=Instant),
            kind,
            literal(FLAG.name),
            _FLAG.c.id,
            _details(dialect),
        )
        .select_from(place.join(_ACCOUNT, concerned))
        .where(
            _FLAG.c.id.in_(ids),
            ~_FLAG.c.confidential,
            _FLAG.c.review != Review.WAIVED.value,
            _ACCOUNT.c.active,
        )
    )


def _details(dialect: str) -> ColumnElement[Any]:
    """Rule and day as plain JSON: neither has anything in it that would have to be quoted."""
    day = cast(_FLAG.c.occurred_on, String)
    written = literal('{"rule": "') + _FLAG.c.rule + literal('", "day": "') + day + literal('"}')
    return cast(written, JSON) if dialect == "postgresql" else type_coerce(written, JSON)
