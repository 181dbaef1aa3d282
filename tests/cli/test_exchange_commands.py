"""The commands import, export and template, as a person runs them."""

from pathlib import Path

import pytest

from tests.exchange.importing import WORLD, write
from tiesan.testing.command import Tiesan

REFUSED = WORLD.parent / "refused"


def test_import_export_and_import_again(tiesan: Tiesan, database_url: str, tmp_path: Path) -> None:
    done = tiesan("import", WORLD, database=database_url)
    assert "cadres.csv: 3 added, 0 changed, 0 unchanged\n" in done.stdout
    assert done.stderr == ""
    again = tiesan("import", WORLD, database=database_url, lang="zh")
    assert "cadres.csv：新增 0 行，修改 0 行，未变 3 行\n" in again.stdout
    exported = tiesan("export", "out.xlsx", database=database_url)
    assert "cadres: 3 rows\n" in exported.stdout
    unchanged = tiesan("import", "out.xlsx", database=database_url)
    assert "out.xlsx[cadres]: 0 added, 0 changed, 3 unchanged\n" in unchanged.stdout


def test_a_dry_run_stores_nothing(tiesan: Tiesan, sqlite_url: str) -> None:
    dry = tiesan("import", WORLD, "--dry-run", database=sqlite_url)
    assert "cadres.csv: 3 added" in dry.stdout
    assert "Dry run: nothing was stored.\n" in dry.stdout
    assert "cadres.csv: 3 added" in tiesan("import", WORLD, database=sqlite_url).stdout


def test_problems_go_to_standard_error_line_by_line(tiesan: Tiesan, sqlite_url: str) -> None:
    case = REFUSED / "cadre_left_before_joining"
    done = tiesan("import", case, database=sqlite_url, status=1)
    assert done.stdout == ""
    line = "cadres.csv:2: left_on: lies before the day of joining; found: 2020-01-01"
    first, second = done.stderr.splitlines()
    assert first.startswith("cadres.csv:2: organization: there is no such row")
    assert second == line
    tiesan("import", WORLD, database=sqlite_url)
    done = tiesan("import", case, database=sqlite_url, status=1)
    assert done.stderr.splitlines() == [line]
    chinese = tiesan("import", case, "--lang", "zh", database=sqlite_url, status=1)
    assert chinese.stderr == "cadres.csv:2: left_on: 不得早于到岗日期；实为：2020-01-01\n"


@pytest.mark.parametrize(
    "words", [["import", "nowhere"], ["import", "file.txt"], ["export", "file.txt"]]
)
def test_paths_that_cannot_be_used(tiesan: Tiesan, sqlite_url: str, words: list[str]) -> None:
    (tiesan.folder / "file.txt").write_text("x")
    assert words[1] in tiesan(*words, database=sqlite_url, status=1).stderr


@pytest.mark.parametrize(
    "words", [["import", str(WORLD)], ["export", "out"], ["plugins", "list"], ["user", "list"]]
)
def test_a_database_that_is_not_initialised(
    tiesan: Tiesan, empty_database_url: str, words: list[str]
) -> None:
    done = tiesan(*words, database=empty_database_url, status=1)
    assert done.stderr == "The database is not initialised: run `tiesan init-db` first.\n"


@pytest.mark.parametrize("words", [["init-db"], ["evaluate"], ["user", "list"]])
def test_a_file_that_is_no_database(tiesan: Tiesan, words: list[str]) -> None:
    path = tiesan.folder / "notes.txt"
    path.write_text("no database at all, and longer than a header " * 9)
    done = tiesan(*words, database=f"sqlite:///{path}", status=1)
    assert done.stderr == "The database cannot be used: file is not a database\n"


def test_the_template_needs_no_database(tiesan: Tiesan, sqlite_url: str) -> None:
    assert "t.xlsx" in tiesan("template", "t.xlsx", database="sqlite:////nowhere/x").stdout
    tiesan("import", "t.xlsx", database=sqlite_url)
    tiesan("template", "t.txt", status=2)


def test_an_empty_folder_says_so(tiesan: Tiesan, sqlite_url: str) -> None:
    folder = write(tiesan.folder / "nothing")
    assert "nothing was imported" in tiesan("import", folder, database=sqlite_url).stdout
