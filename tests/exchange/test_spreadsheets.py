"""What spreadsheet programs make of lists: read where it is plain, refused where it is not.

Each folder of ``spreadsheets/`` has what was there (``first``), and what a program made of it.
"""

from datetime import date, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Attendance, Expense
from tests.exchange.importing import all_rows, bring, counts, write
from tiesan.i18n import use_language
from tiesan.people.models import Cadre
from tiesan.records.exchange.problems import ImportRefused, remark_lines
from tiesan.records.exchange.report import ImportReport
from tiesan.records.settings import RuleParameterValue

FOLDER = Path(__file__).parent / "spreadsheets"


def prepared(session: Session, case: str) -> Path:
    """The folder of a case whose ``first`` has been imported."""
    bring(session, FOLDER / case / "first")
    return FOLDER / case


def refusal(session: Session, path: Path) -> list[str]:
    """The English lines of a refused import, which changes nothing."""
    before = all_rows(session)
    with use_language("en"), pytest.raises(ImportRefused) as refused:
        bring(session, path)
    assert all_rows(session) == before
    return refused.value.lines


def brought(session: Session, path: Path) -> tuple[ImportReport, list[str]]:
    """Import in English; returns the report and the lines of its remarks."""
    with use_language("en"):
        report = bring(session, path)
        return report, remark_lines(report.remarks)


def attendance(session: Session) -> list[tuple[date, time | None, time | None, bool]]:
    """What is stored of attendance, by day."""
    rows = session.scalars(select(Attendance).order_by(Attendance.day, Attendance.id))
    return [(row.day, row.clock_in, row.clock_out, row.clock_out_next_day) for row in rows]


# --- codes ---------------------------------------------------------------------------------------


def test_mangled_codes_are_refused_with_what_they_look_like(empty: Session) -> None:
    lines = refusal(empty, prepared(empty, "mangled-codes") / "again")
    assert [line.partition(": ")[0] for line in lines] == [
        f"cadres.csv:{number}" for number in (2, 3, 4, 5)
    ]
    assert "stored is: 015" in lines[0]
    assert "exponent; found: 1.20203E+11" in lines[1]
    assert "no room" in lines[2]
    assert "stored is: HB-7" in lines[3]


@pytest.mark.parametrize(
    ("stored", "found", "meant"),
    [
        ("007", "7", "007"),
        ("7", "007", "7"),
        ("ab", "AB", "ab"),
        ("Ａb", "aB", "Ab"),
        ("110101000000", "1.10101E+11", "110101000000"),
    ],
)
def test_a_new_code_that_looks_like_a_stored_one(
    session: Session, tmp_path: Path, stored: str, found: str, meant: str
) -> None:
    heading = "code,organization,opened_on"
    bring(session, write(tmp_path / "1", conflicts=f"{heading}\n{stored},F1,2026-03-01\n"))
    again = write(tmp_path / "2", conflicts=f"{heading}\n{found},F1,2026-03-01\n")
    (line,) = refusal(session, again)
    assert line.endswith(f"stored is: {meant}; found: {found}")


def test_other_codes_are_taken(session: Session, tmp_path: Path) -> None:
    codes = ("1E5", "1e+5", "#1", "E+5", "70", "B#")
    rows = "".join(f"{code},F1,2026-03-01\n" for code in ("7", *codes))
    text = f"code,organization,opened_on\n{rows}"
    assert brought(session, write(tmp_path, conflicts=text))[1] == []
    assert bring(session, tmp_path).changes == 0


def test_two_new_codes_of_one_file_that_look_alike_get_a_remark(
    session: Session, tmp_path: Path
) -> None:
    text = "code,organization,opened_on\n07,F1,2026-03-01\n7,F1,2026-03-01\n"
    report, (line,) = brought(session, write(tmp_path, conflicts=text))
    assert counts(report) == {"conflicts": (2, 0, 0)}
    assert line.startswith("conflicts.csv:3: code: please check: two new codes")
    assert brought(session, tmp_path)[1] == []


def test_characters_that_nobody_sees_make_no_other_person(empty: Session) -> None:
    report = bring(empty, prepared(empty, "invisible-characters") / "again")
    assert counts(report) == {"cadres": (0, 0, 3)}
    assert sorted(empty.scalars(select(Cadre.name))) == sorted(["顾青山", "秦雨", "何冰"])


def test_references_are_codes(session: Session, tmp_path: Path) -> None:
    text = "code,cadre,payee,amount,spent_on\nＢ88,\u200eＣ2,新（一）店\u00a0二,1,2026-03-01\n"
    bring(session, write(tmp_path, expenses=text))
    expense = session.scalars(select(Expense).filter_by(code="B88")).one()
    assert (expense.cadre.code, expense.payee) == ("C2", "新（一）店\u00a0二")


@pytest.mark.parametrize(
    "unseen", ["\u200d", "\u180e", "\u061c", "\u2028", "\u3164", "\u2800", "\ufe0f", "\U000e0100"]
)
def test_nothing_that_leaves_no_mark_is_part_of_a_code(
    session: Session, tmp_path: Path, unseen: str
) -> None:
    heading = "code,name,organization,professional,joined_on"
    folder = write(tmp_path, cadres=f"{heading}\nC{unseen}2,李四,F1,true,2012-01-01\n")
    assert counts(bring(session, folder))["cadres"][0] == 0


def test_what_leaves_no_mark_is_shown_where_it_was_found(session: Session, tmp_path: Path) -> None:
    text = "code,cadre,payee,amount,spent_on\nB88,C2,店,3\u3164\ufe0f5,2026-03-01\n"
    (line,) = refusal(session, write(tmp_path, expenses=text))
    assert line.endswith("found: 3\\u3164\\ufe0f5")


# --- dates, times, separators --------------------------------------------------------------------


def test_dates_and_times_as_spreadsheets_write_them(empty: Session) -> None:
    folder = prepared(empty, "dates-and-times-rewritten")
    bring(empty, folder / "input")
    days = [date(2026, 4, day) for day in (7, 8, 9, 10, 13, 14)]
    assert attendance(empty) == [(day, time(8, 15), time(17, 40), False) for day in days]
    lines = refusal(empty, folder / "ambiguous")
    assert [line[: line.index(" ")] for line in lines] == [
        f"attendance.csv:{number}:" for number in (2, 3, 4)
    ]


@pytest.mark.parametrize("name", ["semicolon", "tab", "utf-16"])
def test_other_separators_and_utf_16(empty: Session, name: str) -> None:
    bring(empty, prepared(empty, "other-separators") / name)
    day = date(2026, 4, 14)
    assert attendance(empty) == [
        (day, time(8, 12), time(17, 36), False),
        (day, time(8, 13), time(17, 37), False),
    ]
    if name == "semicolon":
        assert empty.scalars(select(Expense.payee)).all() == ["一店, 二店"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_both_orders_of_utf_16(session: Session, tmp_path: Path, encoding: str) -> None:
    text = "\ufeffcode;organization;opened_on;summary\r\nX1;F1;2026-03-01;甲，乙\r\n"
    (tmp_path / "conflicts.csv").write_bytes(text.encode(encoding))
    assert counts(bring(session, tmp_path)) == {"conflicts": (1, 0, 0)}


def test_damaged_utf_16(session: Session, tmp_path: Path) -> None:
    text = "\ufeffcode;organization\r\nX1;F1\r\n"
    (tmp_path / "conflicts.csv").write_bytes(text.encode("utf-16-le") + b"\x00\xd8\x41")
    (line,) = refusal(session, tmp_path)
    assert line == "conflicts.csv:3: -: this is no valid UTF-16 text"


def test_what_was_found_is_shown_with_what_nobody_sees(empty: Session) -> None:
    (line,) = refusal(empty, prepared(empty, "what-was-found") / "input")
    assert line.startswith("expenses.csv:2: amount: ")
    assert line.endswith("found: 35\\u200e.0元")


@pytest.mark.parametrize(
    ("written", "stored"), [("8:45", "08:45"), ("8：45", "08:45"), ("08:45:00", "08:45")]
)
def test_values_of_parameters_as_spreadsheets_write_them(
    session: Session, tmp_path: Path, written: str, stored: str
) -> None:
    text = f"rule,name,from,value\ndiscipline.late,work_start,2026/7/1,{written}\n"
    assert counts(bring(session, write(tmp_path, parameters=text))) == {"parameters": (1, 0, 0)}
    asked = select(RuleParameterValue.value).filter_by(valid_from=date(2026, 7, 1))
    assert session.scalars(asked).all() == [stored]
    assert counts(bring(session, tmp_path)) == {"parameters": (0, 0, 1)}


def test_a_time_of_the_next_day_is_no_value_of_a_parameter(
    session: Session, tmp_path: Path
) -> None:
    text = "rule,name,from,value\ndiscipline.late,work_start,2026/7/1,24:30\n"
    (line,) = refusal(session, write(tmp_path, parameters=text))
    assert line.startswith("parameters.csv:2: value: '24:30' is no time")


# --- workbooks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "sheet"), [("hidden", "leaves"), ("very-hidden", "_cfg")])
def test_hidden_sheets_are_left_alone_and_named(empty: Session, name: str, sheet: str) -> None:
    report, (line,) = brought(empty, prepared(empty, "hidden-sheets") / f"{name}.xlsx")
    assert counts(report) == {"attendance": (1, 0, 0)}
    assert line.startswith(f"{name}.xlsx[{sheet}]:1: -: please check: ")
    assert "hidden" in line.partition("please check")[2]


def test_the_strict_dialect_is_read(empty: Session) -> None:
    report = bring(empty, prepared(empty, "strict-workbook") / "strict.xlsx")
    assert counts(report) == {"attendance": (1, 0, 0)}
    assert len(attendance(empty)) == 1


def test_a_workbook_in_which_nothing_is_recognised(empty: Session) -> None:
    (line,) = refusal(empty, prepared(empty, "strict-workbook") / "nothing.xlsx")
    assert line.startswith("nothing.xlsx:1: -: nothing in this workbook was recognised")


def test_a_book_of_hidden_sheets_says_so(session: Session, tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("leaves").sheet_state = "hidden"
    book.save(tmp_path / "draft.xlsx")
    (line,) = refusal(session, tmp_path / "draft.xlsx")
    assert line.startswith("draft.xlsx:1: -: nothing in this workbook was recognised")
    assert line.endswith("hidden sheets are left alone: [leaves]")


def test_the_name_of_a_sheet_is_shown_with_what_nobody_sees(
    session: Session, tmp_path: Path
) -> None:
    book = Workbook()
    book.create_sheet("moods\u200b").append(["mood"])
    book.save(tmp_path / "b.xlsx")
    (line,) = refusal(session, tmp_path / "b.xlsx")
    assert line.startswith("b.xlsx[moods\\u200b]:1: -: no file")


def test_hours_beyond_the_day(empty: Session) -> None:
    folder = prepared(empty, "hours-over-24-in-a-cell")
    bring(empty, folder / "night.xlsx")
    ((_day, _came, went, next_day),) = attendance(empty)
    assert (went, next_day) == (time(2, 30), True)
    (line,) = refusal(empty, folder / "wrong.xlsx")
    assert line.endswith("clock_in: no time (HH:MM); found: 24:20")


# --- clock-outs of the next day ------------------------------------------------------------------

ROW = "cadre,day,clock_in,clock_out,clock_out_next_day\nC2,2026-04-14"


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        ("08:20,24:00,", (time(0), True)),
        ("08:20,29:59,", (time(5, 59), True)),
        ("08:20,次日00:40,true", (time(0, 40), True)),
        ("08:20,次日8：05,是", (time(8, 5), True)),
        ("22:00,06:00,true", (time(6), True)),
        ("08:20,08:21,false", (time(8, 21), False)),
        (",00:40,", (time(0, 40), False)),
    ],
)
def test_a_clock_out_says_its_day(
    session: Session, tmp_path: Path, cells: str, stored: tuple[time, bool]
) -> None:
    bring(session, write(tmp_path, attendance=f"{ROW},{cells}\n"))
    assert attendance(session)[-1][2:] == stored


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("08:20,30:00,", "clock_out"),
        ("24:20,25:00,", "clock_in"),
        ("次日08:20,,", "clock_in"),
        ("08:20,24:40,false", "clock_out"),
        ("08:20,08:20,", "clock_out"),
        ("08:20,08:19,false", "clock_out"),
        ("08:20,2026-04-15 00:40,", "clock_out"),
    ],
)
def test_a_clock_out_that_cannot_be(
    session: Session, tmp_path: Path, cells: str, column: str
) -> None:
    (line,) = refusal(session, write(tmp_path, attendance=f"{ROW},{cells}\n"))
    assert line.startswith(f"attendance.csv:2: {column}: ")
    assert not line.endswith(":00:00")


def test_a_file_without_the_column_of_the_next_day(session: Session, tmp_path: Path) -> None:
    """The day goes with the time: the same time stays where it was, another one says its own."""
    bring(session, write(tmp_path / "1", attendance=f"{ROW},22:00,02:10,true\n"))
    for number, (cells, stored) in enumerate(
        [
            ("22:00,02:10", (time(2, 10), True)),
            ("21:00,02:10", (time(2, 10), True)),
            ("21:00,24:10", (time(0, 10), True)),
            ("08:00,17:40", (time(17, 40), False)),
        ]
    ):
        text = f"cadre,day,clock_in,clock_out\nC2,2026-04-14,{cells}\n"
        bring(session, write(tmp_path / f"again{number}", attendance=text))
        assert attendance(session)[-1][2:] == stored
