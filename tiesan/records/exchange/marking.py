"""The sheets back with what is wrong: each problem a comment on its cell, and the rows to show.

Every cell is written as it was read, as text, so that what is mended is imported as it stands. A
formula cannot be taken, and so is not given back.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tiesan.records.exchange.problems import Problem, Unusable, shown
from tiesan.records.exchange.reading import open_tables
from tiesan.records.exchange.tables import Cell, RawTable
from tiesan.records.text import clean_code

MOST_MARKS = 2_000
MOST_SHOWN = 30
_WRONG = PatternFill("solid", start_color="FFD9D9")
_AUTHOR = "tiesan"
_SIZE = {"width": 320, "height": 120}
_TITLE_LENGTH = 31
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")


@dataclass(slots=True)
class WrongRow:
    """A row with what is wrong: its line, its cells, and by column (from 0 on) what is said."""

    line: int
    cells: list[str]
    said: dict[int, list[str]]


@dataclass(slots=True)
class WrongSheet:
    """A file or sheet with problems: its heading, and the first of its rows that have any."""

    name: str
    heading: list[str]
    rows: list[WrongRow] = field(default_factory=list)
    more: int = 0


def write_marked(path: Path, problems: Iterable[Problem], target: Path) -> list[WrongSheet]:
    """Write the sheets of a folder or workbook with comments; returns those with problems.

    The lines of a file that cannot be read at all are left out: there is nothing to show.
    """
    by_file: dict[str, dict[int, list[Problem]]] = defaultdict(lambda: defaultdict(list))
    for number, each in enumerate(problems):
        if number < MOST_MARKS:
            by_file[each.file][each.line].append(each)
    book, found = Workbook(write_only=True), []
    try:
        with open_tables(path) as tables:
            for table in tables:
                sheet = book.create_sheet(_title(table.stem))
                if table.name in by_file:
                    found.append(_Marked(table, sheet, by_file[table.name]).write())
                else:
                    _copy(table, sheet)
    except Unusable:
        # It is no workbook: that alone is wrong with it, and is said.
        return []
    if not book.worksheets:
        return []
    target.touch(mode=0o600)
    book.save(target)
    return found


def _title(stem: str) -> str:
    return _NO_TITLE.sub("_", stem)[:_TITLE_LENGTH] or "-"


def _copy(table: RawTable, sheet: Worksheet) -> None:
    for _line, cells in _readable(table):
        sheet.append([_cell(sheet, each) for each in cells])


def _readable(table: RawTable) -> Iterator[tuple[int, list[Cell]]]:
    """The rows up to where the file cannot be read."""
    try:
        yield from table.rows
    except Unusable:
        return


class _Marked:
    """One sheet on its way."""

    def __init__(
        self, table: RawTable, sheet: Worksheet, problems: Mapping[int, Sequence[Problem]]
    ) -> None:
        self._table, self._sheet, self._problems = table, sheet, problems
        self._columns: dict[str, int] = {}

    def write(self) -> WrongSheet:
        found = WrongSheet(self._table.name, [])
        for number, (line, cells) in enumerate(_readable(self._table)):
            if not number:
                self._columns = {_heading(cell): at for at, cell in reversed([*enumerate(cells)])}
                found.heading = [_text(each) for each in cells]
            said = self._said(line)
            self._write(cells, said)
            if said and len(found.rows) < MOST_SHOWN:
                found.rows.append(WrongRow(line, [shown(_text(each)) for each in cells], said))
            elif said:
                found.more += 1
        return found

    def _said(self, line: int) -> dict[int, list[str]]:
        said: dict[int, list[str]] = defaultdict(list)
        for each in self._problems.get(line, ()):
            at = self._columns.get(clean_code(each.column) or "")
            text = each.text if at is not None or each.column == "-" else f"{each.column}: "
            said[at or 0].append(text if text == each.text else text + each.text)
        return dict(said)

    def _write(self, cells: Sequence[Cell], said: Mapping[int, Sequence[str]]) -> None:
        row = []
        for at in range(max(len(cells), *(each + 1 for each in said), 1)):
            cell = _cell(self._sheet, cells[at] if at < len(cells) else "")
            if at in said:
                cell.comment = Comment("\n".join(said[at]), _AUTHOR, **_SIZE)
                cell.fill = _WRONG
            row.append(cell)
        self._sheet.append(row)


def _heading(cell: Cell) -> str:
    return shown(clean_code(_text(cell)) or "")


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _cell(sheet: Worksheet, cell: Cell) -> Any:
    """A cell that holds a text, whatever it looks like."""
    text = ILLEGAL_CHARACTERS_RE.sub("", _text(cell))
    written = WriteOnlyCell(sheet, text or None)
    if text:
        written.data_type = "s"
    return written
