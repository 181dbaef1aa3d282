"""Workbooks: typed cells taken exactly, everything doubtful refused."""

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, Expense, WorkLog
from tests.exchange.importing import all_rows, bring, counts
from tiesan.i18n import use_language
from tiesan.people.models import Cadre
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.settings import RuleParameterValue

T = TypeVar("T")
EXPENSE = ["code", "cadre", "payee", "amount", "spent_on", "receipt"]


def book(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook with these rows, headings first."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def one(session: Session, model: type[T], **values: object) -> T:
    """The one row with these values."""
    return session.scalars(select(model).filter_by(**values)).one()


def refusal(session: Session, path: Path) -> list[str]:
    """The English lines of a refused import, which changes nothing."""
    before = all_rows(session)
    with use_language("en"), pytest.raises(ImportRefused) as refused:
        bring(session, path)
    assert all_rows(session) == before
    return refused.value.lines


def test_typed_cells_are_taken_as_what_they_are(session: Session, tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.xlsx",
        expenses=[
            EXPENSE,
            [2001, "C2", 110, 199.99, date(2026, 3, 1), True],
            ["B3", "C2", 1.5, 200, datetime(2026, 3, 1), False],  # noqa: DTZ001 - as in a sheet
            ["B4", "C2", "文本", "0.10", "2026-03-01", "是"],
            ["B5", "C2", 5.0, 0.1, date(2026, 3, 1), None],
        ],
        attendance=[
            ["cadre", "day", "clock_in", "clock_out"],
            ["C2", date(2026, 3, 3), time(8, 20), timedelta(hours=17, minutes=35)],
        ],
        parameters=[
            ["rule", "name", "from", "value"],
            ["discipline.late", "work_start", date(2026, 6, 1), time(8, 45)],
            ["harmony.conflict_unmediated", "days", date(2026, 6, 1), 10],
        ],
    )
    bring(session, path)
    found = {
        each.code: (each.payee, each.amount, each.receipt)
        for each in session.scalars(select(Expense))
    }
    assert found["2001"] == ("110", 19999, True)
    assert found["B3"] == ("1.5", 20000, False)
    assert found["B4"] == ("文本", 10, True)
    assert found["B5"] == ("5", 10, False)
    row = one(session, Attendance, day=date(2026, 3, 3))
    assert (row.clock_in, row.clock_out) == (time(8, 20), time(17, 35))
    assert one(session, RuleParameterValue, name="days").value == "10"
    assert (
        one(session, RuleParameterValue, valid_from=date(2026, 6, 1), name="work_start").value
        == "08:45"
    )
    assert bring(session, path).changes == 0


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("amount", 199.995, "more than two decimals; found: 199.995"),
        ("amount", 0.30000000000001, "more than two decimals"),
        ("amount", -1, "negative"),
        ("amount", 1e15, "more than 15 digits"),
        ("amount", True, "no amount"),
        ("amount", date(2026, 3, 1), "no amount"),
        ("amount", "=1+1", "a formula"),
        ("payee", '=HYPERLINK("x")', "a formula"),
        ("payee", 1234567890123456, "more than 15 digits"),
        ("amount", "#N/A", "an error of the spreadsheet: #N/A"),
        ("spent_on", 46082, "no date (YYYY-MM-DD); found: 46082"),
        ("spent_on", datetime(2026, 3, 1, 8, tzinfo=UTC).replace(tzinfo=None), "no date"),
        ("spent_on", time(8), "no date"),
        ("receipt", 1, "neither true nor false; found: 1"),
    ],
)
def test_doubtful_cells_are_refused(
    session: Session, tmp_path: Path, column: str, value: object, words: str
) -> None:
    row: list[object] = ["B3", "C2", "甲", 1, date(2026, 3, 1), True]
    row[EXPENSE.index(column)] = value
    (line,) = refusal(session, book(tmp_path / "b.xlsx", expenses=[EXPENSE, row]))
    assert line.startswith(f"b.xlsx[expenses]:2: {column}: ")
    assert words in line


@pytest.mark.parametrize("value", [time(8, 30, 15), timedelta(hours=25), timedelta(hours=-1)])
def test_times_that_are_no_times_of_day(session: Session, tmp_path: Path, value: object) -> None:
    rows: list[list[object]] = [["cadre", "day", "clock_in"], ["C2", date(2026, 3, 3), value]]
    (line,) = refusal(session, book(tmp_path / "b.xlsx", attendance=rows))
    assert "b.xlsx[attendance]:2: clock_in: no time" in line


def test_empty_rows_and_columns_are_no_rows(session: Session, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["code", "cadre", "payee", "amount", "spent_on", None],
        [None, None, None],
        ["B3", "C2", "甲", 1, date(2026, 3, 1)],
        [None, "  "],
    ]
    report = bring(session, book(tmp_path / "b.xlsx", expenses=rows, Sheet1=[[None]]))
    assert counts(report) == {"expenses": (1, 0, 0)}


def test_lines_are_those_of_the_sheet(session: Session, tmp_path: Path) -> None:
    rows: list[list[object]] = [[*EXPENSE], [], [], ["B3", "C2", "甲", 1, "bad", True]]
    (line,) = refusal(session, book(tmp_path / "b.xlsx", expenses=rows))
    assert line.startswith("b.xlsx[expenses]:4: spent_on: ")


def test_an_unknown_sheet_is_refused(session: Session, tmp_path: Path) -> None:
    (line,) = refusal(session, book(tmp_path / "b.xlsx", moods=[["code"], ["X"]]))
    assert line.startswith("b.xlsx[moods]:1: -: no file of the exchange format")


def test_merged_cells_are_refused(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "work_logs"
    for row in (["cadre", "day", "written_on"], ["C2", date(2026, 3, 3), date(2026, 3, 3)]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    workbook.save(path)
    (line,) = refusal(session, path)
    assert line.startswith("b.xlsx[work_logs]:1: -: merged cells (A2:A3)")


def test_hidden_rows_and_columns_count_like_others(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "b.xlsx"
    workbook = Workbook()
    workbook.create_sheet("work_logs").append(["cadre", "day", "written_on"])
    sheet = workbook["work_logs"]
    sheet.append(["C2", date(2026, 3, 3), date(2026, 3, 3)])
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    workbook.save(path)
    bring(session, path)
    assert one(session, WorkLog).day == date(2026, 3, 3)


def test_files_that_are_no_workbooks(session: Session, tmp_path: Path) -> None:
    whole = book(
        tmp_path / "whole.xlsx", expenses=[EXPENSE, *([["B3", "C2", "甲", 1, "x", True]] * 500)]
    )
    content = whole.read_bytes()
    path = tmp_path / "b.xlsx"
    damaged = bytearray(content)
    middle = content.index(b"xl/worksheets/sheet1.xml") + 60
    damaged[middle : middle + 40] = b"\0" * 40
    for bad in (
        b"",
        b"PK\x03\x04",
        b"code,name\n1,2\n",
        content[: len(content) // 2],
        bytes(damaged),
    ):
        path.write_bytes(bad)
        (line,) = refusal(session, path)
        place = re.fullmatch(r"b\.xlsx(\[\w+\])?:1: -: (.+)", line)
        assert place is not None, line
        assert "no workbook (.xlsx), or it is damaged" in place[2]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "no workbook")
    assert len(refusal(session, path)) == 1


SHEET = "xl/worksheets/sheet1.xml"


def altered(path: Path, change: Callable[[bytes], bytes | None]) -> Path:
    """The workbook with its first sheet changed by hand, or without it."""
    changed = path.with_name("b.xlsx")
    deflated = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w", deflated) as target:
        for name in source.namelist():
            content = source.read(name)
            kept = change(content) if name == SHEET else content
            if kept is not None:
                target.writestr(name, kept)
    return changed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _sheet: None, "or it is damaged"),
        (lambda sheet: sheet.replace(b'<row r="2"', b'<row r="1048577"'), "or it is damaged"),
        (lambda sheet: sheet + b" " * 150_000_000, "too large when unpacked"),
    ],
    ids=["sheet missing", "row beyond the last", "bomb"],
)
def test_workbooks_made_to_mislead(
    session: Session, tmp_path: Path, change: Callable[[bytes], bytes | None], words: str
) -> None:
    rows: list[list[object]] = [["asset", "counted_on"], [None, None]]
    whole = book(tmp_path / "whole.xlsx", asset_counts=rows)
    (line,) = refusal(session, altered(whole, change))
    assert words in line


def test_an_archive_that_points_before_its_beginning(session: Session, tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", cadres=[["code", "name"]])
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\x05\x06")
    # The directory is said to lie further back than it does, so that every offset is negative.
    offset = int.from_bytes(content[end + 16 : end + 20], "little") + 100_000
    content[end + 16 : end + 20] = offset.to_bytes(4, "little")
    path.write_bytes(content)
    (line,) = refusal(session, path)
    assert "or it is damaged" in line


def test_entities_are_not_expanded(session: Session, tmp_path: Path) -> None:
    whole = book(tmp_path / "whole.xlsx", cadres=[["code", "name"]])
    path = tmp_path / "b.xlsx"
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, bomb if name.endswith("sheet1.xml") else source.read(name))
    (line,) = refusal(session, path)
    assert "no workbook (.xlsx), or it is damaged" in line


def test_a_chinese_workbook_made_by_hand(session: Session, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["编号", "姓名", "组织", "职业化", "到岗日期"],
        ["C5", "赵六", "F1", "是", date(2026, 1, 5)],
    ]
    bring(session, book(tmp_path / "b.xlsx", cadres=rows))
    cadre = one(session, Cadre, code="C5")
    assert (cadre.professional, cadre.joined_on) == (True, date(2026, 1, 5))
