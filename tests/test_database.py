"""Connections: what SQLite needs to be trusted, and transactions that read and then write."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tiesan.config import read_database_url
from tiesan.database import begin_reading, begin_writing, make_engine, open_session


def test_sqlite_keeps_foreign_keys_and_a_write_ahead_log(sqlite_url: str) -> None:
    with open_session(read_database_url(sqlite_url)) as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("foreign_keys", "journal_mode", "busy_timeout")
        }
        assert found == {"foreign_keys": 1, "journal_mode": "wal", "busy_timeout": 30_000}
        columns = "cadre_id, organization_id, from_on"
        with pytest.raises(IntegrityError):
            session.execute(
                text(f"INSERT INTO posting ({columns}) VALUES (404, 404, '2026-01-01')")
            )


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "file.sqlite"
    with open_session(read_database_url(f"sqlite:///{file}")) as session:
        session.execute(text("CREATE TABLE x (y)"))
        session.commit()
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes
    assert set(modes.values()) == {0o600}


def test_the_folder_of_a_file_is_created(tmp_path: Path) -> None:
    url = read_database_url(f"sqlite:///{tmp_path}/new/folder/file.sqlite")
    with open_session(url) as session:
        session.execute(text("CREATE TABLE x (y)"))
    assert (tmp_path / "new" / "folder" / "file.sqlite").exists()


def test_what_is_not_committed_is_gone(sqlite_url: str) -> None:
    url = read_database_url(sqlite_url)
    with open_session(url) as session:
        session.execute(text("INSERT INTO role (name) VALUES ('ghost')"))
    with open_session(url) as session:
        assert session.scalar(text("SELECT count(*) FROM role WHERE name = 'ghost'")) == 0


def test_who_begins_writing_keeps_others_from_writing(sqlite_url: str) -> None:
    first, second = (make_engine(read_database_url(sqlite_url)) for _ in range(2))
    with Session(first) as one, Session(second) as two:
        begin_writing(one)
        # Readers go on meanwhile.
        assert two.scalar(text("SELECT count(*) FROM role")) == 4
        two.rollback()
        two.execute(text("PRAGMA busy_timeout=1"))
        two.rollback()
        with pytest.raises(OperationalError, match="locked"):
            begin_writing(two)
        two.rollback()
        one.rollback()
        begin_writing(two)
    first.dispose()
    second.dispose()


def test_a_reader_sees_one_state(database_url: str) -> None:
    first, second = (make_engine(read_database_url(database_url)) for _ in range(2))
    count = text("SELECT count(*) FROM role")
    with Session(first) as reader, Session(second) as writer:
        begin_reading(reader)
        before = reader.scalar(count)
        writer.execute(text("INSERT INTO role (name) VALUES ('new')"))
        writer.commit()
        assert reader.scalar(count) == before
        reader.rollback()
        assert reader.scalar(count) == (before or 0) + 1
    first.dispose()
    second.dispose()
