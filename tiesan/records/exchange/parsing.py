"""From the raw rows of one file to typed rows, every problem of a cell noted on the way."""

from dataclasses import dataclass, field

from tiesan.columns import RANGE, Clock
from tiesan.facts.kinds import Value
from tiesan.i18n import _
from tiesan.records.exchange.cells import ClockReading, Parser, parser_of
from tiesan.records.exchange.files import ExchangeFile
from tiesan.records.exchange.headers import Header, read_header
from tiesan.records.exchange.problems import Problem, Remark, Unusable, shown
from tiesan.records.exchange.tables import Cell, RawTable
from tiesan.records.text import clean_text

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class Row:
    """A row: its line, its values in the order of the file's fields, and whether all are good.

    References hold the code that was read. A column that the file has not is None. ``wrong`` are
    the fields that were found wrong, which nothing further can be said of.
    """

    line: int
    values: list[Value]
    sound: bool = True
    wrong: frozenset[str] = frozenset()


@dataclass(slots=True)
class ParsedFile:
    """One file or sheet with its rows; ``number`` is its place in the list of problems.

    Of a file that is not ``whole`` some rows could not be read, so nobody knows which rows it has.
    """

    file: ExchangeFile
    name: str
    digest: str
    number: int
    header: Header
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True

    def blame(self, row: Row, column: str, text: str) -> None:
        """Note a problem of a row; ``column`` is a field's name."""
        position = self.file.position[column]
        self.problem(row.line, position, self.header.names[position], text)
        row.sound = False
        row.wrong |= {column}

    def remark(self, row: Row, column: str, text: str, found: object = None) -> Remark:
        """A remark on a row that is taken all the same; ``column`` is a field's name."""
        position = self.file.position[column]
        place, heading = (self.number, row.line, position), self.header.names[position]
        return Remark(place, self.name, row.line, heading, text, shown(found) if found else "")

    def problem(self, line: int, position: int, column: str, text: str) -> None:
        """Note a problem of a line."""
        place = (self.number, line, position)
        self.problems.append(Problem(place, self.name, line, column, text))


def whole_file_problem(name: str, number: int, line: int, text: str) -> Problem:
    """A problem of a file rather than of one of its columns."""
    return Problem((number, line, -1), name, line, "-", text)


def parse(table: RawTable, file: ExchangeFile, number: int) -> ParsedFile:
    """Read all rows of a table as those of a file."""
    empty = Header((), (), (False,) * len(file.fields))
    parsed = ParsedFile(file, table.name, table.digest, number, empty)
    try:
        line, cells = next(table.rows, (1, []))
        _read_header(parsed, line, cells)
        parsed.whole = all(parsed.header.present[place] for place in file.identity)
        _read_rows(parsed, table)
    except Unusable as error:
        parsed.whole = False
        problem = whole_file_problem(table.name, number, error.line, error.text)
        parsed.problems.append(problem)
    return parsed


def is_blank(table: RawTable) -> bool:
    """Whether no cell has a value; reads the rows."""
    return not any(_filled(cell) for _line, cells in table.rows for cell in cells)


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or clean_text(cell) is not None


def _read_header(parsed: ParsedFile, line: int, cells: list[Cell]) -> None:
    if not any(map(_filled, cells)):
        raise Unusable(line, _("there is no header row"))
    parsed.header, problems = read_header(parsed.file, cells)
    for position, (column, text) in enumerate(problems):
        parsed.problem(line, position, column, text)


def _read_rows(parsed: ParsedFile, table: RawTable) -> None:
    """Read the rows; under a wrong header none is sound, but what else is wrong is noted."""
    reader = _RowReader(parsed, ragged=table.ragged)
    right = not parsed.problems
    for line, cells in table.rows:
        row = reader.read(line, cells)
        if row is not None:
            row.sound = row.sound and right
            parsed.rows.append(row)


class _RowReader:
    """Reads the rows of one file; what belongs to a column is settled once."""

    def __init__(self, parsed: ParsedFile, *, ragged: bool) -> None:
        self._parsed = parsed
        self._ragged = ragged
        file, header = parsed.file, parsed.header
        self._width = len(header.fields)
        self._columns: list[tuple[int, int, Parser]] = [
            (index, position, _parser(file, position))
            for index, position in enumerate(header.fields)
            if position is not None
        ]
        self._required = [
            place
            for place, field in enumerate(file.fields)
            if field.required and header.present[place]
        ]
        self._lines: dict[tuple[Value, ...], int] = {}
        self._clocks = file.clocks
        # The times of the present row whose cells say their day as well.
        self._readings: list[tuple[int, ClockReading]] = []

    def read(self, line: int, cells: list[Cell]) -> Row | None:
        """Read one row; None for a row whose cells are all empty."""
        if len(cells) != self._width:
            cells = self._fitted(line, cells)
        row, blank = Row(line, [None] * len(self._parsed.file.fields)), True
        self._readings.clear()
        for index, position, parser in self._columns:
            cell = cells[index]
            if cell and self._take(row, position, parser, cell):
                blank = False
        if self._parsed.header.nameless:
            blank = self._read_nameless(row, cells) and blank
        if blank and row.sound:
            return None
        for position, reading in self._readings:
            self._settle(row, position, reading)
        self._check(row)
        return row

    def _take(self, row: Row, position: int, parser: Parser, cell: Cell) -> bool:
        """Take the value of a cell; returns whether there is anything in it."""
        try:
            text = _trimmed(cell) if isinstance(cell, str) else cell.refuse()
            if text is None:
                return False
            value = parser(text)
        except ValueError as error:
            self._blame(row, position, str(error))
            return True
        if isinstance(value, ClockReading):
            self._readings.append((position, value))
        else:
            row.values[position] = value
        return True

    def _settle(self, row: Row, position: int, reading: ClockReading) -> None:
        """Take a time that says its day, if the rest of the row says the same."""
        places, clock = self._parsed.file.position, self._clocks.get(position, Clock())
        row.values[position] = reading.time
        if reading.next_day:
            said = places[clock.next_day]
            if row.values[said] is False:
                text = _("a time of the next day, but the row says of this one; found: %(found)s")
                self._blame(row, position, text % {"found": shown(reading.text)})
            elif clock.next_day not in row.wrong:
                row.values[said] = True
            return
        if not clock.of_day:
            text = _("no time (HH:MM); found: %(found)s")
        elif row.values[places[clock.of_day]] in {None, reading.day}:
            # A day that is missing or wrong has been noted.
            return
        else:
            text = _("a time of another day than the row's; found: %(found)s")
        self._blame(row, position, text % {"found": shown(reading.text)})

    def _fitted(self, line: int, cells: list[Cell]) -> list[Cell]:
        """The cells of a row that is not as long as the header, cut or filled to fit.

        A row of a CSV file that is too short is a problem: what is missing may be lost.
        """
        missing = self._width - len(cells)
        surplus = any(map(_filled, cells[self._width :]))
        if surplus or (missing > 0 and not self._ragged and any(map(_filled, cells))):
            wrong = _("%(found)d cells, but the header has %(expected)d")
            text = wrong % {"found": len(cells), "expected": self._width}
            problem = whole_file_problem(self._parsed.name, self._parsed.number, line, text)
            self._parsed.problems.append(problem)
        return cells[: self._width] + [""] * missing

    def _read_nameless(self, row: Row, cells: list[Cell]) -> bool:
        """Note values in columns without a heading; returns whether there are none."""
        nameless = self._parsed.header.nameless
        filled = [index for index in nameless if _filled(cells[index])]
        for index in filled:
            text = _("a value in a column without a heading")
            self._parsed.problem(row.line, index, "-", text)
            row.sound = False
        return not filled

    def _blame(self, row: Row, position: int, text: str) -> None:
        self._parsed.blame(row, self._name(position), text)

    def _name(self, position: int) -> str:
        return self._parsed.file.fields[position].name

    def _check(self, row: Row) -> None:
        for position in self._required:
            if row.values[position] is None and self._name(position) not in row.wrong:
                self._blame(row, position, _("must not be empty"))
        key = tuple([row.values[position] for position in self._parsed.file.identity])
        if None in key:
            return
        earlier = self._lines.setdefault(key, row.line)
        if earlier != row.line:
            text = _("stands twice in this file (first in line %(line)d); found: %(found)s")
            found = " + ".join(map(str, key))
            position = self._parsed.file.identity[0]
            self._blame(row, position, text % {"line": earlier, "found": shown(found)})


def _trimmed(cell: str) -> str | None:
    """The cell without white space around it; None when nothing that anybody sees is left.

    A mark of byte order, which some programs leave in the first cell, is none.
    """
    text = cell.strip()
    if text.isascii():
        return text or None
    return text.strip(_BYTE_ORDER_MARK).strip() if clean_text(text) else None


def _parser(file: ExchangeFile, position: int) -> Parser:
    between: tuple[int, int] | None = file.columns[position].info.get(RANGE)
    clock = file.clocks.get(position, Clock())
    return parser_of(file.fields[position], between, over_midnight=bool(clock.next_day))
