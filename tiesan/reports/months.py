"""The months up to one, as trends and duties are told."""

from datetime import date

from tiesan.calendar.periods import Every
from tiesan.reports.spans import Span


def months_until(day: date, number: int) -> list[Span]:
    """Return so many months, the last one that in which a day lies."""
    found = [Span.holding(Every.MONTH, day)]
    while len(found) < number:
        found.append(found[-1].before)
    return found[::-1]
