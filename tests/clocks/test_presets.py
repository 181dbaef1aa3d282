"""Each preset is read from files made after its table, however they were saved."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from plugins.discipline.clocks.attendance import read
from plugins.discipline.clocks.entries import Readings
from tests.clocks.files import (
    Day,
    attlog,
    book,
    csv_file,
    dingtalk_days,
    dingtalk_punches,
    saved_again,
    wecom,
)
from tiesan.records.imports.values import Sent

TODAY = date(2026, 11, 28)
MONDAY = date(2026, 10, 12)
DAYS = (
    Day("陈欧", "7", MONDAY),
    Day("白贝", "8", MONDAY, "09:16", "次日 00:40", result="迟到16分钟"),
    Day("石诗", "9", MONDAY, "缺卡", "18:30"),
    Day("周主席", "10", MONDAY, "08:30", "12:01", ("13:00", "19:15")),
)


def reading(*paths: Path, told: Sequence[dict[str, str]] = ()) -> Readings:
    """What is read of files."""
    return read([Sent(path, path.name) for path in paths], told, TODAY)


def found(readings: Readings) -> dict[str, tuple[tuple[int, ...], object]]:
    """What was read of each, by name or number."""
    assert readings.problems == []
    return {each.who.name or each.who.numbers[0]: (each.punches, each.span)
            for each in readings.entries}  # fmt: skip


IN_DINGTALK = {
    "陈欧": ((), (535, 1082)),
    "白贝": ((), (556, 1480)),
    "石诗": ((), (None, 1110)),
    "周主席": ((), (510, 1155)),
}
IN_WECOM = {
    "陈欧": ((535, 1082), (None, None)),
    "白贝": ((556, 1480), (None, None)),
    "石诗": ((1110,), (None, None)),
    "周主席": ((510, 1155), (None, None)),
}
SHEETS: dict[str, tuple[Callable[..., list[list[object]]], object]] = {
    "每日统计": (dingtalk_days, IN_DINGTALK),
    "概况统计与打卡明细": (wecom, IN_WECOM),
}


@pytest.mark.parametrize("title", SHEETS)
def test_a_sheet_is_read_under_any_name_and_in_any_place(title: str, tmp_path: Path) -> None:
    make, expected = SHEETS[title]
    plain = book(tmp_path / "a.xlsx", (title, make(DAYS)))
    other = ("打卡详情", [["打卡详情"], ["日期", "姓名", "打卡类型", "实际打卡时间"], ["x", "y"]])
    renamed = book(tmp_path / "b.xlsx", other, ("Sheet1", make(DAYS)))
    for path in (plain, renamed, saved_again(plain), saved_again(renamed)):
        assert found(reading(path)) == expected


@pytest.mark.parametrize("title", SHEETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_sheet_is_read_as_csv(title: str, encoding: str, tmp_path: Path) -> None:
    make, expected = SHEETS[title]
    assert found(reading(csv_file(tmp_path / "a.csv", make(DAYS), encoding))) == expected


def test_punches_of_dingtalk_are_read(tmp_path: Path) -> None:
    days = [DAYS[0], Day("石诗", "9", MONDAY, "缺卡", "18:30", result="缺卡")]
    path = book(tmp_path / "a.xlsx", ("原始记录", dingtalk_punches(days)))
    entries = reading(path).entries
    assert [(each.who.name, each.punches, each.span) for each in entries] == [
        ("陈欧", (535,), None),
        ("陈欧", (1082,), None),
        ("石诗", (), None),
        ("石诗", (1110,), None),
    ]
    assert entries[0].who.numbers == ("u7", "7")


def test_of_a_book_with_days_and_punches_the_days_are_read(tmp_path: Path) -> None:
    sheets = ("原始记录", dingtalk_punches(DAYS)), ("每日统计", dingtalk_days(DAYS))
    readings = reading(book(tmp_path / "a.xlsx", *sheets))
    assert found(readings) == IN_DINGTALK
    assert len(readings.remarks) == 1
    assert "原始记录" in readings.remarks[0]


def test_the_list_of_a_clock_is_read(tmp_path: Path) -> None:
    path = tmp_path / "1_attlog.dat"
    path.write_text(attlog([DAYS[0], DAYS[3]]), encoding="ascii")
    entries = reading(path).entries
    assert [(each.who.source, each.who.numbers, each.punches) for each in entries] == [
        ("zkteco:1", ("7",), (535,)),
        ("zkteco:1", ("7",), (1082,)),
        ("zkteco:1", ("10",), (510,)),
        ("zkteco:1", ("10",), (780,)),
        ("zkteco:1", ("10",), (1155,)),
        ("zkteco:1", ("10",), (721,)),
    ]


def test_totals_and_who_is_in_no_group_are_skipped(tmp_path: Path) -> None:
    outside = Day("保洁", "99", MONDAY, "", "", group="未加入考勤组")
    rows = [*dingtalk_days([DAYS[0], outside]), ["合计", "", "", "", "", "", "", "", "", "2"]]
    readings = reading(book(tmp_path / "a.xlsx", ("每日统计", rows)))
    assert len(readings.entries) == 1
    assert dict(readings.skipped) == {"group": 1, "total": 1}


def test_days_that_the_clock_calls_leave_are_known(tmp_path: Path) -> None:
    days = [
        Day("陈欧", "7", MONDAY, "", "", result="请假"),
        Day("白贝", "8", MONDAY, "08:50", "", approved="外出10-12 13:00到10-12 18:00"),
        Day("石诗", "9", MONDAY, result="外勤"),
    ]
    entries = reading(book(tmp_path / "a.xlsx", ("每日统计", dingtalk_days(days)))).entries
    assert [each.called for each in entries] == ["请假", "外出", ""]


# --- other files ----------------------------------------------------------------------------------

OWN = [
    ["员工", "牌号", "刷卡"],
    ["陈欧", "K7", "2026-10-12 08:55:01"],
    ["陈欧", "K7", "2026/10/12 18:02"],
]


def test_unknown_headings_are_asked_and_known_from_then_on(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", OWN)
    assert reading(path).headings == ["员工", "牌号", "刷卡"]
    told = {"name": "门禁", "person": "员工", "number": "牌号", "moment": "刷卡"}
    entries = reading(path, told=[told]).entries
    assert [(each.who.source, each.punches) for each in entries] == [
        ("own:门禁", (535,)),
        ("own:门禁", (1082,)),
    ]


def test_columns_of_days_are_told_as_well(tmp_path: Path) -> None:
    rows = [["编号", "日期", "签到", "签退"], ["CO", "2026年10月12日", "8：55", "24:40"]]
    told = {"name": "签到表", "number": "编号", "day": "日期", "came": "签到", "went": "签退"}
    path = csv_file(tmp_path / "a.csv", rows, "gb18030")
    [entry] = reading(path, told=[told]).entries
    assert (entry.who.numbers, entry.day, entry.span) == (("CO",), MONDAY, (535, 1480))


# --- what is refused ------------------------------------------------------------------------------


def distorted(
    at: int,
    cell: object,
    *,
    make: Callable[..., list[list[object]]] = dingtalk_days,
) -> list[list[object]]:
    """The rows of a sheet, one cell of whose second person says something else."""
    rows = make(DAYS)
    rows[-3][at] = cell
    return rows


DISTORTED = {
    "weekday": ("每日统计", distorted(6, "26-10-12 星期二"), 6, "日期"),
    "no day": ("每日统计", distorted(6, "昨天"), 6, "日期"),
    "blank day": ("每日统计", distorted(6, ""), 6, "日期"),
    "a day to come": ("每日统计", distorted(6, "26-12-14 星期一"), 6, "日期"),
    "no time": ("每日统计", distorted(9, "早上"), 6, "上班1打卡时间"),
    "25 o'clock": ("每日统计", distorted(11, "次日 25:10"), 6, "下班1打卡时间"),
    "backwards": ("每日统计", distorted(11, "07:00"), 6, "下班1打卡时间"),
    "nobody": ("概况统计", [[*row[:1], "", "", *row[3:]] if at == 5 else row
                            for at, row in enumerate(wecom(DAYS))], 6, "姓名"),
    "a formula": ("概况统计", distorted(7, "=A1", make=wecom), 6, "最早"),
    "another day": ("原始记录", [*dingtalk_punches(DAYS[:1]),
                                 ["陈欧", "", "", "7", "", "u7", "26-10-12 星期一", "09:00",
                                  "2026-10-14 08:55"]], 6, "打卡时间"),
}  # fmt: skip


@pytest.mark.parametrize("case", DISTORTED)
def test_what_is_distorted_is_refused_with_row_and_column(case: str, tmp_path: Path) -> None:
    title, rows, line, column = DISTORTED[case]
    problems = reading(book(tmp_path / "a.xlsx", (title, rows))).problems
    assert [(each.line, each.column) for each in problems] == [(line, column)]


def test_a_broken_line_of_a_clock_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "1_attlog.dat"
    path.write_text(attlog(DAYS[:1]) + "   7 2026-10-12 18:02\n", encoding="ascii")
    [problem] = reading(path).problems
    assert problem.line == 3


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"\xd0\xcf\x11\xe0 rest", "另存为"), (b"<html><table><tr><td>", "另存为"),
     (b"<?xml version='1.0'?><Workbook>", "另存为"), (b"PK\x03\x04 broken", "xlsx"),
     (b"\x00\x01\x02", "CSV"), (b"", "表头"), (b"a,b\n1,2\n", "表头")],
)  # fmt: skip
def test_another_kind_of_file_is_refused(content: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / "考勤.xls"
    path.write_bytes(content)
    [problem] = reading(path).problems
    assert word in problem.text


def test_a_monthly_summary_is_refused_with_what_to_export(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["月度汇总 统计日期：2026-10"],
        ["姓名", "考勤组", "部门", "出勤天数"],
        ["陈欧", "", "", 20],
    ]
    [problem] = reading(book(tmp_path / "a.xlsx", ("月度汇总", rows))).problems
    assert "每日统计" in problem.text
