"""With the ninth plugin installed, every command knows what it adds, and nothing names it."""

import gettext
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
from babel.messages.pofile import read_po

from tests.ninth.conftest import INSTALLED, RECORDS, Command
from tests.ninth.stored import FLAGS, evaluated, flags, records, tables
from tiesan.paths import PACKAGE
from tiesan.translations.build import marked_texts

REPOSITORY = PACKAGE.parent
PLUGIN = INSTALLED / "tiesan_hardship"
TABLES = {"alembic_version_hardship", "hardship_case", "hardship_visit"}
RULES = {flag[0] for flag in FLAGS}


def test_nothing_of_the_application_names_it() -> None:
    named = [
        path
        for folder in ("tiesan", "plugins", "rules", "migrations")
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in {".py", ".yaml", ".toml", ".html", ".po", ".js"}
        and "hardship" in path.read_text(encoding="utf-8").lower()
    ]
    assert named == []


def test_its_tables_are_created_behind_those_that_are_there(
    with_ninth: Command, database_url: str
) -> None:
    assert tables(database_url) == set()
    printed = with_ninth("init-db", database=database_url).stdout
    assert printed == "Brought to the newest schema: hardship\n"
    assert tables(database_url) == TABLES


def test_an_empty_database_gets_them_with_all_others(
    with_ninth: Command, empty_database_url: str
) -> None:
    assert "hardship" in with_ninth("init-db", database=empty_database_url).stdout
    assert tables(empty_database_url) == TABLES


def test_it_is_listed_with_where_it_comes_from(with_ninth: Command, stored: str) -> None:
    english = with_ninth("plugins", "list", database=stored).stdout
    assert "hardship\tAid to workers in hardship\ttiesan-hardship 1.0\tenabled\n" in english
    chinese = with_ninth("plugins", "list", database=stored, lang="zh").stdout
    assert "hardship\t困难职工帮扶\ttiesan-hardship 1.0\t已启用\n" in chinese
    assert len(english.splitlines()) == 9


def test_its_rules_are_listed_checked_tested_and_explained(with_ninth: Command) -> None:
    listed = json.loads(with_ninth("rules", "list", "--format", "json").stdout)
    assert {rule["id"] for rule in listed if rule["plugin"] == "hardship"} == RULES
    assert f"{PLUGIN / 'rules.yaml'}: 3 rules, no problem" in with_ninth("rules", "check").stdout
    words = with_ninth("rules", "test", PLUGIN / "rules.yaml").stdout
    assert words == f"{PLUGIN / 'rules.yaml'}: 7 tests, 0 failed\n"
    explained = with_ninth("rules", "explain", "hardship.case_unvisited", lang="zh").stdout
    assert "困难职工未及时走访" in explained
    assert "建档日期" in explained
    assert "in_post: boolean [derived]" in with_ninth("rules", "facts").stdout


def test_the_template_has_its_sheets_in_chinese(with_ninth: Command, tmp_path: Path) -> None:
    with_ninth("template", tmp_path / "template.xlsx", lang="zh")
    workbook = openpyxl.load_workbook(tmp_path / "template.xlsx")
    headings = [cell.value for cell in workbook["hardship_cases"][1]]
    assert headings == ["编号", "组织", "困难职工", "致困原因", "建档日期", "脱困日期", "摘要"]


def test_its_records_go_out_as_they_came_in(
    with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    with_ninth("export", tmp_path / "out", database=stored)
    for name in ("hardship_cases.csv", "hardship_visits.csv"):
        exported = (tmp_path / "out" / name).read_text(encoding="utf-8-sig")
        assert exported == (RECORDS / name).read_text(encoding="utf-8")
    again = with_ninth("import", tmp_path / "out", database=stored).stdout
    assert "hardship_cases.csv: 0 added, 0 changed, 3 unchanged" in again
    assert "hardship_visits.csv: 0 added, 0 changed, 3 unchanged" in again


def test_a_bad_row_of_its_files_is_refused(
    with_ninth: Command, stored: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "hardship_visits.csv").write_text("case,visited_on,aid\nK9,2026-03-01,-5\n")
    before = records(stored)
    refused = with_ninth("import", bad, database=stored, status=1).stderr
    assert "hardship_visits.csv:2: case:" in refused
    assert "hardship_visits.csv:2: aid:" in refused
    assert records(stored) == before


def test_its_rules_flag_and_clear(with_ninth: Command, stored: str, tmp_path: Path) -> None:
    assert evaluated(with_ninth, stored) == FLAGS
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    (corrections / "hardship_visits.csv").write_text(
        "case,visited_on,visitor\nK1,2026-03-10,C2\nK2,2026-02-05,C2\nK3,2026-03-31,\n",
        encoding="utf-8",
    )
    with_ninth("import", corrections, database=stored)
    assert evaluated(with_ninth, stored) == []
    assert [flag[2:4] for flag in flags(stored)] == [(False, "condition")] * 3


def test_the_demo_has_its_records(with_ninth: Command, stored: str, tmp_path: Path) -> None:
    fresh = f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    with_ninth("demo", "--no-evaluate", database=fresh)
    assert all(records(fresh).values())


def test_its_own_tests_pass_where_nothing_else_is(tmp_path: Path) -> None:
    """They inherit from ``tiesan.testing`` and need nothing of the application's own tests."""
    packages = shutil.copytree(INSTALLED, tmp_path / "packages")
    tests = packages / "tiesan_hardship/tests"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", tests],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_text_of_it_has_its_chinese() -> None:
    folder = PLUGIN / "translations/zh_Hans_CN/LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        given = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    with (folder / "messages.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in given} == given
    with (PACKAGE / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        shared = {str(message.id) for message in read_po(file) if message.id}
    marked = {text for (text, _plural), _place in marked_texts(PLUGIN)}
    assert marked - shared == set(given)
