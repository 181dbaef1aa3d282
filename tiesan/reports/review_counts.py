"""The punctuality of reviews: of the flags raised in a span, how many were decided in time.

In time is within ten working days after the day as of which a flag was raised. One that waits for
less than that is not counted yet; what a standing waiver covered, nobody had to decide.
"""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Select, Subquery, func, select
from sqlalchemy.orm import Session

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.flags.models import Flag, FlagEvent
from tiesan.flags.waiving import COVERED
from tiesan.records.kinds import table_of
from tiesan.records.settings import read_exceptions
from tiesan.reports.asked import Asked, Counted
from tiesan.reports.flag_counts import PLACE, holding_by, ids_of_flags, of_places
from tiesan.rules import FLAG, Review

IN_TIME = "reviews:in_time"
WORKING_DAYS = 10
# The day by which a flag counts here.
_RAISED = "raised_as_of"
_EVENT = table_of(FlagEvent)
_DECISIONS = (Review.CONFIRMED.value, Review.DISMISSED.value, Review.WAIVED.value)


def count_reviews(session: Session, asked: Asked) -> Iterator[Counted]:
    """Yield each flag that was to be decided, and whether it was in time."""
    decided, holding = _first_decisions(asked), holding_by(asked, by=_RAISED)
    statement = (
        of_places(asked, Flag.id, PLACE, Flag.raised_as_of, decided.c.day, holding.c.verb)
        .outerjoin(decided, decided.c.flag_id == Flag.id)
        .outerjoin(holding, holding.c.flag_id == Flag.id)
        .where(
            Flag.raised_as_of >= asked.span.first_day,
            Flag.raised_as_of <= asked.last_day,
            Flag.id.not_in(_covered(asked)),
        )
        .order_by(Flag.id)
    )
    ends = _Ends(WorkingCalendar(read_exceptions(session)))
    for flag_id, place, raised, day, verb in session.execute(statement):
        in_time = _in_time(ends[raised], day, asked.as_of, holds=verb != "cleared")
        if in_time is not None:
            told = asked.places.told_under[place]
            yield Counted(IN_TIME, told, (FLAG.name, flag_id), int(in_time), 1)


def _in_time(end: date, decided: date | None, as_of: date, *, holds: bool) -> bool | None:
    """Whether a flag was decided in time; None where that is not known yet, or not asked."""
    if decided is not None:
        return decided <= end
    return False if holds and end < as_of else None


class _Ends(dict[date, date]):
    """The last day on which a flag is decided in time, by the day as of which it was raised."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        super().__init__()
        self._calendar = calendar

    def __missing__(self, raised: date) -> date:
        end = self[raised] = self._calendar.after(raised, WORKING_DAYS)
        return end


def _first_decisions(asked: Asked) -> Subquery:
    """The day of the first decision of each flag by a person, if there was one by the day."""
    known = (
        _EVENT.c.to_state.in_(_DECISIONS),
        _EVENT.c.verb != COVERED,
        _EVENT.c.on <= asked.as_of,
        _EVENT.c.flag_id.in_(ids_of_flags(asked, _RAISED)),
    )
    first = func.min(_EVENT.c.on).label("day")
    return select(_EVENT.c.flag_id, first).where(*known).group_by(_EVENT.c.flag_id).subquery()


def _covered(asked: Asked) -> Select[int]:
    """The flags that a standing waiver covered by the day."""
    known = (_EVENT.c.verb == COVERED, _EVENT.c.on <= asked.as_of)
    of_them = _EVENT.c.flag_id.in_(ids_of_flags(asked, _RAISED))
    return select(_EVENT.c.flag_id).where(*known, of_them)
