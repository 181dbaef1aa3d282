"""Engines and sessions for commands, and what a SQLite connection needs to be trusted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

_BUSY_MILLISECONDS = 30_000
_BEGIN = "sqlite_begin"
_IMPATIENT = "sqlite_impatient"


def make_engine(url: URL) -> Engine:
    """Return an engine for an address; the folder of a SQLite file is created."""
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        Path(str(url.database)).absolute().parent.mkdir(0o700, parents=True, exist_ok=True)
    # An error names its statement in the log, and nothing of what was to be stored.
    engine = create_engine(url, hide_parameters=True)
    prepare_engine(engine)
    return engine


def prepare_engine(engine: Engine) -> None:
    """Give every new SQLite connection foreign keys, a write-ahead log and real transactions.

    Other databases have them. A new file is for its owner alone, and what SQLite puts beside it as
    well. It is to be called once per engine, before its first connection.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _create_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _create_private(
    _dialect: Dialect, _entry: ConnectionPoolEntry, given: list[Any], _named: dict[str, Any]
) -> None:
    """Make the file that is to be opened, if it is one and not there; SQLite lets others read."""
    file = str(given[0])
    if file not in {"", ":memory:"} and not file.startswith("file:"):
        Path(file).touch(mode=0o600)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if not isinstance(connection, SQLiteConnection):
        message = "a SQLite engine gave a connection of another kind"
        raise TypeError(message)
    # The driver would begin a transaction only before the first write, so that two reads of one
    # transaction could see different states; SQLAlchemy's own BEGIN below takes its place.
    connection.isolation_level = None
    for pragma in (
        "PRAGMA foreign_keys=ON",
        f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=NORMAL",
    ):
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = f"BEGIN {options.get(_BEGIN, 'DEFERRED')}"
    if not options.get(_IMPATIENT, False):
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


def begin_writing(session: Session, *, patient: bool = True) -> None:
    """Begin a transaction that reads and then writes; to be called before the session's first use.

    SQLite takes the write lock at once, because a transaction that has read cannot take it any
    more after another one has written. Whoever is not ``patient`` gets an OperationalError at once
    when somebody else is writing. On PostgreSQL it is an ordinary transaction.
    """
    session.connection(execution_options={_BEGIN: "IMMEDIATE", _IMPATIENT: not patient})


def begin_storing(session: Session) -> None:
    """End what a session has read so far, and begin a transaction that writes.

    Whoever has asked the database for a form and checked what it sent calls this when everything
    is ready to be stored, so that nobody else waits meanwhile. Rows that were loaded are read anew.
    """
    session.rollback()
    begin_writing(session)


@contextmanager
def begin_impatiently(connection: Connection) -> Iterator[None]:
    """Write in a transaction on a connection of its own; commit it at the end.

    Raises OperationalError at once where somebody else is writing, on SQLite; on PostgreSQL after
    a moment.
    """
    if connection.dialect.name == "sqlite":
        connection = connection.execution_options(**{_BEGIN: "IMMEDIATE", _IMPATIENT: True})
    with connection.begin():
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
        yield


def is_writing(session: Session) -> bool:
    """Whether the session's transaction may write without being refused for what it has read."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return True
    return connection.get_execution_options().get(_BEGIN) == "IMMEDIATE"


def begin_reading(session: Session) -> None:
    """Begin a transaction whose statements all see one state; before the session's first use.

    SQLite's transactions always do.
    """
    dialect = session.get_bind().dialect.name
    options = {"isolation_level": "REPEATABLE READ"} if dialect == "postgresql" else {}
    session.connection(execution_options=options)


@contextmanager
def open_session(url: URL) -> Iterator[Session]:
    """Open a session on the database at an address, for the length of a command.

    The caller commits; what is not committed is rolled back. Nothing is created or migrated.
    """
    engine = make_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
