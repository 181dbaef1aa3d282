"""How far each district has been judged: since when nothing was, and whose stored day is to come.

Source: institutions.md, "The day that is still running": the daily evaluation keeps the last day
that a district was judged whole at yesterday. Where it does not, what was not done is held against
nobody there, and that has to be said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.clock import SHANGHAI
from tiesan.flags.models import DistrictState
from tiesan.people.models import Organization, OrganizationKind
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions

_ONE_DAY = timedelta(days=1)
_RUNNING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A district with the last day that was judged whole (None: none was).

    ``unjudged_since`` is the first day that should have been judged and was not; None when no
    working day is among those that are missing. ``is_ahead`` says that the stored day lies in the
    future.
    """

    district_id: int
    code: str
    name: str
    judged_until: date | None
    unjudged_since: date | None
    is_ahead: bool


def standings(
    session: Session,
    today: date,
    only: Iterable[int] | None = None,
    *,
    due: date | None = None,
) -> list[Standing]:
    """How every district (or ``only`` those ids) stands on a day, by code.

    All days before ``due`` should have been judged, by default all before ``today``.
    """
    place, state = table_of(Organization), table_of(DistrictState)
    statement = (
        select(
            place.c.id, place.c.code, place.c.name, place.c.tracked_from, state.c.evaluated_as_of
        )
        .outerjoin(state, state.c.district_id == place.c.id)
        .where(place.c.kind == OrganizationKind.DISTRICT.value, place.c.voided_at.is_(None))
        .order_by(place.c.code)
    )
    if only is not None:
        statement = statement.where(place.c.id.in_(sorted(only)))
    calendar = WorkingCalendar(read_exceptions(session))
    return [
        Standing(
            row_id,
            code,
            name,
            judged,
            _unjudged_since(
                calendar, tracked if judged is None else judged + _ONE_DAY, due or today
            ),
            judged is not None and judged > today,
        )
        for row_id, code, name, tracked, judged in session.execute(statement)
    ]


def last_chance(moment: datetime, daily: time) -> datetime:
    """The last moment by a time when the daily evaluation, done at a time of the day, was due.

    It has an hour: whoever looks while it runs is not told that it did not.
    """
    there = moment.astimezone(SHANGHAI)
    chance = datetime.combine(there.date(), daily, SHANGHAI)
    return chance if chance + _RUNNING <= there else chance - _ONE_DAY


def _unjudged_since(calendar: WorkingCalendar, first: date | None, due: date) -> date | None:
    """The first of the days before one that were not judged, if one of them is a working day."""
    last = due - _ONE_DAY
    if first is None or first > last:
        return None
    return first if calendar.count(first, last) > 0 else None
