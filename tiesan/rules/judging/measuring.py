"""Lengths measured: how many days lie between two dates of a record, in half days."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeAlias

from tiesan.calendar.working_days import WorkingCalendar
from tiesan.facts.kinds import Fact
from tiesan.rules.lengths import FROM_NOON, UNTIL_NOON, Length
from tiesan.rules.tree import Path, Unit

Getter: TypeAlias = Callable[[Fact], Any]


def length_getter(
    length: Length, getter: Callable[[Path], Getter], calendar: WorkingCalendar
) -> Getter:
    """The function from a fact to the half days of a length; None where a date is blank.

    ``getter`` gives the function that reads a path of the fact.
    """
    start, end = map(getter, length.span)
    halves = _halves(length, getter)
    count, counted = _counting(length.unit, calendar)

    def half_days(fact: Fact) -> int | None:
        first, last = start(fact), end(fact)
        if first is None or last is None:
            return None
        if last < first:
            return 0
        from_noon, until_noon = halves(fact)
        lost = (from_noon and counted(first)) + (until_noon and counted(last))
        return 2 * count(first, last) - lost

    return half_days


def _halves(
    length: Length, getter: Callable[[Path], Getter]
) -> Callable[[Fact], tuple[bool, bool]]:
    """Whether the first day begins at noon, and whether the last one ends there."""
    if length.halves is None:
        return lambda _fact: (False, False)
    first, last = map(getter, length.halves)
    return lambda fact: (first(fact) == FROM_NOON, last(fact) == UNTIL_NOON)


def _counting(
    unit: Unit, calendar: WorkingCalendar
) -> tuple[Callable[[date, date], int], Callable[[date], bool]]:
    """How many days of a span count, and whether a single day does."""
    if unit is Unit.WORKING_DAYS:
        return calendar.count, calendar.is_working_day
    return lambda first, last: (last - first).days + 1, lambda _day: True
