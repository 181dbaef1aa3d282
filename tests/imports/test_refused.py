"""Bad files: the page says what the command says, word by word, and where it is in the sheet."""

import zipfile
from pathlib import Path

from flask import Flask
from openpyxl import Workbook, load_workbook

from tests.clocks.bringing import plain
from tests.exchange.test_refused import CASES
from tests.imports.bringing import everything, exported
from tiesan.audit import COMMAND_LINE
from tiesan.clock import now
from tiesan.database import begin_writing
from tiesan.extensions import db
from tiesan.flags.catalog import installed_catalog
from tiesan.flags.parameter_check import parameter_check
from tiesan.i18n import CHINESE, use_language
from tiesan.records.exchange.importing import ImportOptions, import_path
from tiesan.records.exchange.problems import ImportRefused
from tiesan.testing.world import World


def by_command(app: Flask, path: Path) -> list[str]:
    """What the command says of a folder or a workbook."""
    catalog = installed_catalog()
    options = ImportOptions(catalog.plugins.records, parameter_check(catalog), now())
    with app.app_context(), use_language(CHINESE):
        begin_writing(db.session())
        try:
            import_path(db.session(), COMMAND_LINE, path, options)
        except ImportRefused as refused:
            return refused.lines
        finally:
            db.session.rollback()
    return []


def test_every_bad_folder_gives_the_lines_of_the_command(
    lite_app: Flask, lite_world: World
) -> None:
    before, one = exported(lite_app), everything(lite_app, "admin")
    for case in CASES:
        wanted = by_command(lite_app, case)
        assert wanted, case
        one.folder(case)
        assert one.state == "refused", case
        preview = one.files.read_preview()
        assert preview["lines"] == wanted[:200], case
        assert preview["problem_count"] == len(wanted), case
    assert exported(lite_app) == before


def test_problems_stand_beside_their_cells_and_come_back_as_comments(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    book, path = Workbook(), tmp_path / "报销.xlsx"
    sheet = book.active
    assert sheet is not None
    sheet.title = "expenses"
    for row in (["code", "cadre", "payee", "amount", "spent_on"],
                ["E9", "CO", "书店", "1.234", "2026-03-20"],
                ["E10", "谁", "书店", "1", "2026-03-20"]):  # fmt: skip
        sheet.append(row)
    book.save(path)
    one = everything(lite_app, "admin")
    page = plain(one.choose(path).text)
    assert "1.234 小数超过两位；实为：1.234" in page, page
    answer = one.who.get(f"{one.address}/marked.xlsx")
    (tmp_path / "marked.xlsx").write_bytes(answer.data)
    book = load_workbook(tmp_path / "marked.xlsx")
    marked = book["expenses"]
    said = {cell.coordinate: cell.comment.text for row in marked for cell in row if cell.comment}
    assert sorted(said) == ["B3", "D2"]
    assert "小数超过两位" in said["D2"]
    assert [cell.value for cell in marked[3]] == ["E10", "谁", "书店", "1", "2026-03-20"]
    # Mended, it is taken as it stands.
    marked["D2"], marked["B3"] = "1.23", "CB"
    book.save(tmp_path / "mended.xlsx")
    assert "2 条新增" in plain(one.choose(tmp_path / "mended.xlsx").text)


def test_what_cannot_be_read_or_does_not_go_together(
    lite_app: Flask, lite_world: World, tmp_path: Path
) -> None:
    one = everything(lite_app, "admin")
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (110 << 20))
    one.choose(bomb)
    assert one.state == "refused"
    assert one.files.read_preview()["lines"] == by_command(lite_app, bomb)
    (tmp_path / "a.csv").write_text("x")
    # More than a form without files holds.
    (tmp_path / "b.xls").write_bytes(b"x" * (3 << 20))
    assert "不能混选" in one.choose(bomb, tmp_path / "a.csv").text
    assert "既不是存放 CSV 文件的文件夹" in one.choose(tmp_path / "b.xls").text
    assert "没有" in one.choose(tmp_path / "b.xls", as_folder=True).text
