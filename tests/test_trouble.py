"""What ails a database, in one word: real errors of both drivers."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from tiesan.commits import Fate, fate_of
from tiesan.config import read_database_url
from tiesan.database import make_engine
from tiesan.trouble import Trouble, trouble_of


def _of(connection: Connection, *statements: str) -> Trouble | None:
    """What is said of the last of some statements."""
    for statement in statements[:-1]:
        connection.execute(text(statement))
    with pytest.raises(DBAPIError) as raised:
        connection.execute(text(statements[-1]))
    return trouble_of(raised.value)


def _sqlite(file: Path) -> Engine:
    return create_engine(f"sqlite:///{file}", isolation_level="AUTOCOMMIT")


def test_a_file_that_takes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    engine = _sqlite(Path(sqlite_url.removeprefix("sqlite:///")))
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 9999)"
    fill = f"CREATE TABLE more AS {numbers} SELECT x FROM n"
    with engine.connect() as connection:
        assert _of(connection, "PRAGMA max_page_count=1", fill) is Trouble.FULL
        assert _of(connection, "PRAGMA query_only=ON", fill) is Trouble.READ_ONLY
        # A mistake of the program is none of them.
        assert _of(connection, "SELECT nothing") is None
    with engine.connect() as first, engine.connect() as second:
        first.execute(text("PRAGMA query_only=OFF"))
        first.execute(text("BEGIN IMMEDIATE"))
        assert _of(second, "PRAGMA busy_timeout=1", "BEGIN IMMEDIATE") is Trouble.BUSY
        first.execute(text("ROLLBACK"))
    engine.dispose()
    (tmp_path / "none").write_text("no database, but long enough to be looked at " * 30)
    with _sqlite(tmp_path / "none").connect() as connection:
        assert _of(connection, "SELECT 1 FROM role") is Trouble.UNUSABLE


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_server_that_does_not_do_it(database_url: str) -> None:
    engine = make_engine(read_database_url(database_url))
    raised = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"
    expected = {
        "53100": Trouble.FULL,
        "53300": Trouble.BUSY,
        "58030": Trouble.UNUSABLE,
        "57P01": Trouble.LOST,
        "23505": None,
    }
    for state, trouble in expected.items():
        with engine.connect() as connection:
            assert _of(connection, raised.format(state)) is trouble, state
    with engine.connect() as connection:
        reads = "SET TRANSACTION READ ONLY"
        assert _of(connection, reads, "CREATE TABLE x (y int)") is Trouble.READ_ONLY
    with engine.connect() as connection:
        slow = ("SET LOCAL statement_timeout = 1", "SELECT pg_sleep(9)")
        assert _of(connection, *slow) is Trouble.BUSY
    with engine.connect() as connection:
        end = "SELECT pg_terminate_backend(pg_backend_pid())"
        assert _of(connection, end) is Trouble.LOST
    engine.dispose()
    nowhere = make_engine(read_database_url(database_url).set(port=1))
    with pytest.raises(DBAPIError) as refused, nowhere.connect():
        pass
    assert trouble_of(refused.value) is Trouble.LOST


def test_what_lies_behind_an_error_counts() -> None:
    locked = sqlite3.OperationalError("locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    behind = DBAPIError("SELECT 1", None, locked)
    seen = ValueError("of something else")
    seen.__context__ = behind
    behind.__context__ = seen
    assert trouble_of(seen) is Trouble.BUSY
    assert trouble_of(ProgrammingError("SELECT 1", None, ValueError())) is None


def test_a_session_that_has_stored_nothing_says_so(sqlite_url: str) -> None:
    engine = make_engine(read_database_url(sqlite_url))
    with Session(engine) as session:
        assert fate_of(session) is Fate.NOT_STORED
    engine.dispose()
