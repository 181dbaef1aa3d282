"""A command loads what it needs: those that evaluate nothing of the web, and no workbooks.

Python itself says what a child process imported.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tiesan.testing.command import Tiesan

WEB = {
    "flask",
    "flask_admin",
    "flask_babel",
    "flask_login",
    "flask_security",
    "flask_sqlalchemy",
    "flask_wtf",
    "werkzeug",
    "wtforms",
}
WORKBOOKS = {"openpyxl"}
# What speaks to servers outside: for the process alone that sends.
SENDING = {"apprise", "requests", "urllib3", "smtplib"}
REPORTING = {"PYTHONPROFILEIMPORTTIME": "1"}
_MARK = "import time:"


def loaded(tiesan: Tiesan, *words: str | Path, database: str | None = None) -> set[str]:
    """The top-level packages that a command imported."""
    printed = tiesan(*words, database=database, env=REPORTING).stderr
    lines = (line for line in printed.splitlines() if line.startswith(_MARK))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    "words",
    [
        ("init-db",),
        ("evaluate",),
        ("rules", "list"),
        ("rules", "check"),
        ("rules", "test"),
        ("rules", "facts"),
        ("parameter", "set", "discipline.expense_unapproved", "threshold", "300", "--from",
         "2026-01-01"),
        ("plugins", "list"),
        ("user", "list"),
        ("import", "."),
        ("export", "out"),
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_a_command_that_shows_no_page_loads_no_web(
    tiesan: Tiesan, sqlite_url: str, words: tuple[str, ...]
) -> None:
    found = loaded(tiesan, *words, database=sqlite_url)
    assert {"tiesan", "click", "sqlalchemy"} <= found
    assert found & (WEB | WORKBOOKS | SENDING) == set()
    # Plugins are read by every command, what they only name by none of these.
    assert "plugins" in found


def test_a_workbook_is_read_and_written_with_its_library(
    tiesan: Tiesan, sqlite_url: str, tmp_path: Path
) -> None:
    book = tmp_path / "out.xlsx"
    for words in (("export", book), ("import", book), ("template", tmp_path / "template.xlsx")):
        found = loaded(tiesan, *words, database=sqlite_url)
        assert found >= WORKBOOKS
        assert found & WEB == set()


@pytest.mark.parametrize("module", ["tiesan.app", "tiesan.scheduler.child"])
def test_what_serves_and_what_evaluates_load_nothing_that_sends(module: str) -> None:
    words = [sys.executable, "-c", f"import {module}"]
    done = subprocess.run(
        words, env=os.environ | REPORTING, capture_output=True, text=True, check=True
    )
    lines = (line for line in done.stderr.splitlines() if line.startswith(_MARK))
    found = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert "tiesan" in found
    assert found & (SENDING - {"smtplib"}) == set()
