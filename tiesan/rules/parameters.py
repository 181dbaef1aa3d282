"""Parameters with a history: a list of (valid from, value) per parameter of a rule.

Source: institutions.md, "Parameters have a history". The shipped value is valid since ever.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from tiesan.facts.kinds import FieldType, Value
from tiesan.rules.bilingual import Text

PARAMETER_TYPES = (
    FieldType.INTEGER,
    FieldType.AMOUNT,
    FieldType.DATE,
    FieldType.TIME,
    FieldType.BOOLEAN,
    FieldType.CHOICE,
    FieldType.TEXT,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter; ``values`` are (valid from, value), the first from ``date.min``."""

    name: str
    type: FieldType
    label: Text
    values: tuple[tuple[date, Value], ...]
    choices: Mapping[str, Text] = field(default_factory=dict)

    def changed(self, changes: Mapping[date, Value]) -> "Parameter":
        """This parameter with an administrator's values; one on a date that has one replaces it."""
        values = dict(self.values) | dict(changes)
        ordered = tuple(sorted(values.items()))
        return Parameter(self.name, self.type, self.label, ordered, self.choices)


Values: TypeAlias = Mapping[str, Value]


class History:
    """All parameters of one rule over time, as *eras* within which no value changes."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        """Take the parameters with their final histories."""
        starts = {day for each in parameters for day, _value in each.values}
        self._starts = sorted(starts | {date.min})
        self.eras: tuple[Values, ...] = tuple(
            {each.name: value_on(each, day) for each in parameters} for day in self._starts
        )
        self.since: tuple[date, ...] = tuple(self._starts)

    def era(self, day: date) -> int:
        """The number of the era that holds on ``day``."""
        return bisect_right(self._starts, day) - 1

    def values_on(self, day: date) -> Values:
        """The values in force on ``day``."""
        return self.eras[self.era(day)]


def value_on(parameter: Parameter, day: date) -> Value:
    """The value of a parameter in force on ``day``."""
    starts = [start for start, _value in parameter.values]
    return parameter.values[bisect_right(starts, day) - 1][1]
