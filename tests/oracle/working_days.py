"""Days, periods and deadlines, counted one day at a time.

A deadline beyond the last day that can be written never comes: it is that last day.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import holidays

ONE_DAY = timedelta(days=1)
SATURDAY = 5
DECEMBER = 12


class Calendar:
    """Which days are working days.

    "Working day: the official calendar of mainland China, make-up working days included, as the
    package `holidays` (`CN`, default category) has it, corrected by the administrator's own
    calendar exceptions."
    """

    def __init__(self, exceptions: Mapping[date, bool]) -> None:
        """``exceptions``: whether the day is a working day, for the days the administrator set."""
        self._exceptions = exceptions
        self._china = holidays.country_holidays("CN")

    def works(self, each: date) -> bool:
        """Whether a day is a working day."""
        if each in self._exceptions:
            return self._exceptions[each]
        if each in self._china:
            return False
        return each.weekday() < SATURDAY or each in self._china.weekend_workdays

    def nth_after(self, start: date, number: int) -> date:
        """“The N-th working day strictly after X”."""
        each = start
        while number > 0 and each < date.max:
            each += ONE_DAY
            if self.works(each):
                number -= 1
        return each


class Period(NamedTuple):
    """A calendar month, quarter, year or ISO week, or one day."""

    label: str
    first: date
    last: date


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    yield from map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def end_of_month(each: date) -> date:
    """The last day of the month that a day is in."""
    while each < date.max and (each + ONE_DAY).month == each.month:
        each += ONE_DAY
    return each


def months(first: date, last: date) -> Iterator[Period]:
    """The months that begin and end within the days given; label `2026-10`."""
    for each in days(first, last):
        if each.day == 1 and end_of_month(each) <= last:
            yield Period(f"{each:%Y-%m}", each, end_of_month(each))


def quarters(first: date, last: date) -> Iterator[Period]:
    """The quarters that begin and end within the days given; label `2026-Q4`."""
    for each in days(first, last):
        if each.day == 1 and each.month in {1, 4, 7, 10}:
            end = end_of_month(date(each.year, each.month + 2, 1))
            if end <= last:
                yield Period(f"{each.year}-Q{(each.month + 2) // 3}", each, end)


def weeks(first: date, last: date) -> Iterator[Period]:
    """The ISO weeks, Monday to Sunday, within the days given; label `2026-W41` (ISO year)."""
    for each in days(first, last):
        end = each + timedelta(days=6)
        if each.weekday() == 0 and end <= last:
            year, week, _day = each.isocalendar()
            yield Period(f"{year}-W{week:02d}", each, end)


def years(first: date, last: date) -> Iterator[Period]:
    """The calendar years that begin and end within the days given; label `2026`."""
    for each in days(first, last):
        end = date(each.year, DECEMBER, 31)
        if (each.month, each.day) == (1, 1) and end <= last:
            yield Period(str(each.year), each, end)


def plus_days(start: date, number: int) -> date:
    """“N days after X is X + N calendar days”."""
    return start + timedelta(days=min(number, (date.max - start).days))


def plus_months(start: date, number: int) -> date:
    """“A date plus N months keeps the day, or takes the month's last day”."""
    year, month = start.year, start.month
    for _each in range(number):
        year, month = (year + 1, 1) if month == DECEMBER else (year, month + 1)
        if year > date.max.year:
            return date.max
    last = end_of_month(date(year, month, 1))
    return date(year, month, min(start.day, last.day))
