"""What the files of known clocks look like, as data, and how one is recognised by its headings.

A heading may stand in two rows, a group over several: then it is called ``group/heading``, and by
its last part as well.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tiesan.records.text import clean_code

# Headings stand within so many rows from the top.
HEADINGS_WITHIN = 20
_IN, _OUT = re.compile(r"上班([1-9])/?打卡时间"), re.compile(r"下班([1-9])/?打卡时间")
_CALLING = re.compile(r"(上班|下班)[1-9]/?(打卡结果|打卡状态)|关联的审批单|假勤申请")
_OTHER_GROUP = "外出"


@dataclass(frozen=True, slots=True)
class Preset:
    """A known file: how it is recognised, and which headings say what.

    ``needs`` are the headings without which it is another file; ``source`` is whose numbers and
    days they are. ``numbers`` may name a person, the first that is given counts; ``moment`` has the
    time of a punch in a file of punches, ``first`` and ``last`` the punches of a file of days that
    do not say which they are; without them its pairs of columns do, 上班1 and 下班1 and so on.
    """

    name: str
    source: str
    needs: tuple[str, ...]
    day: str
    numbers: tuple[str, ...] = ()
    person: str = "姓名"
    moment: str = ""
    first: str = ""
    last: str = ""
    came: str = ""
    went: str = ""
    group: str = "考勤组"
    short_year: bool = False


DINGTALK_DAYS = Preset(
    name="dingtalk_days",
    source="dingtalk",
    needs=("姓名", "日期", "上班1打卡时间", "下班1打卡时间"),
    day="日期",
    numbers=("UserId", "工号"),
    short_year=True,
)
DINGTALK_PUNCHES = Preset(
    name="dingtalk_punches",
    source="dingtalk",
    needs=("姓名", "考勤日期", "打卡时间"),
    day="考勤日期",
    numbers=("UserId", "工号"),
    moment="打卡时间",
    short_year=True,
)
WECOM = Preset(
    name="wecom",
    source="wecom",
    needs=("时间", "姓名", "账号"),
    day="时间",
    numbers=("账号",),
    first="最早",
    last="最晚",
    group="所属规则",
)
ZKTECO = Preset(name="zkteco", source="zkteco", needs=(), day="", person="")
# In the order in which they are tried; of a book with several the first is read.
PRESETS = (DINGTALK_DAYS, DINGTALK_PUNCHES, WECOM)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has what is read of it; the heading of each column is kept for messages."""

    preset: Preset
    headings: Sequence[str]
    data_from: int
    day: int | None
    person: int | None
    numbers: tuple[int, ...] = ()
    moment: int | None = None
    first: int | None = None
    last: int | None = None
    came: tuple[int, ...] = ()
    went: tuple[int, ...] = ()
    calling: tuple[int, ...] = ()
    group: int | None = None

    @property
    def is_of_punches(self) -> bool:
        """Whether each row is a punch."""
        return self.moment is not None


@dataclass(slots=True)
class Names:
    """The headings of a table, by each name that they go by, with their columns."""

    headings: list[str] = field(default_factory=list)
    columns: dict[str, list[int]] = field(default_factory=dict)

    def at(self, name: str) -> int | None:
        """The first column of a name, those under another heading of going out left aside."""
        found = self.columns.get(name, [])
        inside = [each for each in found if _OTHER_GROUP not in self.headings[each]]
        return next(iter(inside), None)


def names_of(upper: Sequence[str], lower: Sequence[str]) -> Names:
    """The headings that two rows are together: a group stands over all up to the next one."""
    names, group = Names(), ""
    for column in range(max(len(upper), len(lower))):
        above = _plain(upper[column]) if column < len(upper) else ""
        below = _plain(lower[column]) if column < len(lower) else ""
        group = above or group
        whole = f"{group}/{below}" if group and below else above
        names.headings.append(whole)
        for name in dict.fromkeys((above, whole, below)):
            if name:
                names.columns.setdefault(name, []).append(column)
    return names


def _plain(cell: str) -> str:
    return (clean_code(cell) or "").replace(" ", "").replace("\n", "")


def recognised(
    rows: Sequence[Sequence[str]], presets: Sequence[Preset] = PRESETS
) -> Columns | None:
    """The columns of a table that begins with these rows, if a preset knows its headings."""
    for preset in presets:
        found = _in_one_row(preset, rows) or _in_two_rows(preset, rows)
        if found is not None:
            return found
    return None


def _in_one_row(preset: Preset, rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns by the headings of one row, and of the one below where it goes on with them."""
    for at, row in enumerate(rows[:HEADINGS_WITHIN]):
        lower = rows[at + 1] if at + 1 < len(rows) else ()
        alone = _columns(preset, names_of(row, ()), at + 1)
        if alone is not None:
            two = _is_second_heading(alone, lower)
            return _columns(preset, names_of(row, lower), at + 2) if two else alone
    return None


def _in_two_rows(preset: Preset, rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns by the headings of two rows together, of which none would do alone."""
    pairs = pairwise(rows[: HEADINGS_WITHIN + 1])
    found = (_columns(preset, names_of(*pair), at + 2) for at, pair in enumerate(pairs))
    return next((each for each in found if each is not None), None)


def _columns(preset: Preset, names: Names, data_from: int) -> Columns | None:
    if any(names.at(need) is None for need in preset.needs):
        return None
    first, last = _at(names, preset.first), _at(names, preset.last)
    came = _paired(names, _IN, preset.came)
    went = _paired(names, _OUT, preset.went)
    moment = _at(names, preset.moment)
    if moment is None and None in (first, last) and not (came or went):
        return None
    return Columns(
        preset=preset,
        headings=tuple(names.headings),
        data_from=data_from,
        day=_at(names, preset.day),
        person=_at(names, preset.person),
        numbers=tuple(each for name in preset.numbers if (each := _at(names, name)) is not None),
        moment=moment,
        first=first,
        last=last,
        came=came,
        went=went,
        calling=tuple(i for i, each in enumerate(names.headings) if _CALLING.fullmatch(each)),
        group=_at(names, preset.group),
    )


def _at(names: Names, name: str) -> int | None:
    return names.at(_plain(name)) if name else None


def _paired(names: Names, pattern: re.Pattern[str], named: str) -> tuple[int, ...]:
    """The columns of 上班1, 上班2 … in their order."""
    if named:
        column = _at(names, named)
        return () if column is None else (column,)
    found: Mapping[int, int] = {
        int(match[1]): column
        for column, heading in enumerate(names.headings)
        if (match := pattern.fullmatch(heading))
    }
    return tuple(found[number] for number in sorted(found))


def _is_second_heading(columns: Columns, lower: Sequence[str]) -> bool:
    """Whether the row below the headings goes on with them: it names neither person nor day."""
    places = [each for each in (columns.day, columns.person) if each is not None]
    blank = all(each >= len(lower) or not lower[each] for each in places)
    return bool(places) and blank and any(lower)
