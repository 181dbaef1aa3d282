"""The template: Chinese headings, a note on every column, lists, and it imports as nothing."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from plugins.discipline.models import Leave
from tests.exchange.importing import CATALOG, all_rows, bring
from tiesan.records.exchange.files import exchange_files
from tiesan.records.exchange.headers import chinese_labels
from tiesan.records.exchange.template import write_template


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template as a file."""
    path = tmp_path / "template.xlsx"
    write_template(path, CATALOG.plugins.records)
    return path


@pytest.fixture
def book(template: Path) -> Workbook:
    """The template as a spreadsheet program reads it."""
    return load_workbook(template)


def test_headings_are_unique_chinese_texts() -> None:
    for file in exchange_files(CATALOG.plugins.records):
        labels = chinese_labels(file)
        assert len(set(labels)) == len(labels), file.stem
        assert not any(label.isascii() for label in labels), labels
        assert not set(labels) & set(file.position), file.stem


def test_every_column_has_a_heading_and_a_note(book: Workbook) -> None:
    assert book.sheetnames == [file.stem for file in exchange_files(CATALOG.plugins.records)]
    for file in exchange_files(CATALOG.plugins.records):
        headings = book[file.stem][1]
        assert tuple(cell.value for cell in headings) == chinese_labels(file)
        for cell, field in zip(headings, file.fields, strict=True):
            assert cell.comment is not None
            note = cell.comment.text.splitlines()
            assert note[0] == field.name
            assert note[1] == ("必填。" if field.required else "可以不填。")
            assert len(note) >= 3


def test_choices_and_booleans_have_lists(book: Workbook) -> None:
    found = {
        (title, str(each.sqref).split(":")[0]): each.formula1
        for title in book.sheetnames
        for each in book[title].data_validations.dataValidation
    }
    assert found["organizations", "C2"] == '"区总工会,联合会,企业工会"'
    assert found["cadres", "E2"] == '"是,否"'
    assert all(len(formula) <= 257 for formula in found.values())


def test_left_empty_it_imports_as_nothing(session: Session, template: Path) -> None:
    before = all_rows(session)
    report = bring(session, template)
    assert report.changes == 0
    assert len(report.files) == len(exchange_files(CATALOG.plugins.records))
    assert all_rows(session) == before


def test_filled_in_it_is_imported(session: Session, template: Path, book: Workbook) -> None:
    sheet = book["leaves"]
    filled: tuple[str | date, ...] = (
        "L1",
        "C2",
        "公出",
        date(2026, 3, 5),
        "下午",
        date(2026, 3, 6),
    )
    for cell, value in zip(sheet[2], filled, strict=False):
        cell.value = value
    book.save(template)
    bring(session, template)
    leave = session.scalars(select(Leave)).one()
    assert (leave.kind, leave.first_half, leave.last_day) == ("official", "pm", date(2026, 3, 6))
