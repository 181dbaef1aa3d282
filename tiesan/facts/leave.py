"""Which mornings and afternoons of a cadre are covered by approved leave.

Source: institutions.md, "Approved leave". A leave of kind ``official`` (公出) is an *outing*: it
excuses from attendance but from nothing else, so every question says whether outings count.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LeaveSpan:
    """An approved leave: from a morning or afternoon to a morning or afternoon, both included."""

    cadre: str
    first_day: date
    last_day: date
    begins_afternoon: bool = False
    ends_morning: bool = False
    outing: bool = False


class LeaveCover:
    """The halves of days that approved leave covers, by cadre.

    Spans may overlap; a day is wholly covered when both of its halves are, be it by two leaves.
    """

    def __init__(self, spans: Iterable[LeaveSpan], first: date, last: date) -> None:
        """Take the spans; halves outside ``first`` to ``last`` are never asked for."""
        self._halves: dict[tuple[str, bool], set[tuple[date, bool]]] = defaultdict(set)
        for span in spans:
            self._add(span, first, last)

    def _add(self, span: LeaveSpan, first: date, last: date) -> None:
        kinds = (True,) if span.outing else (True, False)
        begin, end = max(span.first_day, first), min(span.last_day, last)
        # By ordinals, because there is no day after the last representable one.
        for day in map(date.fromordinal, range(begin.toordinal(), end.toordinal() + 1)):
            morning = not (span.begins_afternoon and day == span.first_day)
            afternoon = not (span.ends_morning and day == span.last_day)
            for outings in kinds:
                halves = self._halves[span.cadre, outings]
                if morning:
                    halves.add((day, False))
                if afternoon:
                    halves.add((day, True))

    def morning(self, cadre: str, day: date, *, outings: bool) -> bool:
        """Whether the morning of ``day`` is covered."""
        halves = self._halves.get((cadre, outings))
        return halves is not None and (day, False) in halves

    def afternoon(self, cadre: str, day: date, *, outings: bool) -> bool:
        """Whether the afternoon of ``day`` is covered."""
        halves = self._halves.get((cadre, outings))
        return halves is not None and (day, True) in halves

    def whole_day(self, cadre: str, day: date, *, outings: bool) -> bool:
        """Whether morning and afternoon of ``day`` are covered."""
        halves = self._halves.get((cadre, outings))
        return halves is not None and (day, False) in halves and (day, True) in halves

    def any_leave(self, cadre: str, *, outings: bool) -> bool:
        """Whether the cadre has any leave at all, so that asking day by day is worth it."""
        return (cadre, outings) in self._halves
