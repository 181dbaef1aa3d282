"""The records as they lie in the folder: rows of text, and what a cell means.

Nothing here knows the application: the columns are those of the exchange format.
"""

import csv
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path

Row = Mapping[str, str]
Tables = dict[str, list[dict[str, str]]]


def read(folder: Path) -> Tables:
    """Read every CSV file of a folder into rows of stripped text, by the file's name.

    A row whose cells are all empty is skipped.
    """
    return {path.stem: _rows(path) for path in sorted(folder.glob("*.csv"))}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [
            {name: (cell or "").strip() for name, cell in row.items()}
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if any(row.values())]


def day(row: Row, column: str) -> date | None:
    """The date in a cell, or None when the cell is empty or the column missing."""
    text = row.get(column, "")
    return date.fromisoformat(text) if text else None


def sure_day(row: Row, column: str) -> date:
    """The date in a cell that must not be empty."""
    return date.fromisoformat(row[column])


def clock(row: Row, column: str) -> time | None:
    """The time of day in a cell, or None when it is empty."""
    text = row.get(column, "").removeprefix("次日")
    if not text:
        return None
    hour, minute = map(int, text.split(":"))
    return time(hour % 24, minute)


def past_midnight(row: Row) -> bool:
    """Whether a clock-out is one of the next day: `24:40`, `次日00:40`, or the column says so."""
    text = row.get("clock_out", "")
    later = text.startswith("次日") or (text != "" and int(text.split(":")[0]) >= 24)
    return later or yes(row, "clock_out_next_day")


def yes(row: Row, column: str) -> bool:
    """Whether a cell says true; an empty one says false."""
    return row.get(column, "") in {"true", "是"}


def amount(row: Row, column: str) -> Decimal | None:
    """The amount in a cell, in yuan, or None when it is empty."""
    text = row.get(column, "")
    return Decimal(text) if text else None


def sure_amount(row: Row, column: str) -> Decimal:
    """The amount in a cell that must not be empty, in yuan."""
    return Decimal(row[column])
