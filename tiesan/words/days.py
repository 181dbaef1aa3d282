"""A day in words, as one says it who looks at the calendar: 11月28日 星期六 休息日."""

from datetime import date

from flask_babel import format_date

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.i18n import CHINESE, _, current_language

_FIRST_OF_WEEKEND = 5


def is_weekend(day: date) -> bool:
    """Whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _FIRST_OF_WEEKEND


def sort_of_day(calendar: WorkingCalendar, day: date) -> str:
    """Return what a day is by the calendar, in words."""
    working = calendar.is_working_day(day)
    if is_weekend(day):
        return _("make-up working day") if working else _("day off")
    return _("working day") if working else _("public holiday")


def day_with_weekday(day: date, *, year: bool = True) -> str:
    """Return a day with its weekday: 2026年11月28日 星期六, or without the year."""
    if current_language() == CHINESE:
        pattern = "y年M月d日 EEEE" if year else "M月d日 EEEE"
    else:
        pattern = "EEEE, MMM d, y" if year else "EEEE, MMM d"
    return str(format_date(day, pattern))


def day_in_words(calendar: WorkingCalendar, day: date, today: date) -> str:
    """Return a day with its weekday and what it is; with its year where that is not this one."""
    said = day_with_weekday(day, year=day.year != today.year)
    return f"{said} {sort_of_day(calendar, day)}"
