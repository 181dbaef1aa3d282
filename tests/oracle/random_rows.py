"""What random districts are made with: a die, awkward days, and a place for the rows."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from tests.oracle.tables import Tables
from tests.oracle.working_days import ONE_DAY, Calendar, days

Cell = str | date | bool | int | None
SHORT_OF = (-1, 0, 1)
# What stands before the number of a code: the letter of its kind, or something odd, which codes of
# every kind then share.
PREFIXES = (
    "",
    "0",
    "1e",
    "甲-",
    "a b ",
    "C,",
    "'",
    '"',
    "{",
    "$",
    "%",
    "=",
    "\\",
    "/",
    "2026-01-0",
)


class Maker:
    """Makes rows; the same seed makes the same rows."""

    def __init__(self, seed: int, first: date, last: date) -> None:
        """``first`` and ``last`` are the days between which most of the records lie."""
        self.random = random.Random(seed)
        self.first, self.last = first, last
        self.tables: Tables = {}
        self.calendar = Calendar({})
        self._prefix = None if self.chance(0.5) else self.random.choice(PREFIXES)
        self._by_case = self.chance(0.1)
        self._awkward = self._awkward_days()

    # --- dice ------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.random.random() < share

    def number(self, least: int, most: int) -> int:
        """A number from the least to the most, both included."""
        return self.random.randint(least, most)

    # --- days ------------------------------------------------------------------------------------

    def _awkward_days(self) -> list[date]:
        """Ends of months and years, and days on which the calendar changes its mind."""
        found = [self.first, self.last]
        for each in days(self.first - timedelta(days=35), self.last + timedelta(days=35)):
            following = each + ONE_DAY
            if following.day == 1:
                found += [each, following]
                if following.month == 1:
                    found += [each, following] * 4
            if self.calendar.works(each) != (each.weekday() < 5):
                found += [each]
        return found

    def day(self) -> date:
        """Any day around the span, awkward ones more often than others."""
        if self.chance(0.45):
            return self.random.choice(self._awkward)
        length = (self.last - self.first).days
        return self.first + timedelta(days=self.number(-20, length + 20))

    def near(self, each: date, reach: int = 3) -> date:
        """A day at most ``reach`` days away."""
        return each + timedelta(days=self.number(-reach, reach))

    def done_after(self, start: date, blank: float = 0.2) -> date | None:
        """When something was done: in time, just in time, just late, late or never."""
        if self.chance(blank):
            return None
        kind = self.number(1, 4)
        if kind == 1:
            return self.near(start)
        if kind == 2:
            return start + timedelta(days=self.random.choice((14, 15, 16, 29, 30, 31, 60)))
        number = self.random.choice((1, 1, 2, 3, 3, 4, 5, 10, 11))
        deadline = self.calendar.nth_after(start, number)
        return deadline + timedelta(days=self.random.choice(SHORT_OF))

    # --- rows ------------------------------------------------------------------------------------

    def add(self, file: str, **cells: Cell) -> dict[str, str]:
        """Add a row to a file; an empty cell is None."""
        row = {name: _text(cell) for name, cell in cells.items()}
        self.tables.setdefault(file, []).append(row)
        return row

    def coded(self, file: str, letter: str, **cells: Cell) -> str:
        """Add a row with the next code of its file, and return the code."""
        code = self._code(letter, len(self.tables.get(file, [])) + 1)
        self.add(file, code=code, **cells)
        return code

    def _code(self, letter: str, number: int) -> str:
        if self._by_case:
            # Codes that differ in upper and lower case alone.
            return f"{number:012b}".translate({ord("0"): "a", ord("1"): "A"})
        return f"{letter}{number:04d}" if self._prefix is None else f"{self._prefix}{number}"

    def codes(self, file: str) -> list[str]:
        """The codes of a file's rows so far."""
        return [row["code"] for row in self.tables.get(file, [])]

    def some(self, codes: Sequence[str], blank: float) -> str | None:
        """One of the codes, or in this share of the cases (or when there is none) none."""
        return None if not codes or self.chance(blank) else self.random.choice(codes)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
