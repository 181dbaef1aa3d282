"""A plain script over exported CSV files: the floor of anything that reads all records.

It reads every row, turns amounts, days and times into values, and holds each row against one
simple condition of its own; no rules, no flags, no database. Run as a process: `FOLDER`.
"""

import csv
import sys
from collections import Counter
from datetime import date, time
from pathlib import Path


def main(folder: Path) -> None:
    """Read all files and print how many rows and how many late days there are."""
    rows, found = 0, Counter[str]()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                rows += 1
                values = {name: _value(text) for name, text in row.items()}
                days = [each for each in values.values() if isinstance(each, date)]
                if len(days) > 1 and days[1] > days[0]:
                    found[path.stem] += 1
    print(rows, sum(found.values()))


def _value(text: str | None) -> object:
    """A day, a time or a number where the text is one."""
    if not text:
        return None
    if len(text) == len("2026-01-01") and text[4] == text[7] == "-":
        return date.fromisoformat(text)
    if text[2:3] == ":":
        return time.fromisoformat(text)
    return int(text) if text.isdigit() else text


if __name__ == "__main__":
    main(Path(sys.argv[1]))
