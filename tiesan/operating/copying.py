"""Copies of a database by its own means, while it is in use: SQLite's backup, and `pg_dump`.

A copy is of one state: what is stored while it is made is in it as a whole or not at all.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, func, inspect, select, table, text
from sqlalchemy.orm import Session

from tiesan.database import make_engine
from tiesan.discovery import load_plugins
from tiesan.errors import UserError
from tiesan.i18n import _
from tiesan.operating.archive import open_private
from tiesan.operating.manifest import Snapshot
from tiesan.operating.trail import heads_of
from tiesan.schema import current_revision, parts

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# What a copy is called in an archive.
MEMBERS = {SQLITE: "database/tiesan.sqlite", POSTGRESQL: "database/tiesan.dump"}

_WAIT_SECONDS = 30
# Variables of libpq that would speak of another database than the address does.
_LIBPQ = "PG"


def copy_database(url: URL, path: Path) -> Snapshot:
    """Copy a database into a new file; returns what is in the copy.

    Raises UserError when the database is damaged, and when the program that copies it is not there
    or fails.
    """
    open_private(path).close()
    if url.get_backend_name() == SQLITE:
        return _copy_sqlite(url, path)
    return _copy_postgresql(url, path)


# --- SQLite ---------------------------------------------------------------------------------------


def _copy_sqlite(url: URL, path: Path) -> Snapshot:
    with (
        _telling(),
        closing(sqlite3.connect(str(url.database), _WAIT_SECONDS)) as source,
        closing(sqlite3.connect(path)) as copy,
    ):
        # All at once: between two pieces somebody would write, and it would begin anew.
        source.backup(copy)
        # The copy is one file, without a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise UserError(_("The database is damaged: %(reason)s", reason=(found or "?")[0]))
    return look_at(URL.create(SQLITE, database=str(path)))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise UserError(_("The database cannot be copied: %(reason)s", reason=error)) from error


# --- PostgreSQL -----------------------------------------------------------------------------------


def _copy_postgresql(url: URL, path: Path) -> Snapshot:
    engine = make_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            # What is counted is what the program copies, whatever is written meanwhile.
            state = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={state}")
            run_program("pg_dump", url, (*words, f"--file={path}"))
            return _snapshot(connection)
    finally:
        engine.dispose()


def run_program(name: str, url: URL, words: Sequence[str]) -> None:
    """Run a program of PostgreSQL on a database; raises UserError with what it says when it fails.

    The password is not among its words, which everybody on the machine can read.
    """
    program = shutil.which(name)
    if program is None:
        text = _("%(program)s is not installed: it belongs to PostgreSQL's client programs "
                 "(Debian: apt-get install postgresql-client).")  # fmt: skip
        raise UserError(text % {"program": name})
    done = subprocess.run(
        [program, "--dbname", connection_words(url), "--no-password", *words],
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [name]
        raise UserError([_("%(program)s failed:", program=name), *(f"  {line}" for line in said)])


def connection_words(url: URL) -> str:
    """Return where a database is in the words of libpq, without the password."""
    given = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    said = {name: str(value) for name, value in given.items() if value is not None}
    return make_conninfo(**said, **{name: str(value) for name, value in url.query.items()})


def _environment(url: URL) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(_LIBPQ)}
    password = {} if url.password is None else {"PGPASSWORD": str(url.password)}
    # What it says is looked at by persons and by tests alike.
    return kept | password | {"LC_MESSAGES": "C"}


# --- what is in it --------------------------------------------------------------------------------


def look_at(url: URL) -> Snapshot:
    """Return what is in a database."""
    engine = make_engine(url)
    try:
        return look_through(engine)
    finally:
        engine.dispose()


def look_through(engine: Engine) -> Snapshot:
    """Return what is in the database of an engine."""
    with engine.connect() as connection:
        return _snapshot(connection)


def _snapshot(connection: Connection) -> Snapshot:
    revisions = {
        part.name: current_revision(connection, part) or "" for part in parts(load_plugins())
    }
    counts = {
        name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0)
        for name in sorted(inspect(connection).get_table_names())
    }
    with Session(connection) as session:
        heads = heads_of(session)
    return Snapshot(connection.dialect.name, revisions, counts, heads)
