"""Remarks on what is hardly meant: of new and changed rows alone, and counted if many are alike."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.exchange.importing import bring, write
from tests.exchange.test_spreadsheets import brought

LEAVES = "code,cadre,kind,first_day,first_half,last_day,last_half\n"
LOGS = "cadre,day,written_on\n"
EXPENSES = "code,cadre,payee,amount,spent_on\n"


def places(lines: list[str]) -> list[str]:
    """File, line and column of each remark."""
    return [line.partition(": please check")[0] for line in lines]


@pytest.mark.parametrize(
    ("one", "other", "doubted"),
    [
        ("2026-03-02,,2026-03-04,", "2026-03-04,,2026-03-05,", True),
        ("2026-03-02,,2026-03-04,", "2026-03-05,,2026-03-05,", False),
        ("2026-03-02,,2026-03-04,am", "2026-03-04,pm,2026-03-05,", False),
        ("2026-03-02,,2026-03-04,am", "2026-03-04,,2026-03-05,", True),
        ("2026-03-02,,2026-03-09,", "2026-03-04,,2026-03-04,am", True),
        ("2026-03-04,,2026-03-04,am", "2026-03-02,,2026-03-09,", True),
    ],
)
def test_leaves_that_overlap(
    either: Session, tmp_path: Path, one: str, other: str, *, doubted: bool
) -> None:
    both = write(tmp_path / "both", leaves=f"{LEAVES}L1,C2,sick,{one}\nL2,C2,annual,{other}\n")
    _report, lines = brought(either, both)
    assert places(lines) == (["leaves.csv:3: first_day"] if doubted else [])
    assert brought(either, both)[1] == []
    later = write(tmp_path / "later", leaves=f"{LEAVES}L3,C2,other,{other}\n")
    _report, lines = brought(either, later)
    assert places(lines) == ["leaves.csv:2: first_day"]


def test_leaves_of_different_cadres_do_not_overlap(session: Session, tmp_path: Path) -> None:
    days = "sick,2026-03-02,,2026-03-04,"
    folder = write(tmp_path, leaves=f"{LEAVES}L1,C2,{days}\nL2,C1,{days}\n")
    assert brought(session, folder)[1] == []


def test_only_what_is_new_or_changed_is_remarked_on(session: Session, tmp_path: Path) -> None:
    heading = "code,cadre,payee,amount,spent_on\n"
    bring(session, write(tmp_path / "1", expenses=f"{heading}X1,C2,甲,0,2026-03-02\n"))
    rows = "X1,C2,甲,0.00,2026-03-02\nX2,C2,甲,0.00,2026-03-02\nX3,C2,甲,0.01,2026-03-02\n"
    _report, lines = brought(session, write(tmp_path / "2", expenses=f"{heading}{rows}"))
    assert places(lines) == ["expenses.csv:3: amount"]


def test_an_approval_of_nothing(session: Session, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        expenses=f"{EXPENSES}X1,C2,甲,1,2026-03-02\n",
        expense_approvals="code,expense,body,decision,amount,decided_on\n"
        "A1,X1,chair,approved,0.00,2026-03-02\nA2,X1,chair,approved,,2026-03-02\n",
    )
    assert places(brought(session, folder)[1]) == ["expense_approvals.csv:2: amount"]


def test_the_twenty_first_alike_is_counted(session: Session, tmp_path: Path) -> None:
    def file(name: str, number: int) -> Path:
        rows = "".join(f"{name}{each},C2,甲,0,2026-03-02\n" for each in range(number))
        return write(tmp_path / name, expenses=f"{EXPENSES}{rows}")

    assert len(brought(session, file("XA", 20))[1]) == 20
    _report, lines = brought(session, file("XB", 23))
    assert len(lines) == 21
    assert lines[-1] == "expenses.csv: amount: please check: an amount of 0.00 – 3 more alike"


def test_logs_and_postings_of_the_same_folder(session: Session, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        postings="cadre,organization,from,until\nC2,F1,2012-01-01,2026-02-28\nC2,E1,2026-06-01,\n",
        work_logs=f"{LOGS}C2,2026-02-28,2026-02-28\nC2,2026-03-01,2026-03-01\n"
        "C2,2026-05-31,2026-06-01\nC2,2026-06-01,2026-06-01\nC2,2011-12-31,2026-06-01\n",
    )
    _report, lines = brought(session, folder)
    assert places(lines) == [f"work_logs.csv:{number}: day" for number in (3, 4, 6)]


def test_attendance_on_days_off_by_the_calendar_of_the_folder(
    session: Session, tmp_path: Path
) -> None:
    folder = write(
        tmp_path,
        calendar_exceptions="day,kind\n2026-03-07,working\n2026-03-09,off\n",
        attendance="cadre,day\nC2,2026-03-06\nC2,2026-03-07\nC2,2026-03-08\nC2,2026-03-09\n",
    )
    _report, lines = brought(session, folder)
    assert places(lines) == [f"attendance.csv:{number}: day" for number in (4, 5)]


@pytest.mark.parametrize(
    ("year", "doubted"), [("1899", True), ("1900", False), ("2100", False), ("2101", True)]
)
def test_years_that_nobody_means(
    session: Session, tmp_path: Path, year: str, *, doubted: bool
) -> None:
    text = f"code,organization,opened_on\nX1,F1,{year}-03-01\n"
    _report, lines = brought(session, write(tmp_path, conflicts=text))
    assert places(lines) == (["conflicts.csv:2: opened_on"] if doubted else [])


def test_the_first_and_the_last_day_of_a_posting_are_in_post(
    session: Session, tmp_path: Path
) -> None:
    left = "code,name,organization,professional,joined_on,left_on\nC2,李四,F1,true,{},{}\n"
    first, out = date(2026, 3, 2), date(2026, 3, 5)
    days = [first - timedelta(days=1), first, out - timedelta(days=1), out]
    rows = "".join(f"C2,{day},{day}\n" for day in days)
    folder = write(tmp_path, cadres=left.format(first, out), work_logs=f"{LOGS}{rows}")
    _report, lines = brought(session, folder)
    assert places(lines) == ["work_logs.csv:2: day", "work_logs.csv:5: day"]
