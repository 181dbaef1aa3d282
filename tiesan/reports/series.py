"""Spans that follow each other, as trends and duties are told, and as one chooses among them."""

from datetime import date

from tiesan.calendar.periods import Every
from tiesan.reports.spans import Span


def spans_until(every: Every, day: date, number: int) -> list[Span]:
    """Return so many spans of a length in order, the last one that in which a day lies."""
    found = [Span.holding(every, day)]
    while len(found) < number:
        found.append(found[-1].before)
    return found[::-1]
