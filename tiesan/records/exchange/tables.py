"""The shape in which a file or a sheet arrives, before anything is known of its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

# The rows of a sheet, the header among them.
MOST_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell whose value cannot be taken, and why (a formula, an error of the spreadsheet)."""

    reason: str

    def refuse(self) -> NoReturn:
        """Raise the ValueError that reading the cell comes to."""
        raise ValueError(self.reason)


Cell: TypeAlias = str | Unreadable
RawRow: TypeAlias = tuple[int, list[Cell]]


@dataclass(frozen=True, slots=True)
class RawTable:
    """One CSV file or sheet: its rows with their line numbers, the header first.

    ``stem`` is what says which records it holds; ``name`` is how messages call it. Reading the
    rows may raise ``Unusable``. In a ``ragged`` table empty cells at the end of a row are left out;
    a ``hidden`` one is not shown by the program that wrote it.
    """

    stem: str
    name: str
    digest: str
    rows: Iterator[RawRow]
    ragged: bool = False
    hidden: bool = False
