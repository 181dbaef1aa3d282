"""Measuring a group of facts: one pass over its members, all of it in whole numbers.

Source: rules-language-2.md, "Tallies: measures". An average is a total and a number, a share is how
many of how many: both are compared as fractions, and never divided but to be shown.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Protocol, TypeAlias

from tiesan.facts.kinds import Fact, FactKind, Value
from tiesan.rules.judging.conditions import Test
from tiesan.rules.judging.forms.derived import Setting
from tiesan.rules.judging.forms.members import Member, day_of
from tiesan.rules.measured import SCALES, Measured, Scale, Side, decimal_text, rounded
from tiesan.rules.parameters import Values
from tiesan.rules.shapes import FRACTIONS
from tiesan.rules.tree import Bound, Literal, Measure, ParameterRef, Tally

Compare: TypeAlias = Callable[[int, int], bool]
_PERCENT = 100
COMPARED: Mapping[Side, Compare] = {
    Side.AT_LEAST: operator.ge,
    Side.MORE_THAN: operator.gt,
    Side.AT_MOST: operator.le,
    Side.LESS_THAN: operator.lt,
}


class Gauge(Protocol):
    """One measure of one group, while its facts are added."""

    def add(self, fact: Fact, values: Values) -> None:
        """Add a fact; ``values`` are the parameters that it counts by."""

    def lies(self, compare: Compare, bound: int) -> bool:
        """Whether the measure lies on one side of a bound, in whole units; a blank on none."""

    def written(self) -> tuple[Value, ...]:
        """What the tally says of it, in the order of its fields."""


class _Count:
    def __init__(self) -> None:
        self._number = 0

    def add(self, _fact: Fact, _values: Values) -> None:
        self._number += 1

    def lies(self, compare: Compare, bound: int) -> bool:
        return compare(self._number, bound)

    def written(self) -> tuple[Value, ...]:
        return (self._number,)


class _Distinct:
    def __init__(self, read: Callable[[Fact], Any]) -> None:
        self._read = read
        self._known: set[Any] = set()

    def add(self, fact: Fact, _values: Values) -> None:
        if (value := self._read(fact)) is not None:
            self._known.add(value)

    def lies(self, compare: Compare, bound: int) -> bool:
        return compare(len(self._known), bound)

    def written(self) -> tuple[Value, ...]:
        return (len(self._known),)


class _Sum:
    def __init__(self, read: Callable[[Fact], Any]) -> None:
        self._read, self._total = read, 0

    def add(self, fact: Fact, _values: Values) -> None:
        self._total += self._read(fact) or 0

    def lies(self, compare: Compare, bound: int) -> bool:
        return compare(self._total, bound)

    def written(self) -> tuple[Value, ...]:
        return (self._total,)


class _Average:
    def __init__(self, read: Callable[[Fact], Any], scale: Scale, *, down: bool) -> None:
        self._read, self._scale, self._down = read, scale, down
        self._total = self._number = 0

    def add(self, fact: Fact, _values: Values) -> None:
        if (value := self._read(fact)) is not None:
            self._total += self._scale.units(value)
            self._number += 1

    def lies(self, compare: Compare, bound: int) -> bool:
        return self._number > 0 and compare(self._total, bound * self._number)

    def written(self) -> tuple[Value, ...]:
        if not self._number:
            return None, self._total, self._number
        steps = rounded(self._total * self._scale.steps, self._number, down=self._down)
        return self._scale.written(steps), self._total, self._number


class _Extreme:
    def __init__(
        self, read: Callable[[Fact], Any], scale: Scale, choose: Callable[[Any, Any], Any]
    ) -> None:
        self._read, self._scale, self._choose = read, scale, choose
        self._value: Any = None

    def add(self, fact: Fact, _values: Values) -> None:
        value = self._read(fact)
        if value is not None:
            self._value = value if self._value is None else self._choose(self._value, value)

    def lies(self, compare: Compare, bound: int) -> bool:
        return self._value is not None and compare(self._scale.units(self._value), bound)

    def written(self) -> tuple[Value, ...]:
        return (self._value,)


class _Share:
    def __init__(self, meets: Test, *, down: bool) -> None:
        self._meets, self._down = meets, down
        self._met = self._number = 0

    def add(self, fact: Fact, values: Values) -> None:
        self._number += 1
        self._met += self._meets(fact, fact, values)

    def lies(self, compare: Compare, bound: int) -> bool:
        return self._number > 0 and compare(_PERCENT * self._met, bound * self._number)

    def written(self) -> tuple[Value, ...]:
        if not self._number:
            return None, self._met
        tenths = rounded(10 * _PERCENT * self._met, self._number, down=self._down)
        return decimal_text(tenths, 1), self._met


class Measuring:
    """Measures the groups of one tally."""

    def __init__(self, form: Tally, setting: Setting) -> None:
        """Bind the measures' paths and conditions to the facts of a world."""
        kind = setting.world.kinds[form.of.kind]
        measures = (Measure(Measured.COUNT), *form.measures)
        down = {each.measure.kind for each in form.bounds if not each.side.upwards}
        self._gauges = [_gauge(each, kind, setting, down) for each in measures]
        places = {each.kind: place for place, each in enumerate(measures)}
        self._bounds = [(places[each.measure.kind], each) for each in form.bounds]
        self._fractions = [each for each in self._bounds if each[1].measure.kind in FRACTIONS]

    def written(self, members: Iterable[Member], values: Values) -> tuple[Value, ...]:
        """What is said of a group, in the order of the fields of its measures."""
        gauges = [make() for make in self._gauges]
        for member in members:
            for gauge in gauges:
                gauge.add(member.fact, member.values)
        said = tuple(value for gauge in gauges for value in gauge.written())
        return (*said, self._hold(gauges, self._fractions, values)) if self._fractions else said

    def reached(self, members: Iterable[Member], values: Values) -> date | None:
        """The first day at whose end all bounds hold; None if there is none.

        ``members`` are in order of date; those of one day have no order.
        """
        gauges = [make() for make in self._gauges]
        for day, of_day in groupby(members, day_of):
            for member in of_day:
                for gauge in gauges:
                    gauge.add(member.fact, member.values)
            if self._hold(gauges, self._bounds, values):
                return day
        return None

    def _hold(
        self, gauges: list[Gauge], bounds: Iterable[tuple[int, Bound]], values: Values
    ) -> bool:
        return all(
            gauges[place].lies(COMPARED[bound.side], units_of(bound, values))
            for place, bound in bounds
        )


def _gauge(
    measure: Measure, kind: FactKind, setting: Setting, down: set[Measured]
) -> Callable[[], Gauge]:
    """What makes the gauge of a measure for one group after the other."""
    binding, below = setting.binding, measure.kind in down
    if measure.where is not None:
        meets = binding.test(measure.where, kind, kind)
        return lambda: _Share(meets, down=below)
    if measure.path is None:
        return _Count
    read = binding.getter(measure.path, kind)
    if measure.kind is Measured.COUNT_DISTINCT:
        return lambda: _Distinct(read)
    if measure.kind is Measured.SUM:
        return lambda: _Sum(read)
    scale = SCALES[measure.path.type]
    if measure.kind is Measured.AVG:
        return lambda: _Average(read, scale, down=below)
    choose = min if measure.kind is Measured.MIN else max
    return lambda: _Extreme(read, scale, choose)


def units_of(bound: Bound, values: Values) -> int:
    """What a measure is held against, in whole units."""
    path, kind = bound.measure.path, bound.measure.kind
    value = value_of(bound.value, values)
    if path is None or kind is Measured.COUNT_DISTINCT:
        return int(value)
    return SCALES[path.type].units(value)


def value_of(number: Literal | ParameterRef, values: Values) -> Any:
    """The value that a literal or parameter stands for, in force."""
    return number.value if isinstance(number, Literal) else number.value_in(values)
