"""What a tally measures of a group of facts, and how values are measured: in whole units.

Source: rules-language-2.md, "Tallies: measures". Nothing is ever divided: an average is a total and
a number, and both are compared as whole numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any

from tiesan.facts.kinds import FieldType, Value


class Measured(StrEnum):
    """What a tally measures of a group of facts."""

    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    SHARE = "share"


class Side(StrEnum):
    """On which side of a bound a measure must lie."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"

    @property
    def upwards(self) -> bool:
        """Whether more is what fulfils it."""
        return self in (Side.AT_LEAST, Side.MORE_THAN)


# The measures that only rise as facts are added.
RISING = frozenset({Measured.COUNT, Measured.COUNT_DISTINCT, Measured.SUM, Measured.MAX})


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of a type are measured.

    ``units`` gives a value in whole units (fen, minutes since midnight, half days). An average is
    written in steps, ``steps`` of which are a unit, by ``written``, as a value of the type
    ``average``.
    ``total`` is the type of a total; only where it ``adds`` up may a rule ask for it.
    """

    units: Callable[[Any], int]
    total: FieldType
    average: FieldType
    steps: int
    written: Callable[[int], Value]
    adds: bool = True


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute


def _time_of(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def decimal_text(number: int, decimals: int) -> str:
    """A whole number of tenths, hundredths … as a decimal number, without closing zeros."""
    whole, part = divmod(abs(number), 10**decimals)
    text = f"{whole}.{part:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text


def _hundredths(number: int) -> str:
    return decimal_text(number, 2)


_NUMBER, _TEXT = FieldType.INTEGER, FieldType.TEXT
# The types that have an average, a least and a greatest value.
SCALES: Mapping[FieldType, Scale] = {
    FieldType.INTEGER: Scale(int, _NUMBER, _TEXT, 100, _hundredths),
    FieldType.AMOUNT: Scale(int, FieldType.AMOUNT, FieldType.AMOUNT, 1, int),
    FieldType.TIME: Scale(_minutes, _NUMBER, FieldType.TIME, 1, _time_of, adds=False),
    FieldType.LENGTH: Scale(int, FieldType.LENGTH, _TEXT, 50, _hundredths),
}


def rounded(total: int, number: int, *, down: bool) -> int:
    """A total divided by a number as a whole number: the one below, or else the one above."""
    return total // number if down else -(-total // number)
