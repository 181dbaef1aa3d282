"""The working days of mainland China, make-up days included, with an administrator's exceptions.

Source: institutions.md, "Working day": the official calendar as the pinned package ``holidays``
has it (country CN, default category), corrected by calendar exceptions.
"""

from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import holidays

# The years for which the package has the statutory holidays; beyond them only weekends are off.
FIRST_YEAR = 1950
LAST_YEAR = 2100
_SATURDAY = 5


@lru_cache(maxsize=256)
def _official_days_off(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Holidays and make-up working days of one year, as the package has them."""
    calendar = holidays.country_holidays("CN", years=year, expand=False)
    return (
        frozenset(day for day in calendar if day.year == year),
        frozenset(day for day in calendar.weekend_workdays if day.year == year),
    )


def officially_announced(year: int) -> bool:
    """Whether the package knows the make-up working days of ``year``.

    For a year that is not announced yet the package gives the statutory days without make-up
    days and without a warning, so the interface has to say so.
    """
    return bool(_official_days_off(year)[1])


def is_official_working_day(day: date) -> bool:
    """Whether ``day`` is worked by the official calendar, before any exception."""
    days_off, make_up_days = _official_days_off(day.year)
    if day in make_up_days:
        return True
    return day.weekday() < _SATURDAY and day not in days_off


class WorkingCalendar:
    """The working days as they hold for the whole installation.

    ``exceptions`` says of single days whether they are worked (True) or off (False).
    Years are read when first asked for; the calendar never changes afterwards.
    """

    def __init__(self, exceptions: Mapping[date, bool] | None = None) -> None:
        """Take the exceptions to the official calendar."""
        self._exceptions = dict(exceptions or {})
        self._of_year: dict[int, list[date]] = {}
        self._of_years: dict[tuple[int, int], int] = {}
        self._set_of_year: dict[int, frozenset[date]] = {}

    def of_year(self, year: int) -> list[date]:
        """The working days of a year in order (not to be changed by the caller)."""
        if year not in self._of_year:
            self._read(year)
        return self._of_year[year]

    def _read(self, year: int) -> None:
        day, end = date(year, 1, 1), date(year, 12, 31)
        days = []
        for offset in range((end - day).days + 1):
            each = day + timedelta(days=offset)
            if self._exceptions.get(each, is_official_working_day(each)):
                days.append(each)
        self._of_year[year] = days
        self._set_of_year[year] = frozenset(days)

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is a working day."""
        if day.year not in self._set_of_year:
            self._read(day.year)
        return day in self._set_of_year[day.year]

    def between(self, first: date, last: date) -> list[date]:
        """The working days from ``first`` to ``last``, both included."""
        days: list[date] = []
        for year in range(first.year, last.year + 1):
            of_year = self.of_year(year)
            start = bisect_left(of_year, first) if year == first.year else 0
            stop = bisect_right(of_year, last) if year == last.year else len(of_year)
            days.extend(of_year[start:stop])
        return days

    def count(self, first: date, last: date) -> int:
        """How many working days lie from ``first`` to ``last``, both included; 0 if none do."""
        if last < first:
            return 0
        start = bisect_left(self.of_year(first.year), first)
        end = bisect_right(self.of_year(last.year), last)
        return self._in_years(first.year, last.year) - start + end

    def _in_years(self, first: int, last: int) -> int:
        """How many working days the years from ``first`` on have, that of ``last`` left out."""
        if (first, last) not in self._of_years:
            days = sum(map(self._in_year, range(first, last)))
            self._of_years[first, last] = days
        return self._of_years[first, last]

    def _in_year(self, year: int) -> int:
        """How many working days a year has; without reading one of which only weekends are off."""
        if FIRST_YEAR <= year <= LAST_YEAR:
            return len(self.of_year(year))
        first, number = date(year, 1, 1).weekday(), 366 if isleap(year) else 365
        weekdays = sum(1 for offset in range(number % 7) if (first + offset) % 7 < _SATURDAY)
        corrected = sum(
            works - (day.weekday() < _SATURDAY)
            for day, works in self._exceptions.items()
            if day.year == year
        )
        return number // 7 * _SATURDAY + weekdays + corrected

    def after(self, day: date, number: int) -> date:
        """The ``number``-th working day strictly after ``day``; ``number`` >= 1.

        Beyond the last representable year the answer is ``date.max``: such a deadline never comes.
        """
        if number < 1:
            message = f"the number of working days must be at least 1, not {number}"
            raise ValueError(message)
        if number > (date.max - day).days:
            return date.max
        year, left = day.year, number
        position = bisect_right(self.of_year(year), day)
        while True:
            of_year = self.of_year(year)
            if position + left <= len(of_year):
                return of_year[position + left - 1]
            if year == date.max.year:
                return date.max
            left -= len(of_year) - position
            year, position = year + 1, 0
