"""Files as clocks give them, made after the tables of their presets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Day:
    """What somebody did on a day: times by shift, as the clock writes them."""

    name: str
    number: str
    day: date
    came: str = "08:55"
    went: str = "18:02"
    again: tuple[str, str] = ("", "")
    result: str = "正常"
    approved: str = ""
    group: str = "机关考勤组"


def weekday(day: date) -> str:
    """The weekday as clocks write it."""
    return f"星期{WEEKDAYS[day.weekday()]}"


def short(day: date) -> str:
    """A day as DingTalk writes it."""
    return f"{day:%y-%m-%d} {weekday(day)}"


_BEGINNING = ("姓名", "考勤组", "部门", "工号", "职位", "UserId")
_DAYS = (
    *_BEGINNING, "日期", "workDate", "班次", "上班1打卡时间", "上班1打卡结果", "下班1打卡时间",
    "下班1打卡结果", "上班2打卡时间", "上班2打卡结果", "下班2打卡时间", "下班2打卡结果",
    "关联的审批单", "请假",
)  # fmt: skip
_PUNCHES = (
    *_BEGINNING, "考勤日期", "考勤时间", "打卡时间", "打卡结果", "打卡地址", "打卡备注",
)  # fmt: skip


def _person(each: Day) -> list[str]:
    return [each.name, each.group, "办公室", each.number, "干事", f"u{each.number}"]


def dingtalk_days(days: Iterable[Day]) -> list[list[Any]]:
    """The sheet 每日统计, with a second row of headings."""
    rows: list[list[Any]] = [
        ["每日统计表 统计日期：2026-10-01 至 2026-10-31"],
        ["报表生成时间：2026-11-01 08:00"],
        [*_DAYS, ""],
        ["", *[""] * (len(_DAYS) - 2), "事假", "病假"],
    ]
    for each in days:
        shifts = [each.came, each.result, each.went, each.result]
        shifts += [each.again[0], "", each.again[1], ""]
        rows.append(
            [*_person(each), short(each.day), 1790000000000, "默认班次", *shifts, each.approved]
        )
    return rows


def dingtalk_punches(days: Iterable[Day]) -> list[list[Any]]:
    """The sheet 原始记录: each time is a punch."""
    rows: list[list[Any]] = [
        ["原始记录表 统计日期：2026-10-01 至 2026-10-31"],
        ["报表生成时间：2026-11-01 08:00"],
        list(_PUNCHES),
    ]
    for each in days:
        for planned, moment in (("09:00", each.came), ("18:00", each.went)):
            text = f"{each.day} {moment}" if moment[:2].isdigit() else moment
            rows.append(
                [*_person(each), short(each.day), planned, text, each.result, "甲区某街1号", ""]
            )
    return rows


def wecom(days: Iterable[Day]) -> list[list[Any]]:
    """The sheet 概况统计与打卡明细, whose headings stand in two rows."""
    first = ["时间", "姓名", "账号", "部门", "职务", "所属规则", "班次", "最早", "最晚"]
    first += ["打卡次数(次)", "外出打卡", "", "上班1", "", "下班1", "", "打卡时间记录"]
    second = [*[""] * 10, "最早", "最晚", "打卡时间", "打卡状态", "打卡时间", "打卡状态", ""]
    rows: list[list[Any]] = [["概况统计与打卡明细"], ["统计时间：2026/10/01-2026/10/31"]]
    rows += [first, second]
    for each in days:
        went = each.again[1] or each.went
        rows.append(
            [f"{each.day:%Y/%m/%d} {weekday(each.day)}", each.name, f"u{each.number}", "办公室",
             "干事", each.group, "09:00-18:00", each.came, went, "2", "--", "--", each.came,
             each.result, went, each.result, f"{each.came}; {went}"]
        )  # fmt: skip
    return rows


def attlog(days: Iterable[Day]) -> str:
    """A ZKTeco clock's list; numbers are padded with blanks, states say what people pressed."""
    lines = []
    for each in days:
        for state, moment in enumerate((each.came, *each.again, each.went)):
            if moment[:1].isdigit():
                lines.append(f"{each.number:>9}\t{each.day} {moment}:37\t1\t{state}\t0\t0")
    return "\r\n".join(lines) + "\r\n"


def book(path: Path, *sheets: tuple[str, Sequence[Sequence[Any]]], merged: bool = True) -> Path:
    """Write sheets by title, with the title rows merged as clocks have them."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        if merged and len(rows) > 1:
            sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=6)
    made.save(path)
    return path


def saved_again(path: Path) -> Path:
    """The book as a spreadsheet saves it again."""
    again = path.with_stem(f"{path.stem}-again")
    load_workbook(path).save(again)
    return again


def csv_file(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> Path:
    """Write rows as CSV."""
    text = "\r\n".join(",".join(str(cell) for cell in row) for row in rows)
    path.write_bytes(text.encode(encoding))
    return path
