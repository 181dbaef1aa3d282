"""A database that a newer program has migrated: every command says so in one line, and no more."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.testing.command import Tiesan

SAID = "The database is newer than this program ({parts}): update the program.\n"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("import", "."),
    ("export", "out"),
    ("demo", "--quiet"),
    ("scheduler",),
    ("run-due",),
    ("plugins", "list"),
    ("plugins", "disable", "study"),
    ("plugins", "remove", "study", "--yes"),
    ("parameter", "set", "study.absent", "x", "1", "--from", "2026-01-01"),
    ("user", "list"),
    ("audit", "verify"),
    ("audit", "heads"),
    ("user", "create", "boss", "--role", "administrator", "--password-stdin"),
)


def _migrated_by_a_newer_program(url: str, *parts: str) -> str:
    """Have a database stand at revisions that nobody knows yet."""
    engine = make_engine(read_database_url(url))
    with engine.begin() as connection:
        for part in parts:
            connection.execute(text(f"UPDATE alembic_version_{part} SET version_num = '9001'"))
    engine.dispose()
    return url


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("init-db",), ("evaluate",)])
def test_a_process_says_so_and_ends(
    words: tuple[str, ...], database_url: str, tmp_path: Path
) -> None:
    newer = _migrated_by_a_newer_program(database_url, "core", "study")
    tiesan = Tiesan(tmp_path, as_child=True)
    refused = tiesan(*words, database=newer, status=1)
    assert (refused.stdout, refused.stderr) == ("", SAID.format(parts="core, study"))
    chinese = tiesan(*words, database=newer, status=1, lang="zh").stderr
    assert chinese == "数据库比本程序新（core, study）：请升级程序。\n"


def test_so_do_all_other_commands(tiesan: Tiesan, sqlite_url: str) -> None:
    newer = _migrated_by_a_newer_program(sqlite_url, "study")
    for words in COMMANDS:
        refused = tiesan(*words, database=newer, status=1, stdin="long enough\n")
        assert refused.stderr == SAID.format(parts="study"), words
