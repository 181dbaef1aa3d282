"""Windows of a tally: the days on which a group begins to fill its measures.

Source: rules-language-2.md, "Windows". For each day with a fact the window is the group's facts of
the days up to it. A day is flagged when its window fills the measures and that of the day before
with a fact did not; each of the two by its own parameters. A group is sorted once; its counts and
sums are differences of running totals, its different values are counted as the window moves on.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, overload

from tiesan.facts.kinds import Fact, Value
from tiesan.rules.judging.decisions import NOT_JUDGED
from tiesan.rules.judging.forms.derived import Setting
from tiesan.rules.judging.forms.gauges import COMPARED, units_of, value_of
from tiesan.rules.judging.forms.members import Member
from tiesan.rules.measured import Measured
from tiesan.rules.parameters import Values
from tiesan.rules.tree import Literal, ParameterRef, Tally


@dataclass(frozen=True, slots=True)
class Window(Sequence[Member]):
    """A window that begins a spell: its members, its first and last day, and its measures.

    The members are places of their group: windows may overlap, and are not copied.
    """

    group: Sequence[Member]
    places: range
    first: date
    last: date
    measures: tuple[Value, ...]

    @overload
    def __getitem__(self, at: int) -> Member: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Member]: ...

    def __getitem__(self, at: int | slice) -> Member | Sequence[Member]:
        """The member at a place of the window, or some of them."""
        if isinstance(at, slice):
            return [self.group[place] for place in self.places[at]]
        return self.group[self.places[at]]

    def __len__(self) -> int:
        """How many members the window has."""
        return len(self.places)


class Windows:
    """Finds the windows of one tally's groups."""

    def __init__(self, form: Tally, setting: Setting, era_of: Callable[[date], int]) -> None:
        """Take the tally, and the era of a day (NOT_JUDGED outside the rule's time in force)."""
        if form.within is None:
            message = "a tally without 'within' has no windows"
            raise ValueError(message)
        self._within: Literal | ParameterRef = form.within
        kind, getter = setting.world.kinds[form.of.kind], setting.binding.getter
        self._reads: list[tuple[Measured, Callable[[Fact], Any]]] = [
            (each.kind, getter(each.path, kind)) for each in form.measures if each.path is not None
        ]
        places = {kind: place for place, (kind, _read) in enumerate(self._reads, start=1)}
        self._bounds = [(places.get(each.measure.kind, 0), each) for each in form.bounds]
        self._eras, self._era_of = setting.history.eras, era_of

    def spells(self, group: Sequence[Member]) -> Iterator[Window]:
        """The window that begins each spell of a group; its members are in order of date."""
        days = [member.day.toordinal() for member in group]
        sliding = [_SLIDING[kind](read, group) for kind, read in self._reads]
        filled = False
        for begin, end in _of_each_day(days):
            before, filled = filled, False
            era = self._era_of(group[begin].day)
            if era == NOT_JUDGED:
                continue
            values = self._eras[era]
            first = days[begin] - value_of(self._within, values) + 1
            start = bisect_left(days, first, 0, end)
            measures = (end - start, *(each.moved(start, end) for each in sliding))
            filled = self._fills(measures, values)
            if filled and not before:
                day = date.fromordinal(max(first, 1))
                yield Window(group, range(start, end), day, group[begin].day, measures)

    def _fills(self, measures: Sequence[int], values: Values) -> bool:
        return all(
            COMPARED[bound.side](measures[place], units_of(bound, values))
            for place, bound in self._bounds
        )


def _of_each_day(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The places of the first fact of each day, and of the first one behind that day."""
    begin = 0
    for place in range(1, len(days) + 1):
        if place == len(days) or days[place] != days[begin]:
            yield begin, place
            begin = place


class _Sums:
    """The total of a window: the difference of two running totals."""

    def __init__(self, read: Callable[[Fact], Any], group: Sequence[Member]) -> None:
        self._totals = list(accumulate((read(each.fact) or 0 for each in group), initial=0))

    def moved(self, start: int, end: int) -> int:
        """The total of the members from one place to before another."""
        return self._totals[end] - self._totals[start]


class _Different:
    """How many different values a window has, kept while it moves on."""

    def __init__(self, read: Callable[[Fact], Any], group: Sequence[Member]) -> None:
        self._read = [read(each.fact) for each in group]
        self._known: Counter[Any] = Counter()
        self._start = self._end = 0

    def moved(self, start: int, end: int) -> int:
        """The number of values of the members from one place to before another."""
        if start < self._start:
            # The window has become longer: its parameter has changed.
            self._known.clear()
            self._start = self._end = start
        for value in self._read[self._end : end]:
            self._known[value] += 1
        for value in self._read[self._start : start]:
            self._known[value] -= 1
            if not self._known[value]:
                del self._known[value]
        self._start, self._end = start, end
        return len(self._known) - (None in self._known)


_SLIDING: dict[Measured, type[_Sums] | type[_Different]] = {
    Measured.SUM: _Sums,
    Measured.COUNT_DISTINCT: _Different,
}
