"""What the files of clocks say, row by row: who, which day, and when they came and went."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path

from plugins.discipline.clocks.cells import A_DAY, called_away, day_of, minute_of, moment_of
from plugins.discipline.clocks.presets import (
    DINGTALK_DAYS,
    DINGTALK_PUNCHES,
    HEADINGS_WITHIN,
    PRESETS,
    ZKTECO,
    Columns,
    Preset,
    recognised,
)
from plugins.discipline.clocks.punches import Span
from plugins.discipline.clocks.tables import ATTLOG, attlog_lines, opened, rows_of
from tiesan.i18n import _
from tiesan.records.exchange.problems import Problem, Unusable, shown
from tiesan.records.exchange.tables import RawTable
from tiesan.records.imports.values import Sent
from tiesan.records.text import clean_code, clean_text

_TOTALS = frozenset({"合计", "总计", "小计"})
_IN_NO_GROUP = frozenset({"", "--", "未加入考勤组", "无考勤组", "未加入规则", "无"})
_MONTHLY = "月度汇总"
_MOST_PROBLEMS = 500
_MOST_HEADINGS = 100


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row names: by numbers, the first one counting most, and by name."""

    source: str
    numbers: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says of one day: a punch, or when somebody came and went.

    ``called`` is what the clock calls the day where it calls it a leave or an outing.
    """

    who: Who
    day: date
    punches: tuple[int, ...] = ()
    span: Span | None = None
    called: str = ""


@dataclass(slots=True)
class Readings:
    """All that was read, and what is wrong with it; ``headings`` are those that nobody knows."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    presets: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_files(files: Iterable[Sent], own: Sequence[Preset], *, today: date) -> Readings:
    """Read the files of clocks; ``own`` are the columns that people have told before."""
    readings = Readings()
    for number, sent in enumerate(files):
        reader = _Reader(readings, number, sent.name, today)
        try:
            reader.read(sent.path, (*PRESETS, *own))
        except Unusable as error:
            reader.wrong(error.line, "", error.text)
        if len(readings.problems) >= _MOST_PROBLEMS:
            break
    return readings


class _Reader:
    """Reads one file into what was read before."""

    def __init__(self, readings: Readings, number: int, name: str, today: date) -> None:
        self._readings, self._number, self._name, self._today = readings, number, name, today
        self._whos: dict[Who, Who] = {}

    def wrong(self, line: int, column: str, text: str) -> None:
        place = (self._number, len(self._readings.problems), line)
        self._readings.problems.append(Problem(place, self._name, line, column, text))

    def read(self, path: Path, presets: Sequence[Preset]) -> None:
        lines = attlog_lines(path)
        if lines is not None:
            self._read_attlog(lines)
            return
        with opened(path, self._name) as tables:
            self._read_tables(tables, presets)

    # --- ZKTeco -----------------------------------------------------------------------------------

    def _read_attlog(self, lines: Sequence[str]) -> None:
        source = _of_device(self._name)
        self._readings.presets.append(ZKTECO.name)
        for line, text in enumerate(lines, start=1):
            if not text.strip("\ufeff\x1a \t"):
                continue
            if not ATTLOG.fullmatch(text.lstrip("\ufeff")):
                wrong = _("no punch (number, tab, date and time); found: %(found)s")
                self.wrong(line, "1", wrong % {"found": shown(text)})
                continue
            number, moment = text.lstrip("\ufeff").split("\t")[:2]
            self._take(line, "2", Who(source, (number.strip(),), ""), moment)

    def _take(self, line: int, column: str, who: Who, moment: str) -> None:
        try:
            day, minute = moment_of(moment)
        except ValueError as error:
            self.wrong(line, column, str(error))
            return
        if day is not None and self._is_past(line, column, day):
            self._add(who, day, punches=(minute,))

    # --- tables -----------------------------------------------------------------------------------

    def _read_tables(self, tables: Sequence[RawTable], presets: Sequence[Preset]) -> None:
        known, tops = [], []
        for table in tables:
            rows = rows_of(table)
            top = [row for row, _number in zip(rows, range(HEADINGS_WITHIN + 1), strict=False)]
            columns = recognised([cells for _line, cells in top], presets)
            tops.append(top)
            if columns is not None:
                known.append((table, columns, chain(top, rows)))
        names = {columns.preset.name for _table, columns, _rows in known}
        if not known:
            self._unknown(tables, [[cells for _line, cells in top] for top in tops])
        for table, columns, rows in known:
            if columns.preset is DINGTALK_PUNCHES and DINGTALK_DAYS.name in names:
                text = _("%(sheet)s was left alone: the days of the same book are read")
                self._readings.remarks.append(text % {"sheet": table.name})
                continue
            self._name = table.name
            self._read_rows(columns, rows)

    def _unknown(self, tables: Sequence[RawTable], tops: Sequence[Sequence[Sequence[str]]]) -> None:
        if any(_is_monthly(table, top) for table, top in zip(tables, tops, strict=True)):
            raise Unusable(1, _("a monthly summary (月度汇总) holds no times: export the sheet "
                                "每日统计 or 原始记录"))  # fmt: skip
        found = next((head for top in tops if (head := _likely_headings(top))), None)
        if found is None:
            raise Unusable(1, _("no headings that are known, and none that could be told"))
        self._readings.headings = self._readings.headings or found

    def _read_rows(self, columns: Columns, rows: Iterator[tuple[int, list[str]]]) -> None:
        self._readings.presets.append(columns.preset.name)
        for at, (line, cells) in enumerate(rows):
            if at < columns.data_from or not any(cells):
                continue
            if len(self._readings.problems) >= _MOST_PROBLEMS:
                return
            self._read_row(columns, line, cells)

    def _read_row(self, columns: Columns, line: int, cells: list[str]) -> None:
        row = _Row(columns, cells)
        if row.is_total or row.is_in_no_group:
            self._readings.skipped["total" if row.is_total else "group"] += 1
            return
        try:
            row.refuse_unreadable()
            day = row.day()
            who = row.who()
            entry = row.punch(day) if columns.is_of_punches else row.span(day)
        except _WrongCell as error:
            self.wrong(line, row.heading(error.column), str(error))
            return
        if self._is_past(line, row.heading(columns.day), entry[0]):
            self._add(who, entry[0], entry[1], entry[2], row.called)

    def _is_past(self, line: int, column: str, day: date) -> bool:
        if day > self._today:
            wrong = _("a day to come; found: %(found)s", found=day.isoformat())
            self.wrong(line, column, wrong)
        return day <= self._today

    def _add(
        self,
        who: Who,
        day: date,
        punches: tuple[int, ...] = (),
        span: Span | None = None,
        called: str = "",
    ) -> None:
        # A month has a person's name thirty times: it is kept once.
        who = self._whos.setdefault(who, who)
        self._readings.entries.append(Entry(who, day, punches, span, called))


class _WrongCell(ValueError):  # noqa: N818 - it says what is wrong
    """A cell that cannot be read; ``column`` is where it stands."""

    def __init__(self, column: int | None, text: str) -> None:
        super().__init__(text)
        self.column = column


class _Row:
    """One row of a table whose columns are known."""

    def __init__(self, columns: Columns, cells: list[str]) -> None:
        self._columns, self._cells = columns, cells

    def cell(self, column: int | None) -> str:
        """What stands in a column; an empty text beyond the last cell."""
        return "" if column is None or column >= len(self._cells) else self._cells[column]

    def heading(self, column: int | None) -> str:
        """What a column is called in messages."""
        return "" if column is None else self._columns.headings[column]

    @property
    def _times(self) -> tuple[int, ...]:
        columns = self._columns
        of_days = (columns.first, columns.last, *columns.came, *columns.went)
        return tuple(each for each in (columns.moment, *of_days) if each is not None)

    @property
    def is_total(self) -> bool:
        """Whether it sums up others."""
        return self.cell(self._columns.person) in _TOTALS or (self._cells[0] in _TOTALS)

    @property
    def is_in_no_group(self) -> bool:
        """Whether it is of somebody whom the clock does not look after, and says no time."""
        columns = self._columns
        if columns.group is None or self.cell(columns.group) not in _IN_NO_GROUP:
            return False
        return not any(any(map(str.isdigit, self.cell(each))) for each in self._times)

    @property
    def called(self) -> str:
        """What the clock calls the day, where it is a leave or an outing."""
        places = (*self._columns.calling, *self._times)
        return next(filter(None, (called_away(self.cell(each)) for each in places)), "")

    def refuse_unreadable(self) -> None:
        """Raise for a formula or an error of the spreadsheet in what is read."""
        columns = self._columns
        for each in (columns.day, columns.person, *columns.numbers, *self._times):
            if self.cell(each).startswith("?"):
                raise _WrongCell(each, self.cell(each)[1:])

    def who(self) -> Who:
        """Whom the row names; raises for nobody."""
        columns = self._columns
        numbers = (clean_code(self.cell(each)) for each in columns.numbers)
        given = tuple(each for each in numbers if each is not None and each != "--")
        name = clean_text(self.cell(columns.person)) or ""
        if not name and not given:
            place = columns.person if columns.person is not None else columns.numbers[0]
            raise _WrongCell(place, _("must not be empty"))
        return Who(columns.preset.source, tuple(dict.fromkeys(given)), name)

    def day(self) -> date | None:
        """The day of the row; None where the time itself says it."""
        columns = self._columns
        if columns.day is None:
            return None
        text = self.cell(columns.day)
        if not text:
            raise _WrongCell(columns.day, _("must not be empty"))
        try:
            return day_of(text, short_year=columns.preset.short_year)
        except ValueError as error:
            raise _WrongCell(columns.day, str(error)) from error

    def punch(self, day: date | None) -> tuple[date, tuple[int, ...], Span | None]:
        """The punch of a row, on its day."""
        column = self._columns.moment
        if day is not None:
            minute = self._minute(column, day)
            return day, () if minute is None else (minute,), None
        try:
            said, minute = moment_of(self.cell(column))
        except ValueError as error:
            raise _WrongCell(column, str(error)) from error
        if said is None:
            raise _WrongCell(column, _("the day is missing"))
        return said, (minute,), None

    def span(self, day: date | None) -> tuple[date, tuple[int, ...], Span | None]:
        """When somebody came and went on the day of a row."""
        columns = self._columns
        if day is None:
            raise _WrongCell(None, _("the day is missing"))
        if columns.first is not None and columns.last is not None:
            minutes = (self._minute(each, day) for each in (columns.first, columns.last))
            return day, tuple(each for each in minutes if each is not None), (None, None)
        came = [(each, self._minute(each, day)) for each in columns.came]
        went = [(each, self._minute(each, day)) for each in reversed(columns.went)]
        known = (None, None)
        first = next((pair for pair in came if pair[1] is not None), known)
        last = next((pair for pair in went if pair[1] is not None), known)
        self._refuse_backwards(first, last)
        return day, (), (first[1], last[1])

    def _refuse_backwards(
        self, came: tuple[int | None, int | None], went: tuple[int | None, int | None]
    ) -> None:
        """Raise for a coming on the next day, and for a going before it; both with columns."""
        if came[1] is not None and came[1] >= A_DAY:
            wrong = _("clocking in lies on the next day; found: %(found)s")
            raise _WrongCell(came[0], wrong % {"found": shown(self.cell(came[0]))})
        if came[1] is not None and went[1] is not None and went[1] < came[1]:
            wrong = _("lies before clocking in (of the next day? 次日); found: %(found)s")
            raise _WrongCell(went[0], wrong % {"found": shown(self.cell(went[0]))})

    def _minute(self, column: int | None, day: date) -> int | None:
        try:
            return minute_of(self.cell(column), day)
        except ValueError as error:
            raise _WrongCell(column, str(error)) from error


def _of_device(name: str) -> str:
    """The source of a list, whose name begins with the number of the clock."""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return f"{ZKTECO.source}:{digits}" if digits else ZKTECO.source


def _is_monthly(table: RawTable, top: Sequence[Sequence[str]]) -> bool:
    texts: Iterable[str] = chain([table.name], *top[:HEADINGS_WITHIN])
    return any(_MONTHLY in text for text in texts)


def _likely_headings(top: Sequence[Sequence[str]]) -> list[str] | None:
    """The first row that has at least three texts, each of them once."""
    least = 3
    for row in top[:HEADINGS_WITHIN]:
        given = [text for cell in row if (text := clean_code(cell) or "")]
        if len(given) >= least and len(set(given)) == len(given) <= _MOST_HEADINGS:
            return given
    return None


def entry_counts(entries: Iterable[Entry]) -> Mapping[Who, int]:
    """How many rows name each person."""
    return Counter(each.who for each in entries)
