"""Exports of lists: streamed, of at most so many rows, and never read as formulas."""

import csv
import io
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from flask import Response, stream_with_context
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from tiesan.admin.shell.answers import saved_as

MOST_ROWS = 50_000
CSV, XLSX = "csv", "xlsx"

# What a formula begins with, in NFKC: some spreadsheets read the full-width and small signs of a
# Chinese keyboard as the plain ones.
_FORMULA = frozenset("=+-@\t\r\n")
_MARK = "\N{BYTE ORDER MARK}"
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AMOUNT = "#,##0.00"
_BLOCK = 64 * 1024
# What a worksheet cannot hold: control characters other than tab and line ends.
_UNPRINTABLE = dict.fromkeys(set(range(32)) - {9, 10, 13})

Cell = str | int | float | Decimal | date | datetime | time | bool | None


def harmless(value: Cell) -> Cell:
    """Return a text that no spreadsheet takes for a formula; other values as they are."""
    if isinstance(value, str) and unicodedata.normalize("NFKC", value[:1]) in _FORMULA:
        return f"'{value}"
    return value


def csv_response(name: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a CSV file, in UTF-8 with a mark as spreadsheets expect, written as it is sent."""
    return _attachment(stream_with_context(_csv_lines(titles, rows)), name, "text/csv")


def csv_text(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return what a CSV file holds, for one that is small."""
    return "".join(_csv_lines(titles, rows))


def _csv_lines(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_MARK)
    writer.writerow(titles)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        if buffer.tell() > _BLOCK:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def xlsx_response(name: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a workbook with one sheet; it is written to disk row by row before it is sent."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.freeze_panes = "A2"
    sheet.append(list(titles))
    for row in rows:
        sheet.append([_in_sheet(sheet, _printable(harmless(value))) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it was sent
    book.save(file)
    file.seek(0)
    return _attachment(_blocks(file), name, _XLSX_TYPE)


def _in_sheet(sheet: Any, value: Cell) -> Any:
    """A cell of a sheet: an amount is a number, so that it can be added up, with two decimals."""
    if not isinstance(value, Decimal):
        return value
    exact: Any = value  # openpyxl writes it digit for digit; only its stubs do not know it.
    cell = WriteOnlyCell(sheet, exact)
    cell.number_format = _AMOUNT
    return cell


def _printable(value: Cell) -> Cell:
    return value.translate(_UNPRINTABLE) if isinstance(value, str) else value


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block


def _attachment(content: Any, name: str, mimetype: str) -> Response:
    return saved_as(Response(content, mimetype=mimetype), name)
