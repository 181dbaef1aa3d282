"""Tables of an overview: heads, lines, and numbers, each with what it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tiesan.reports.figure_counts import Unit


@dataclass(frozen=True, slots=True)
class Number:
    """A number: of how many where it is a share, and the same of the period before if compared."""

    value: int
    of: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a table: its key, its title, and what its numbers count."""

    key: str
    title: str
    unit: Unit = Unit.NUMBER


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its key, its title, and its numbers by the keys of the heads."""

    key: str
    title: str
    numbers: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: ``name`` in addresses and files, ``first`` the title of what the lines are."""

    name: str
    title: str
    first: str
    heads: Sequence[Head]
    lines: Sequence[Line]

    @property
    def most(self) -> int:
        """The largest number in it."""
        numbers = (each.value for line in self.lines for each in line.numbers.values())
        return max(numbers, default=0)
