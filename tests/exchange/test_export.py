"""Exports: the same files back, the same bytes each time, and an import of them changes nothing."""

import csv
import stat
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Expense
from tests.exchange.importing import AT, CATALOG, WORLD, all_rows, bring, write
from tiesan.errors import UserError
from tiesan.people.models import Organization
from tiesan.records.exchange.exporting import ExportScope, export_path
from tiesan.records.exchange.files import exchange_files

ODD = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "'quoted",
    'say "x", y',
    "two\nlines",
    "007",
    "1e5",
    "2026-03-01",
    "TRUE",
    "_x0041_",
    "a\tb",
    "😀𠮷",
    "<&>",
    "null",
)


def with_odd_texts(session: Session, folder: Path) -> None:
    """Store texts that a spreadsheet would like to change, and rows of many kinds."""
    with (write(folder) / "conflicts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "organization", "opened_on", "summary"])
        writer.writerows([text, "F1", "2026-03-01", text] for text in ODD)
    write(
        folder,
        expenses="code,cadre,payee,amount,spent_on\nB2,C2,甲,90071992547409.91,2026-03-01\n"
        "B3,C2,甲,0.07,2026-03-01\nB4,C2,甲,1234567890123.45,2026-03-01\n",
        attendance="cadre,day,clock_in,clock_out\nC2,1899-12-31,00:00,23:59\n"
        "C2,9999-12-31,12:00,\nC2,1900-01-01,,\nC2,0001-01-01,,\n",
        calendar_exceptions="day,kind,name\n2026-03-07,working,调休\n",
        responsibility_letters="code,cadre,year,signed_on\nZ1,C2,2026,2026-01-05\n",
        leaves="code,cadre,kind,first_day,first_half,last_day\nL1,C2,sick,2026-03-05,pm,2026-03-06\n",
    )
    bring(session, folder)


def facts(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """All rows but for the audit trail and for what bookkeeping adds."""
    rows = all_rows(session)
    for table in ("audit_entry", "audit_head", "audit_link"):
        del rows[table]
    return rows


@pytest.mark.parametrize("name", ["out", "out.xlsx"])
def test_importing_an_export_changes_nothing(either: Session, tmp_path: Path, name: str) -> None:
    with_odd_texts(either, tmp_path / "odd")
    before = all_rows(either)
    export_path(either, tmp_path / name, CATALOG.plugins.records)
    assert bring(either, tmp_path / name).changes == 0
    assert all_rows(either) == before


@pytest.mark.parametrize("name", ["out", "out.xlsx"])
def test_an_export_fills_an_empty_database(
    session: Session, empty: Session, tmp_path: Path, name: str
) -> None:
    with_odd_texts(session, tmp_path / "odd")
    export_path(session, tmp_path / name, CATALOG.plugins.records)
    bring(empty, tmp_path / name)
    export_path(session, tmp_path / "first", CATALOG.plugins.records)
    export_path(empty, tmp_path / "second", CATALOG.plugins.records)
    for path in sorted((tmp_path / "first").iterdir()):
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["folder", "book.xlsx"])
def test_an_export_is_for_its_owner_alone(session: Session, tmp_path: Path, name: str) -> None:
    export_path(session, tmp_path / name, CATALOG.plugins.records)
    out = tmp_path / name
    files = list(out.iterdir()) if out.is_dir() else [out]
    assert files
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_there_is_one_file_per_kind_in_a_fixed_order(either: Session, tmp_path: Path) -> None:
    numbers = export_path(either, tmp_path / "out", CATALOG.plugins.records)
    assert list(numbers) == [file.stem for file in exchange_files(CATALOG.plugins.records)]
    assert numbers["cadres"] == 3
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{stem}.csv" for stem in numbers
    }
    lines = (tmp_path / "out" / "organizations.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "code,name,kind,parent,founded_on,dissolved_on,tracked_from,chair"
    assert lines[1].startswith("E1,一号企业工会,enterprise,F1,2012-06-01,,,")
    assert [line.split(",")[0] for line in lines[1:]] == ["E1", "F1", "F2", "Q1", "Q2"]
    expenses = (tmp_path / "out" / "expenses.csv").read_text(encoding="utf-8-sig").splitlines()
    assert expenses[1] == "B1,C2,铁山打印店,印刷,200.00,2026-03-01,2026-03-01,2026-03-05,true,"


def test_texts_leave_raw(session: Session, tmp_path: Path) -> None:
    with_odd_texts(session, tmp_path / "odd")
    export_path(session, tmp_path / "out", CATALOG.plugins.records)
    with (tmp_path / "out" / "conflicts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["summary"] for row in csv.DictReader(file)} == set(ODD)


def test_a_workbook_has_typed_cells_and_no_formulas(session: Session, tmp_path: Path) -> None:
    with_odd_texts(session, tmp_path / "odd")
    export_path(session, tmp_path / "out.xlsx", CATALOG.plugins.records)
    book = load_workbook(tmp_path / "out.xlsx")
    kinds = {cell.data_type for row in book["conflicts"].iter_rows(min_row=2) for cell in row}
    assert kinds <= {"s", "d", "n"}
    first = next(book["expenses"].iter_rows(min_row=2))
    amount, spent_on, receipt = (first[place].value for place in (4, 5, 8))
    assert (amount, spent_on, receipt) == (200, datetime(2026, 3, 1), True)  # noqa: DTZ001


def test_voided_rows_stay_behind(session: Session, tmp_path: Path) -> None:
    expense = session.scalars(select(Expense).filter_by(code="B1")).one()
    expense.voided_at, expense.void_reason = AT, "录错了"
    session.commit()
    assert export_path(session, tmp_path / "out", CATALOG.plugins.records)["expenses"] == 1


def test_a_district_and_some_kinds_alone(session: Session, tmp_path: Path) -> None:
    district = session.scalars(select(Organization).filter_by(code="Q2")).one()
    scope = ExportScope(frozenset({district.id}), frozenset({"conduct_report"}))
    numbers = export_path(session, tmp_path / "out", CATALOG.plugins.records, scope=scope)
    assert (numbers["organizations"], numbers["cadres"], numbers["expenses"]) == (2, 1, 1)
    assert not {"conduct_reports", "parameters", "calendar_exceptions"} & set(numbers)


def test_an_older_export_is_replaced(session: Session, tmp_path: Path) -> None:
    out = write(tmp_path / "out", cadres="old", other="kept")
    export_path(session, out, CATALOG.plugins.records)
    assert (out / "cadres.csv").read_text(encoding="utf-8-sig").startswith("code,name")
    assert (out / "other.csv").read_text() == "kept"
    assert not list(out.glob("*.part"))


def test_a_file_that_is_no_folder_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("mine")
    with pytest.raises(UserError, match=r"out\.txt"):
        export_path(session, tmp_path / "out.txt", CATALOG.plugins.records)
    assert (tmp_path / "out.txt").read_text() == "mine"


def test_the_world_comes_back(empty: Session, tmp_path: Path) -> None:
    bring(empty, WORLD)
    before = facts(empty)
    export_path(empty, tmp_path / "out", CATALOG.plugins.records)
    bring(empty, tmp_path / "out")
    assert facts(empty) == before
