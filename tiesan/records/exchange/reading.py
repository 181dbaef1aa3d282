"""From a path to parsed files: which files there are, and which are unknown."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.records.base import Record
from tiesan.records.exchange.csv_reading import read_csv
from tiesan.records.exchange.files import ExchangeFile, exchange_files
from tiesan.records.exchange.parsing import ParsedFile, is_blank, parse, whole_file_problem
from tiesan.records.exchange.problems import Problem, Remark, Unusable
from tiesan.records.exchange.progress import Progress
from tiesan.records.exchange.tables import RawTable

CSV = ".csv"
WORKBOOK = ".xlsx"
# Loaded when the first workbook is met: its library is large, and a folder needs none of it.
_READING_WORKBOOKS = "tiesan.records.exchange.workbook_reading"

ReadWorkbook: TypeAlias = Callable[[Path], AbstractContextManager[list[RawTable]]]


@dataclass(slots=True)
class Reading:
    """What was read: the files in the order in which they are stored, and what was noted so far."""

    files: list[ParsedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return sum(len(each.rows) for each in self.files)


def read_path(path: Path, records: Iterable[type[Record]], progress: Progress) -> Reading:
    """Read a folder of CSV files or a workbook of these records; needs no database.

    Raises UserError when the path is neither.
    """
    known = {file.stem: file for file in exchange_files(records)}
    reading = Reading()
    try:
        with open_tables(path) as tables:
            _read_tables(tables, known, reading, progress)
    except Unusable as error:
        problem = whole_file_problem(path.name, 0, error.line, error.text)
        reading.problems.append(problem)
    if not (path.is_dir() or reading.files or reading.problems):
        reading.problems.append(_nothing_recognised(path, reading.remarks, known))
    order = {stem: place for place, stem in enumerate(known)}
    reading.files.sort(key=lambda parsed: order[parsed.file.stem])
    return reading


def _nothing_recognised(path: Path, hidden: list[Remark], known: Iterable[str]) -> Problem:
    """The problem of a workbook without a sheet to read; the hidden ones are named."""
    wrong = _(
        "nothing in this workbook was recognised; sheets are named like these files: %(known)s",
        known=", ".join(known),
    )
    if hidden:
        names = ", ".join(each.file.removeprefix(path.name) for each in hidden)
        wrong = _("%(wrong)s; hidden sheets are left alone: %(names)s", wrong=wrong, names=names)
    return whole_file_problem(path.name, 0, 1, wrong)


@contextmanager
def open_tables(path: Path) -> Iterator[list[RawTable]]:
    """Open the files of a folder, or the sheets of a workbook; rows are read when asked for.

    Raises UserError for a path that is neither, and ``Unusable`` for one that cannot be opened.
    """
    if path.is_dir():
        yield [read_csv(file) for file in _csv_files(path)]
    elif not path.exists():
        raise UserError(_("%(path)s: no such file or folder", path=path))
    elif path.suffix.lower() != WORKBOOK:
        raise UserError(_("%(path)s: neither a folder of CSV files nor an .xlsx file", path=path))
    else:
        read_workbook: ReadWorkbook = import_module(_READING_WORKBOOKS).read_workbook
        with read_workbook(path) as tables:
            yield tables


def _csv_files(folder: Path) -> list[Path]:
    """The CSV files of a folder; hidden ones, as systems leave them behind, are none."""
    files = (each for each in folder.iterdir() if each.is_file() and each.name[0] != ".")
    return sorted(each for each in files if each.suffix.lower() == CSV)


def _read_tables(
    tables: Iterable[RawTable],
    known: dict[str, ExchangeFile],
    reading: Reading,
    progress: Progress,
) -> None:
    tables = list(tables)
    seen: set[str] = set()
    progress.begin(_("Reading"), len(tables))
    for number, table in enumerate(tables):
        file = known.get(table.stem)
        if table.hidden:
            text = _("this sheet is hidden and was left alone")
            reading.remarks.append(Remark((number, 1, -1), table.name, 1, "-", text))
        elif file is None:
            reading.problems += _unknown(table, known, number)
        elif file.stem in seen:
            text = _("there is another file for the same records")
            reading.problems.append(whole_file_problem(table.name, number, 1, text))
        else:
            seen.add(file.stem)
            reading.files.append(parse(table, file, number))
        progress.advance(1)


def _unknown(table: RawTable, known: dict[str, ExchangeFile], number: int) -> list[Problem]:
    """The problem of an unknown file; an empty sheet, as new workbooks have them, is none."""
    try:
        if table.ragged and is_blank(table):
            return []
    except Unusable as error:
        return [whole_file_problem(table.name, number, error.line, error.text)]
    text = _("no file of the exchange format; known are: %(known)s", known=", ".join(known))
    return [whole_file_problem(table.name, number, 1, text)]
