"""`tiesan audit`: what it prints and how it exits; heads that are written down each day."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.audit.conftest import ACTOR, AT
from tiesan.audit import Subject, record_entry, remove_contents
from tiesan.scheduler.heads import HEADS_NOT_WRITTEN, keep_heads
from tiesan.scheduler.work import FAILED, Work
from tiesan.testing.command import Tiesan

DAY = date(2026, 3, 9)


def forge(engine: Engine, *statements: str) -> None:
    """Change the database past the application."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for statement in statements:
            connection.execute(text(statement))


def work(engine: Engine) -> Work:
    """A run of the job on a day."""
    return Work(engine, None, DAY, {}, ACTOR, AT, lambda _step, _steps: None)


def test_what_is_in_order_is_said_and_what_was_forged_is_named(
    tiesan: Tiesan, database_url: str, engine: Engine, districts: list[int]
) -> None:
    good = tiesan("audit", "verify", database=database_url).stdout.splitlines()
    assert [line.partition(":")[0] for line in good] == ["Installation", "Q1", "Q2"]
    assert good[1].startswith("Q1: in order, number 5, hash ")
    only = tiesan("audit", "verify", "--district", "Q2", database=database_url).stdout
    assert only.splitlines() == good[2:]
    link = f"SELECT entry_id FROM audit_link WHERE chain = {districts[0]} AND number = 3"
    with engine.connect() as connection:
        entry = connection.scalar(text(link))
    forge(engine, f"UPDATE audit_entry SET object_code = 'B9' WHERE id = {entry}")
    found = tiesan("audit", "verify", database=database_url, status=1).stdout.splitlines()
    assert found == [
        good[0],
        f"Q1 · number 3 · entry {entry} · update · expense · 2026-03-03 09:02:03 · changed",
        good[2],
    ]
    chinese = tiesan("audit", "verify", database=database_url, status=1, lang="zh").stdout
    assert f"第 3 号 · 记录 {entry}" in chinese
    unknown = tiesan("audit", "verify", "--district", "Q9", database=database_url, status=1)
    assert unknown.stderr == "There is no district with the code Q9.\n"


def test_a_cut_end_is_found_by_the_heads_of_the_daily_run(
    tiesan: Tiesan,
    database_url: str,
    engine: Engine,
    districts: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "elsewhere" / "heads.txt"
    monkeypatch.setenv("TIESAN_AUDIT_HEADS", str(file))
    assert keep_heads(work(engine)) == {"heads": 3}
    assert file.stat().st_mode & 0o077 == 0
    with Session(engine) as session:
        record_entry(session, ACTOR, "look", Subject("flag", 1, None, districts[0]), at=AT)
        remove_contents(session, ACTOR, AT + timedelta(1), None, rule="trail 36", at=AT)
        session.commit()
    assert keep_heads(work(engine)) == {"heads": 3}
    lines = file.read_text().splitlines()
    assert lines[3:] == [
        line.replace(line.partition("\t")[0], "2026-03-09")
        for line in tiesan("audit", "heads", database=database_url).stdout.splitlines()
    ]
    assert [line.split("\t")[2:4] for line in lines] == [
        ["-", "3"], ["Q1", "5"], ["Q2", "5"], ["-", "3"], ["Q1", "6"], ["Q2", "5"],
    ]  # fmt: skip
    tiesan("audit", "verify", "--heads", str(file), database=database_url)
    last = f"chain = {districts[0]} AND number = 6"
    before = f"SELECT hash FROM audit_link WHERE chain = {districts[0]} AND number = 5"
    forge(
        engine,
        f"UPDATE audit_head SET number = 5, hash = ({before}) WHERE chain = {districts[0]}",
        f"CREATE TABLE cut AS SELECT entry_id FROM audit_link WHERE {last}",
        f"DELETE FROM audit_link WHERE {last}",
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM cut)",
    )
    tiesan("audit", "verify", database=database_url)
    words = "audit", "verify", "--heads", str(file)
    cut = tiesan(*words, database=database_url, status=1).stdout.splitlines()
    assert cut[1] == "Q1 · number 6 · the end was cut off (now it ends with number 5)"


def test_heads_that_cannot_be_written_stop_nothing_and_are_said(
    engine: Engine,
    districts: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert districts
    monkeypatch.setenv("TIESAN_AUDIT_HEADS", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert keep_heads(work(engine)) == {"heads": 0, FAILED: HEADS_NOT_WRITTEN}
    assert "heads of the audit trail were not written" in caplog.text


@pytest.mark.parametrize("line", ["2026-03-09\t1\tQ1\t5", "2026-03-09\tQ1\tQ1\t5\tab", "x"])
def test_a_file_that_holds_no_heads_is_refused_by_its_line(
    tiesan: Tiesan, sqlite_url: str, tmp_path: Path, line: str
) -> None:
    file = tmp_path / "heads.txt"
    file.write_text(f"\n{line}\n", "utf-8")
    words = "audit", "verify", "--heads", str(file)
    refused = tiesan(*words, database=sqlite_url, status=1)
    assert refused.stderr.startswith("heads.txt, line 2 is no head of a chain")
