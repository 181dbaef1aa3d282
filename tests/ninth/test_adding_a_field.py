"""The page on adding a field, done to the letter on a database that has records."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from tests.docs.pages import DOCS, fences, shell_lines
from tests.ninth.conftest import INSTALLED, Command
from tests.ninth.stored import rows
from tests.ninth.test_web import browse
from tiesan.testing.command import Tiesan
from tiesan.testing.world import PASSWORD

PAGE = DOCS / "adding-a-field.md"
_NOTE = re.compile(r'(?P<file>\S+), (?:below "(?P<line>[^"]+)"|(?P<how>new|at the end))')


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A copy of the plugin with the field that the page adds."""
    folder = shutil.copytree(INSTALLED, tmp_path / "packages")
    for note, language, sample in fences(PAGE):
        if language != "sh":
            _apply(folder, note, sample)
    [line] = shell_lines(PAGE)
    program, *words = line.split()
    assert program == "pybabel"
    _run(folder, "babel.messages.frontend", *words)
    return folder


def _apply(folder: Path, note: str, sample: str) -> None:
    found = _NOTE.fullmatch(note)
    assert found is not None, note
    file = folder / found["file"]
    if found["how"] == "new":
        assert not file.exists()
        file.write_text(sample, encoding="utf-8")
        return
    text = file.read_text(encoding="utf-8")
    if found["how"] == "at the end":
        file.write_text(text + sample, encoding="utf-8")
        return
    [above] = [line for line in text.splitlines() if line.startswith(found["line"])]
    file.write_text(text.replace(f"{above}\n", f"{above}\n{sample}"), encoding="utf-8")


def _run(folder: Path, module: str, *words: str | Path, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def where(packages: Path) -> Mapping[str, str]:
    """The variables with which a child process has that copy installed."""
    return {"PYTHONPATH": str(packages)}


@pytest.fixture
def command(tiesan: Tiesan, where: Mapping[str, str]) -> Command:
    """The command where that copy is installed."""
    return partial(tiesan, env=where)


def test_a_database_with_records_gets_the_field_and_everything_knows_it(
    command: Command, stored: str, tmp_path: Path
) -> None:
    assert command("init-db", database=stored).stdout == "Brought to the newest schema: hardship\n"
    out = tmp_path / "out"
    command("export", out, database=stored)
    file = out / "hardship_cases.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "code,organization,worker,cause,people,opened_on,closed_on,summary"
    assert lines[1] == "K1,E1,陈桂英,illness,,2025-12-30,,长期透析"
    for number in (0, 21):
        file.write_text(f"{lines[0]}\n{lines[1].replace(',,', f',{number},', 1)}\n")
        refused = command("import", out, database=stored, status=1).stderr
        assert "hardship_cases.csv:2: people:" in refused
    file.write_text(f"{lines[0]}\n{lines[1].replace(',,', ',20,', 1)}\n")
    command("import", out, database=stored)
    kept = "SELECT people FROM hardship_case ORDER BY code"
    assert rows(stored, kept) == [(20,), (None,), (None,)]
    assert "people: integer · People in the household" in command("rules", "facts").stdout
    command("template", tmp_path / "template.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "template.xlsx")["hardship_cases"]
    assert [cell.value for cell in sheet[1]][4] == "家庭人口数"


def test_forms_and_pages_show_it(
    command: Command, stored: str, where: Mapping[str, str], tmp_path: Path
) -> None:
    command("init-db", database=stored)
    role = ("--role", "supervisor", "--organization", "D1")
    words = ("user", "create", "reader", *role, "--password-stdin")
    command(*words, database=stored, stdin=f"{PASSWORD}\n")
    form, page = browse(
        stored,
        tmp_path,
        "/records/hardship_case/new/",
        "/records/hardship_case/details/?id=1",
        where=where,
    )
    for status, text in (form, page):
        assert status == 200
        assert "家庭人口数" in text


def test_the_history_leads_to_what_the_classes_say(packages: Path) -> None:
    tests = packages / "tiesan_hardship/tests/test_inherited.py"
    words = ("-q", "-p", "no:cacheprovider", "-k", "Migrations", tests)
    _run(packages, "pytest", *words, PYTHONPATH=str(packages))
