"""The colour of a notice that waits for an answer: blue, yellow when it is urgent, red when late.

Pure functions of dates and the calendar of working days.
"""

from datetime import date
from enum import StrEnum

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.flags.follow_up import NoticeState
from tiesan.i18n import _l

WORKING_DAYS_URGENT = 3
UNANSWERED = frozenset({NoticeState.ISSUED, NoticeState.RECEIVED, NoticeState.RETURNED})


class Colour(StrEnum):
    """How much time is left."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


COLOUR_WORDS = {
    Colour.BLUE: _l("In time (blue)"),
    Colour.YELLOW: _l("Due soon (yellow)"),
    Colour.RED: _l("Overdue (red)"),
}


def colour_of(state: str, due_on: date, day: date, calendar: WorkingCalendar) -> Colour | None:
    """Return the colour of a notice on a day; None once it was answered, or is revoked."""
    return colour(due_on, day, calendar) if state in UNANSWERED else None


def colour(due_on: date, day: date, calendar: WorkingCalendar) -> Colour:
    """Return blue, yellow from the third working day before the deadline, red after it."""
    if day > due_on:
        return Colour.RED
    return Colour.YELLOW if due_on <= last_urgent(day, calendar) else Colour.BLUE


def last_urgent(day: date, calendar: WorkingCalendar) -> date:
    """Return the latest deadline of which the third working day before it has come by a day.

    The deadline itself is none of the three, so that it is the third working day after the day.
    """
    return calendar.after(day, WORKING_DAYS_URGENT)
