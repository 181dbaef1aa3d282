"""Deadlines: a date plus calendar days, working days or months.

Source: institutions.md, "A deadline 'N working days after X' …" and the readings of
``asset_not_counted`` (a date plus N months keeps the day, or takes the month's last day).
A deadline that lies beyond the representable dates is ``date.max``: it never comes.
"""

from calendar import monthrange
from datetime import date, timedelta

_MONTHS = 12


def add_days(day: date, number: int) -> date:
    """``day`` plus ``number`` calendar days (``number`` >= 0)."""
    try:
        return day + timedelta(days=number)
    except OverflowError:
        return date.max


def day_before(day: date) -> date:
    """The day before; the first representable one has none and stays."""
    return day if day == date.min else day - timedelta(days=1)


def add_months(day: date, number: int) -> date:
    """``day`` plus ``number`` calendar months, the day kept or cut to the month's last day."""
    months = day.year * _MONTHS + day.month - 1 + number
    year, month = divmod(months, _MONTHS)
    if year > date.max.year:
        return date.max
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def end_of_year(day: date) -> date:
    """December 31 of the year of ``day``."""
    return date(day.year, 12, 31)
