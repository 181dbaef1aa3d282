"""Parameters with a history: a list of (valid from, value) per parameter of a rule.

Source: institutions.md, "Parameters have a history". The shipped value is valid since ever.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import itemgetter
from typing import TypeAlias

from tiesan.facts.kinds import FieldType, Value
from tiesan.rules.bilingual import Text
from tiesan.rules.item_list import ItemList, cell_of_items
from tiesan.rules.literals import raw_text

PARAMETER_TYPES = (
    FieldType.INTEGER,
    FieldType.AMOUNT,
    FieldType.DATE,
    FieldType.TIME,
    FieldType.BOOLEAN,
    FieldType.CHOICE,
    FieldType.TEXT,
)


# What a list may be of.
ITEM_TYPES = (FieldType.TEXT, FieldType.INTEGER, FieldType.CHOICE)
# What stands for the type of a parameter that is a list.
LIST = "list"
ParameterValue: TypeAlias = Value | ItemList


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter; ``values`` are (valid from, value), the first from ``date.min``.

    Of a list the ``type`` and the ``choices`` are those of its items.
    """

    name: str
    type: FieldType
    label: Text
    values: tuple[tuple[date, ParameterValue], ...]
    choices: Mapping[str, Text] = field(default_factory=dict)
    is_list: bool = False

    def changed(self, changes: Mapping[date, ParameterValue]) -> "Parameter":
        """This parameter with an administrator's values; one on a date that has one replaces it."""
        values = dict(self.values) | dict(changes)
        return replace(self, values=tuple(sorted(values.items(), key=itemgetter(0))))

    def written(self, value: ParameterValue) -> str:
        """A value as it is stored and exchanged: a list in one cell."""
        return cell_of_items(self.items(value)) if self.is_list else self.items(value)[0]

    def items(self, value: ParameterValue) -> list[str]:
        """The items of a list as they are written; of any other value the one that it is."""
        items = value.items if isinstance(value, ItemList) else (value,)
        return [raw_text(each, self.type) for each in items]

    def in_words(self, value: ParameterValue, language: str) -> list[str]:
        """The items of a value, choices by their labels in the language of a locale."""
        texts = self.items(value)
        return [
            self.choices[each].in_language(language) if each in self.choices else each
            for each in texts
        ]


Values: TypeAlias = Mapping[str, ParameterValue]


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


def value_on(parameter: Parameter, day: date) -> ParameterValue:
    """The value of a parameter in force on ``day``."""
    starts = [start for start, _value in parameter.values]
    return parameter.values[bisect_right(starts, day) - 1][1]
