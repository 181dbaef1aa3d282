"""Opening the files that clocks give: workbooks, CSV in any encoding, a ZKTeco clock's list."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from tiesan.i18n import _
from tiesan.records.exchange.csv_reading import decode, read_csv
from tiesan.records.exchange.problems import Unusable
from tiesan.records.exchange.tables import RawTable, Unreadable
from tiesan.records.exchange.workbook_reading import read_workbook

Row: TypeAlias = tuple[int, list[str]]

_ARCHIVE = b"PK\x03\x04"
_OLD_BOOK = b"\xd0\xcf\x11\xe0"
_TEXT_OF_SPREADSHEETS = re.compile(rb"\s*<(\?xml|!doctype|html|table|meta|style)", re.IGNORECASE)
_BEGINNING = 4096
# A number padded with blanks, date and time, and what we leave alone.
ATTLOG = re.compile(r"\s*[0-9]+\t[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\t.*)?\s*")


@contextmanager
def opened(path: Path, name: str) -> Iterator[list[RawTable]]:
    """Give the tables of a file that goes by a name, while it is open.

    Raises ``Unusable`` for one that is none of those that clocks give.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    mark = beginning.removeprefix(b"\xef\xbb\xbf")
    if beginning.startswith(_OLD_BOOK) or _TEXT_OF_SPREADSHEETS.match(mark):
        raise Unusable(1, _("an old or dressed-up workbook (.xls): open it, choose “Save as” "
                            "(另存为) and save it as .xlsx"))  # fmt: skip
    if beginning.startswith(_ARCHIVE):
        with read_workbook(path, merged_too=True, name=name) as tables:
            yield [table for table in tables if not table.hidden]
        return
    table = read_csv(path)
    yield [RawTable(table.stem, name, table.digest, table.rows)]


def attlog_lines(path: Path) -> Sequence[str] | None:
    """The lines of a ZKTeco clock's list; None for what is no such list.

    Its first line that is not empty tells; raises ``Unusable`` for what is no text.
    """
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if beginning.startswith((_ARCHIVE, _OLD_BOOK)):
        return None
    first = next(iter(beginning.decode("ascii", "replace").strip("\ufeff\r\n").splitlines()), "")
    if not ATTLOG.fullmatch(first):
        return None
    return decode(path.read_bytes()).splitlines()


def rows_of(table: RawTable) -> Iterator[Row]:
    """The rows of a table, what cannot be read in it standing for itself."""
    for line, cells in table.rows:
        yield line, [_text(cell) for cell in cells]


def _text(cell: str | Unreadable) -> str:
    return cell.strip() if isinstance(cell, str) else f"?{cell.reason}"
