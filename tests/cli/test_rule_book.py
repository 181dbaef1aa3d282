"""`tiesan rules import`, `publish`, `history` and `export`: moving rules between installations."""

import json
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.flags.published import LOCAL, UNAPPROVED
from tests.rulebook.texts import with_tests
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.flags.versions import RuleVersion
from tiesan.testing.command import Tiesan


def both(folder: Path) -> Path:
    """A file with two rules: one of the house, and a version of a shipped one."""
    second = with_tests(UNAPPROVED, 300).partition("rules:\n")[2]
    file = folder / "ours.yaml"
    file.write_text(f"# Ours.\n{with_tests()}\n  # The limit.\n{second}", encoding="utf-8")
    return file


def test_rules_are_imported_published_listed_and_exported(
    tiesan: Tiesan, sqlite_url: str, tmp_path: Path
) -> None:
    def rules(*words: str | Path, status: int = 0) -> str:
        done = tiesan("rules", *words, database=sqlite_url, status=status)
        return done.stderr if status else done.stdout

    file, out = both(tmp_path), tmp_path / "out"
    assert rules("import", file).splitlines() == [
        f"{LOCAL}: version 1 is a draft now.",
        f"{UNAPPROVED}: version 1 is a draft now.",
    ]
    assert "left out: 2" in rules("import", file)
    since = ("--from", "2026-07-01")
    assert "needs a reason" in rules("publish", LOCAL, "--from", "2020-01-01", status=1)
    rules("publish", LOCAL, *since, "--reason", "文件〔2026〕3号")
    rules("publish", UNAPPROVED, "--from", "2099-01-01")
    assert "no draft" in rules("publish", LOCAL, *since, status=1)
    found = json.loads(rules("history", UNAPPROVED, "--format", "json"))
    assert [(each["number"], each["in_force"], each["state"]) for each in found] == [
        (0, True, "shipped"),
        (1, False, "published"),
    ]
    assert "文件〔2026〕3号" in rules("history", LOCAL)
    assert LOCAL in rules("list")
    assert LOCAL in rules("explain", LOCAL)
    rules("export", out)
    assert (out / f"{LOCAL}.yaml").read_text(encoding="utf-8") == with_tests()
    assert "rule" in rules("check", out / f"{LOCAL}.yaml")
    # Another installation takes what this one has.
    with Session(make_engine(read_database_url(sqlite_url))) as session:
        session.execute(update(RuleVersion).values(text="plugin: ["))
        session.commit()
    assert LOCAL in rules("check", status=1)


def test_nothing_is_stored_where_one_of_them_is_wrong(
    tiesan: Tiesan, sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(with_tests(), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(with_tests("discipline.big"), encoding="utf-8")
    refused = tiesan("rules", "import", tmp_path, database=sqlite_url, status=1)
    assert "discipline.local_<name>" in refused.stderr or "local_" in refused.stderr
    assert "unknown rule" in tiesan("rules", "history", LOCAL, database=sqlite_url, status=1).stderr


def test_a_package_has_no_rule_of_the_house(tiesan: Tiesan, tmp_path: Path) -> None:
    file = tmp_path / "hardship.yaml"
    file.write_text(with_tests(), encoding="utf-8")
    named = "plugins.discipline:plugin"
    refused = tiesan("rules", "check", file, "--plugin", named, status=1)
    assert "rules of the house" in refused.stderr
