"""Calendar periods: working day, ISO week, month, quarter, year, and their labels.

Source: institutions.md, "Time" (month, quarter, year: calendar ones; week: ISO, Monday to Sunday)
and "Period labels".
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tiesan.calendar.deadlines import add_days


class Every(StrEnum):
    """How often something is owed or counted."""

    WORKING_DAY = "working_day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both ends included, and the label that names it."""

    first_day: date
    last_day: date
    label: str


def day_period(day: date) -> Period:
    """The period of a single day, labelled ``2026-10-09``."""
    return Period(day, day, day.isoformat())


def week_period(day: date) -> Period:
    """The ISO week that holds ``day``, labelled ``2026-W41`` by ISO year and week.

    The last representable week is cut at ``date.max``.
    """
    first = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return Period(first, add_days(first, 6), f"{year:04d}-W{week:02d}")


def month_period(day: date) -> Period:
    """The calendar month that holds ``day``, labelled ``2026-10``."""
    last = monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), f"{day.year:04d}-{day.month:02d}")


def quarter_number(day: date) -> int:
    """The quarter of ``day``, 1 to 4."""
    return (day.month + 2) // 3


def quarter_period(day: date) -> Period:
    """The calendar quarter that holds ``day``, labelled ``2026-Q4``."""
    quarter = quarter_number(day)
    first = date(day.year, 3 * quarter - 2, 1)
    last_month = 3 * quarter
    last = date(day.year, last_month, monthrange(day.year, last_month)[1])
    return Period(first, last, f"{day.year:04d}-Q{quarter}")


def half_year_number(day: date) -> int:
    """The half of the year of ``day``, 1 or 2."""
    return (day.month + 5) // 6


def half_year_period(day: date) -> Period:
    """The half of the calendar year that holds ``day``, labelled ``2026-H2``."""
    half = half_year_number(day)
    first, last = ((1, 1), (6, 30)) if half == 1 else ((7, 1), (12, 31))
    return Period(date(day.year, *first), date(day.year, *last), f"{day.year:04d}-H{half}")


def year_period(day: date) -> Period:
    """The calendar year that holds ``day``, labelled ``2026``."""
    return Period(date(day.year, 1, 1), date(day.year, 12, 31), f"{day.year:04d}")


_PERIOD_OF = {
    Every.WORKING_DAY: day_period,
    Every.WEEK: week_period,
    Every.MONTH: month_period,
    Every.QUARTER: quarter_period,
    Every.HALF_YEAR: half_year_period,
    Every.YEAR: year_period,
}
# How many months the parts of a year have, by the letters of their labels.
_MONTHS = {"Q": 3, "H": 6}


def period_of(every: Every, day: date) -> Period:
    """The period of that length that holds ``day``."""
    return _PERIOD_OF[every](day)


def day_named(label: str) -> date:
    """A day of the period that a label names; ValueError for what is no label."""
    year, _dash, part = label.partition("-")
    if not part:
        return date(int(year), 1, 1)
    kind, number = part[0], part[1:]
    if kind == "W":
        return date.fromisocalendar(int(year), int(number), 1)
    if kind in _MONTHS:
        months = _MONTHS[kind]
        return date(int(year), months * (int(number) - 1) + 1, 1)
    return date.fromisoformat(f"{label}-01" if part.isdigit() else label)


def periods_from(every: Every, start: date, until: date) -> Iterator[Period]:
    """Every period that begins on or after ``start`` and on or before ``until``, in order.

    A single day counts as the period of ``working_day``; whether it is a working day is for the
    calendar to say.
    """
    period = period_of(every, start)
    while period.first_day <= until:
        if period.first_day >= start:
            yield period
        if period.last_day == date.max:
            return
        period = period_of(every, period.last_day + timedelta(days=1))
