"""Writing rows into a workbook: typed cells, and texts that stay texts."""

from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from tiesan.errors import UserError
from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import _
from tiesan.money import format_amount
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.tables import MOST_ROWS

FORMATS = {
    FieldType.DATE: "yyyy-mm-dd",
    FieldType.TIME: "hh:mm",
    FieldType.AMOUNT: "0.00",
    FieldType.INTEGER: "0",
}
# What a spreadsheet counts days from; what lies before can only be a text there.
_FIRST_DAY = date(1900, 3, 1)
# A spreadsheet keeps 15 digits, two of them decimals.
_LARGEST_FEN = 10**15


class WorkbookWriter:
    """A workbook that is written sheet by sheet, in one pass."""

    def __init__(self) -> None:
        """Begin an empty workbook."""
        self._book = Workbook(write_only=True)

    def write_sheet(self, file: ExchangeFile, rows: Iterable[tuple[Any, ...]]) -> int:
        """Add the sheet of a file; returns the number of rows.

        Raises UserError for more rows than a sheet can hold.
        """
        sheet = self._book.create_sheet(file.stem)
        sheet.append([field.name for field in file.fields])
        number = 0
        for row in rows:
            number += 1
            if number >= MOST_ROWS:
                text = _("%(file)s has more rows than a sheet can hold; export a folder instead")
                raise UserError(text % {"file": file.stem})
            cells = zip(file.fields, row, strict=True)
            sheet.append([_cell(sheet, field, value) for field, value in cells])
        return number

    def save(self, path: Path) -> None:
        """Write the workbook to a path."""
        self._book.save(path)


def _cell(sheet: Worksheet, field: Field, value: Any) -> Any:
    """A cell of the field's type; a text that looks like a formula or an error is still a text."""
    if value is None:
        return None
    value = _typed(field.type, value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif field.type in FORMATS:
        cell.number_format = FORMATS[field.type]
    return cell


def _typed(kind: FieldType, value: Any) -> Any:
    if kind is FieldType.AMOUNT:
        written = format_amount(value)
        # The nearest binary fraction is written with the same two decimals.
        return float(written) if value < _LARGEST_FEN else written
    if isinstance(value, date) and value < _FIRST_DAY:
        return value.isoformat()
    if isinstance(value, time):
        return value.replace(microsecond=0)
    return value
