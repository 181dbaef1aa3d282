"""Reading ``.xlsx`` workbooks: one sheet per exchange file, typed cells taken exactly."""

import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from tiesan.i18n import _
from tiesan.records.exchange.merged_cells import merged_ranges
from tiesan.records.exchange.problems import Unusable
from tiesan.records.exchange.strict_workbook import usual_dialect
from tiesan.records.exchange.tables import MOST_ROWS, Cell, RawRow, RawTable, Unreadable
from tiesan.records.text import clean_code, visible

# A workbook says itself how large it is when unpacked; one of a million rows stays well below.
_LARGEST = 2 * 1024**3
# Sheets of equal cells shrink to a thirtieth or so; what shrinks much more holds nothing.
_SMALL = 100 * 1024**2
_MOST_SHRUNK = 200
# Spreadsheets keep 15 digits; a longer number has lost some before it was saved.
_MOST_DIGITS = 10**15
_MINUTES_AN_HOUR = 60
_SHOWN = "visible"

# What a damaged archive or damaged XML makes the library raise, wherever it meets the damage.
_DAMAGE = (
    BadZipFile,
    InvalidFileException,
    DefusedXmlException,
    zlib.error,
    struct.error,
    EOFError,
    SyntaxError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def _whole() -> Iterator[None]:
    """Turn what damage raises into one problem of the file."""
    try:
        with warnings.catch_warnings():
            # The library warns of decorations that it does not keep.
            warnings.simplefilter("ignore")
            yield
    except _DAMAGE as error:
        raise Unusable(1, _("this is no workbook (.xlsx), or it is damaged")) from error


@contextmanager
def read_workbook(
    path: Path, *, merged_too: bool = False, name: str = ""
) -> Iterator[list[RawTable]]:
    """Open a workbook and give its sheets; raises ``Unusable`` for a file that is no workbook.

    Rows are read when asked for, while the workbook is open. Of merged cells the first one holds
    the value; sheets with such cells are refused unless they may be there (``merged_too``).
    ``name`` is what the file is called in messages, if not by the name under which it lies.
    """
    digest = sha256(path.read_bytes()).hexdigest()
    _refuse_oversize(path)
    with ExitStack() as stack:
        with _whole():
            usual = stack.enter_context(usual_dialect(path))
            merged = {} if merged_too else merged_ranges(usual)
            # A file that is open may be called anything.
            file = stack.enter_context(usual.open("rb"))
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
        stack.callback(book.close)
        yield [
            RawTable(
                clean_code(sheet.title) or "",
                f"{name or path.name}[{visible(sheet.title)}]",
                digest,
                _rows(sheet, merged.get(sheet.title, ())),
                ragged=True,
                hidden=sheet.sheet_state != _SHOWN,
            )
            for sheet in book.worksheets
        ]


def _refuse_oversize(path: Path) -> None:
    with _whole(), ZipFile(path) as archive:
        size = sum(each.file_size for each in archive.infolist())
    shrunk = size > _SMALL and size > _MOST_SHRUNK * path.stat().st_size
    if size > _LARGEST or shrunk:
        raise Unusable(1, _("the workbook is too large when unpacked"))


def _rows(sheet: Any, merged: Sequence[str]) -> Iterator[RawRow]:
    if merged:
        text = _("merged cells (%(ranges)s): each cell has to hold its own value")
        raise Unusable(1, text % {"ranges": ", ".join(merged[:3])})
    with _whole():
        sheet.reset_dimensions()
        for line, row in enumerate(sheet.iter_rows(), start=1):
            if line > MOST_ROWS:
                # Left-out rows are filled in, up to whatever number a damaged row says it has.
                message = "more rows than a sheet has"
                raise ValueError(message)
            yield line, [_cell(each) for each in row]


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return ""
    if kind == "f":
        return Unreadable(_("a formula; only plain values can be taken"))
    if kind == "e":
        return Unreadable(_("an error of the spreadsheet: %(found)s", found=value))
    return value if isinstance(value, str) else exact_text(value)


def exact_text(value: object) -> Cell:
    """A typed cell as the text that a CSV file would hold, losing nothing.

    A date with a time of day keeps it, so that a column of dates refuses it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return _time_of_day(value)
    return Unreadable(_("a value of an unknown kind"))


def _number(value: float) -> Cell:
    if abs(value) >= _MOST_DIGITS:
        return Unreadable(_("a number of more than 15 digits; enter it as text"))
    # The shortest digits that mean this number are those that were typed.
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def _time_of_day(value: time | timedelta) -> str:
    """A time of day, or hours that may be more than those of a day, as one would type them."""
    if isinstance(value, timedelta):
        return _hours(value)
    whole = not value.second and not value.microsecond
    return value.isoformat(timespec="minutes" if whole else "auto")


def _hours(value: timedelta) -> str:
    sign, length = ("-", -value) if value < timedelta() else ("", value)
    minutes, rest = divmod(length, timedelta(minutes=1))
    hours, minutes = divmod(minutes, _MINUTES_AN_HOUR)
    text = f"{sign}{hours:02d}:{minutes:02d}"
    seconds, rest = divmod(rest, timedelta(seconds=1))
    if not seconds and not rest:
        return text
    fraction = f".{rest.microseconds:06d}" if rest else ""
    return f"{text}:{seconds:02d}{fraction}"
