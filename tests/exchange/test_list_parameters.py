"""Lists as values of parameters in parameters.csv: one cell each, and the same cell back."""

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.exchange.importing import AT, write
from tests.list_parameters import WATCHED_RULE, catalog_with_lists
from tiesan.audit import COMMAND_LINE
from tiesan.flags.catalog import Catalog
from tiesan.flags.parameter_check import parameter_check
from tiesan.flags.services import set_parameter
from tiesan.i18n import use_language
from tiesan.records.exchange.exporting import export_path
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.exchange.problems import ImportRefused
from tiesan.records.exchange.report import ImportReport
from tiesan.records.settings import LONGEST_VALUE, RuleParameterValue
from tiesan.rules.item_list import LONGEST_CELL

HEADING = "rule,name,from,value,reason\n"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """The installation with a rule that has lists."""
    return catalog_with_lists(tmp_path)


def bring(session: Session, catalog: Catalog, folder: Path) -> ImportReport:
    options = ImportOptions(catalog.plugins.records, parameter_check(catalog), AT)
    report = import_path(session, COMMAND_LINE, folder, options)
    session.commit()
    return report


def values(session: Session) -> dict[str, str]:
    rows = session.scalars(
        select(RuleParameterValue).where(RuleParameterValue.rule == WATCHED_RULE)
    )
    return {row.name: row.value for row in rows}


def test_a_column_holds_the_longest_list() -> None:
    assert LONGEST_VALUE == LONGEST_CELL


@pytest.mark.parametrize("suffix", ["", ".xlsx"])
def test_export_and_import_change_nothing(
    either: Session, catalog: Catalog, tmp_path: Path, suffix: str
) -> None:
    long = [f"{number:02}" + '"' * 198 for number in range(49)]
    cell = "甲；乙\n 丙 ;" + ";".join(f'"{each.replace(chr(34), 2 * chr(34))}"' for each in long)
    folder = write(tmp_path / "in")
    with (folder / "parameters.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING.strip().split(","))
        writer.writerow([WATCHED_RULE, "payees", "2026-03-01", cell, ""])
        writer.writerow([WATCHED_RULE, "kinds", "2026-03-01", "office；chairs", "换"])
    assert bring(either, catalog, folder).changes == 2
    stored = values(either)
    assert stored["payees"].startswith('甲;乙;丙;"00""')
    assert stored["kinds"] == "office;chairs"
    out = tmp_path / f"out{suffix}"
    export_path(either, out, catalog.plugins.records)
    assert bring(either, catalog, out).changes == 0
    assert values(either) == stored


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("payees", "；;", "at least one item"),
        ("payees", "甲;甲", "'甲' stands in the list twice"),
        ("payees", '"甲 ""乙;"', "put it in double quotes"),
        ("kinds", "chairs;party", "'party'"),
        ("mark", "票" * 201, "longer than 200 characters"),
    ],
)
def test_a_cell_that_is_no_list_is_refused(
    either: Session, catalog: Catalog, tmp_path: Path, name: str, cell: str, words: str
) -> None:
    row = f"{WATCHED_RULE},{name},2026-03-01,{cell},\n"
    folder = write(tmp_path / "in", parameters=HEADING + row)
    with use_language("en"), pytest.raises(ImportRefused) as refused:
        bring(either, catalog, folder)
    [problem] = refused.value.problems
    assert problem.column == "value"
    assert words in problem.text
    assert values(either) == {}


def test_a_list_is_set_as_it_is_exported(either: Session, catalog: Catalog) -> None:
    row = set_parameter(
        COMMAND_LINE,
        either,
        catalog,
        rule=WATCHED_RULE,
        name="payees",
        value=" 乙\r\n甲\u200b；",
        valid_from=date(2026, 3, 1),
        now=AT,
    )
    assert row.value == "乙;甲"
