"""An empty workbook to fill in: Chinese headings, a note on every column, lists to choose from.

What is filled in is imported as it is; left empty, the template imports as nothing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tiesan.facts.kinds import Field, FieldType
from tiesan.i18n import CHINESE, _, use_language
from tiesan.records.base import Record
from tiesan.records.exchange.files import ExchangeFile, exchange_files
from tiesan.records.exchange.tables import MOST_ROWS
from tiesan.records.exchange.workbook_writing import FORMATS

_HEADING = Font(bold=True)
_REQUIRED = PatternFill("solid", start_color="FFF2CC")
_AS_TEXT = "@"
_WIDTH = 16
_NOTE_SIZE = {"width": 320, "height": 160}
_AUTHOR = "tiesan"


def write_template(
    path: Path,
    records: Sequence[type[Record]],
    takes: Callable[[ExchangeFile], bool] = lambda _file: True,
) -> None:
    """Write the template of the exchange files that somebody ``takes``, all of them by default.

    A file of that name is replaced.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    with use_language(CHINESE):
        for file in filter(takes, exchange_files(records)):
            _fill(book.create_sheet(file.stem), file, records)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _fill(sheet: Worksheet, file: ExchangeFile, records: Sequence[type[Record]]) -> None:
    sheet.freeze_panes = "A2"
    sheets = {each.kind.name: each.stem for each in exchange_files(records)}
    for number, field in enumerate(file.fields, start=1):
        heading = sheet.cell(row=1, column=number, value=str(field.label))
        heading.font = _HEADING
        if field.required:
            heading.fill = _REQUIRED
        heading.comment = Comment(_note(field, file, sheets), _AUTHOR, **_NOTE_SIZE)
        letter = get_column_letter(number)
        column = sheet.column_dimensions[letter]
        column.width = _WIDTH
        column.number_format = FORMATS.get(field.type, _AS_TEXT)
        _add_list(sheet, field, letter)


def _add_list(sheet: Worksheet, field: Field, letter: str) -> None:
    """Offer the values of a choice or boolean; anything else is refused by the spreadsheet."""
    choices = [str(label) for label in field.choices.values()]
    if field.type is FieldType.BOOLEAN:
        choices = ["是", "否"]
    if not choices:
        return
    listed = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    listed.error = _("Choose one of the list.")
    listed.showErrorMessage = True
    listed.add(f"{letter}2:{letter}{MOST_ROWS}")
    sheet.add_data_validation(listed)


def _note(field: Field, file: ExchangeFile, sheets: dict[str, str]) -> str:
    """What the column takes: its name in CSV files, whether it is required, and what is allowed."""
    lines = [
        field.name,
        _("Must not be empty.") if field.required else _("May be empty."),
        _allowed(field, sheets),
    ]
    if field.name in file.kind.identity:
        lines.append(_identity(file))
    return "\n".join(lines)


def _identity(file: ExchangeFile) -> str:
    labels = [str(field.label) for field in file.fields if field.name in file.kind.identity]
    text = _("Identifies the row: no two rows have the same %(columns)s.")
    return text % {"columns": " + ".join(labels)}


def _allowed(field: Field, sheets: dict[str, str]) -> str:
    if field.type is FieldType.CHOICE:
        listed = (f"{label} ({value})" for value, label in field.choices.items())
        return _("One of: %(listed)s", listed=", ".join(listed))
    if field.type is FieldType.REFERENCE:
        return _("A code of the sheet %(sheet)s.", sheet=sheets[str(field.to)])
    if field.type is FieldType.TEXT:
        return _("Text of at most %(most)d characters.", most=field.max_length)
    return str(
        {
            FieldType.DATE: _("A date: YYYY-MM-DD."),
            FieldType.TIME: _("A time: HH:MM."),
            FieldType.AMOUNT: _("An amount in yuan, at most two decimals."),
            FieldType.BOOLEAN: _("Yes or no."),
            FieldType.INTEGER: _("A whole number."),
        }[field.type]
    )
